"""Simulators of others: gymnasium's robots in MuJoCo, Rewarped's Ant; and ours as gymnasium environments."""
