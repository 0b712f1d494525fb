"""What an actor-critic run is told."""

from dataclasses import dataclass

from sobolev_mini.losses import VALUE_ONLY, rule
from sobolev_mini.networks import ACTIVATIONS
from sobolev_mini.validate import one_of, real, recorded, seeds, setting, settings, whole, wholes


@dataclass(frozen=True)
class ControlConfig:
    """Settings that DDPG and SAC share; the defaults are value-only. A bad one raises ``ValueError``.

    Parameters
    ----------
    steps : environment steps a seed, of all its ``n_envs`` at once
    n_envs : environments that a seed steps side by side
    seeds : trained side by side; a seed fixes its own draws whatever the others are
    weighting : a rule of ``losses``; ``VALUE_ONLY`` is the plain algorithm
    hidden, activation : of actor and critics
    batch_size, critic_lr, actor_lr : of an update, by Adam
    slope_batch : samples of a batch whose slopes count, up to ``batch_size``; None for all. The buffer then
        keeps Jacobians of as large a share of the steps, and the simulator is asked for no others
    discount : gamma, in [0, 1)
    tau : share of the online weights that moves into the targets at an update
    start : environment steps of uniform actions before the first update
    updates : updates after every environment step from then on
    critics : 1, or 2 for twins
    twins : "min" or "mean", how the target takes two critics together
    actor_path : whether the target's slopes flow through the next action (paper, section 3.1)
    actor_slope : what the actor climbs: "critic", Q's slope in a, or "backup", that of the one-step
        backup through the simulator (Heess et al. 2015's SVG(1), with the true model)
    capacity : of the replay buffer; None for all of a run
    jacobian_clip : bound on the simulator's Jacobians, in units of the environment's scales, None for none;
        wants ``cached``
    cached : whether the buffer keeps Jacobians; else the simulator is asked at every sample
    episodes : evaluated at every record, from the same start states for every run
    record : environment steps at which the greedy policy is evaluated; None for 21 evenly spaced ones
    """

    steps: int = setting(5000, whole, low=1)
    n_envs: int = setting(1, whole, low=1)
    seeds: tuple = setting((0, 1, 2, 3, 4), seeds)
    weighting: object = setting(VALUE_ONLY, rule)
    hidden: tuple = setting((64, 64), wholes, low=1)
    activation: str = setting("silu", one_of, choices=tuple(ACTIVATIONS))
    batch_size: int = setting(128, whole, low=1)
    slope_batch: int | None = setting(None, whole, low=0)
    critic_lr: float = setting(1e-3, real, above=0)
    actor_lr: float = setting(1e-3, real, above=0)
    discount: float = setting(0.97, real, low=0, below=1)
    tau: float = setting(0.02, real, above=0, high=1)
    start: int = setting(500, whole, low=0)
    updates: int = setting(1, whole, low=0)
    critics: int = setting(2, whole, low=1)
    twins: str = setting("min", one_of, choices=("min", "mean"))
    actor_path: bool = True
    actor_slope: str = setting("critic", one_of, choices=("critic", "backup"))
    capacity: int | None = setting(None, whole, low=1)
    cached: bool = True
    jacobian_clip: float | None = setting(None, real, above=0)
    episodes: int = setting(10, whole, low=1)
    record: tuple | None = setting(None, wholes, low=0)

    def __post_init__(self):
        settings(self)
        largest = {"slope_batch": (self.batch_size, "the batch"), "batch_size": (self.capacity, "capacity")}
        for name, (most, what) in largest.items():
            if None not in (value := getattr(self, name), most) and value > most:
                raise ValueError(f"{name}: got {value}, wanted at most {what}, {most}")
        if self.slope_batch and not self.matches_slopes:
            raise ValueError(f"slope_batch: got {self.slope_batch} without slopes, wanted a weighting")
        if self.jacobian_clip and not self.cached:
            raise ValueError("jacobian_clip: got a bound without cached Jacobians, wanted cached=True")
        recorded(self.record, self.steps, 21)  # refuses what lies beyond the last step

    @property
    def matches_slopes(self):
        """Whether critics are trained on slopes."""
        return self.slope_batch != 0 and not getattr(self.weighting, "off", False)

    @property
    def takes_slopes(self):
        """Whether training asks the simulator for slopes: for the critics' targets, or for the actor."""
        return self.matches_slopes or self.actor_slope == "backup"

    @property
    def recorded(self):
        """The environment steps recorded, ascending."""
        return recorded(self.record, self.steps, 21)
