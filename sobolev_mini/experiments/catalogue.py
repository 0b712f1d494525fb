"""The experiments that ``python -m sobolev_mini run`` and ``sweep`` know."""

from sobolev_mini.experiments.runs import Experiment, evenly
from sobolev_mini.sac import SACConfig
from sobolev_mini.weighting import VALUE_ONLY, Balanced, Constant

METHODS = {
    "value_only": {"weighting": VALUE_ONLY},
    "paper": {"weighting": Constant(1.0, 0.1, bare=True)},  # its weights for the Ant, section 4
    "balanced": {"weighting": Balanced()},
}
# Contact asks for bounds. Nine in ten of the Ant's Jacobians are smaller than 15 under random actions.
BOUNDED = {
    "value_only": METHODS["value_only"],
    "paper": METHODS["paper"] | {"jacobian_clip": 15.0},
    "balanced": {"weighting": Balanced(bound=3.0), "jacobian_clip": 15.0},
}
ANT = SACConfig(
    steps=100_000,
    hidden=(256, 256),
    batch_size=256,
    critic_lr=3e-4,
    actor_lr=3e-4,
    discount=0.99,
    tau=0.005,
    start=5000,
    record=evenly(100_000, 40),
)
TRIAL = SACConfig(steps=400, hidden=(16, 16), batch_size=32, start=50, record=evenly(400, 8), episodes=2)

EXPERIMENTS = {
    "ant": Experiment("mujoco_ant", ANT, BOUNDED, (0, 1, 2, 3, 4)),
    "trial": Experiment("pendulum", TRIAL, METHODS, (0, 1)),  # half a minute, to see how it goes
}
