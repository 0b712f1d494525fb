"""What a Q-learning run is told."""

from dataclasses import dataclass, fields

from sobolev_mini.networks import ACTIVATIONS
from sobolev_mini.quadratic import N_FEATURES
from sobolev_mini.validate import finite, one_of, real, recorded, seeds, setting, settings, whole, wholes


def start_weights(name, value):
    """Return ``value`` as a float or as a tuple of six, else raise ``ValueError``."""
    array = finite(name, value)
    if array.shape not in ((), (N_FEATURES,)):
        raise ValueError(f"{name}: got shape {array.shape}, wanted () or ({N_FEATURES},)")
    return tuple(array.tolist()) if array.ndim else float(array)


@dataclass(frozen=True)
class QConfig:
    """Settings of a Q-learning run, value-only as in the paper; a bad one raises ``ValueError``.

    Parameters
    ----------
    lam_s, lam_a : slope weights, >= 0; the paper's Sobolev critic has 1 and 1
    steps : updates of the critic; the name is the figures' and the records'
    seeds : trained side by side; a seed fixes its own samples whatever the others are
    batch_size, lr : samples and learning rate of an update
    optimizer : "adam" (betas .9 and .999, eps 1e-8) or "sgd"
    target : "current" (the critic itself), "polyak" (share ``tau`` of the critic moves into the
        target after an update) or "hard" (copied every ``refresh_every`` updates)
    n_actions : points of the grid in the max over actions
    init : start weights of the quadratic critic, a number for all six or six of them
    hidden, activation : of the MLP critic, as in ``networks.MLPCritic``; its seed draws its weights
    samples : size of a fixed data set, drawn once a seed; None draws fresh samples for every update
    record : updates after which the history keeps the critic (0 is the start); None for 61 even ones
    """

    lam_s: float = setting(0.0, real, low=0)
    lam_a: float = setting(0.0, real, low=0)
    steps: int = setting(60_000, whole, low=1)
    seeds: tuple = setting((0, 1, 2, 3, 4), seeds)
    batch_size: int = setting(50, whole, low=1)
    lr: float = setting(1e-4, real, above=0)
    optimizer: str = setting("adam", one_of, choices=("adam", "sgd"))
    target: str = setting("current", one_of, choices=("current", "polyak", "hard"))
    tau: float = setting(0.005, real, above=0, high=1)
    refresh_every: int = setting(1000, whole, low=1)
    n_actions: int = setting(100, whole, low=2)
    init: float | tuple = setting(0.0, start_weights)
    hidden: tuple = setting((128, 128, 128), wholes, low=1)
    activation: str = setting("leaky_relu", one_of, choices=tuple(ACTIVATIONS))
    samples: int | None = setting(None, whole, low=1)
    record: tuple | None = setting(None, wholes, low=0)

    def __post_init__(self):
        settings(self)
        recorded(self.record, self.steps, 61)  # refuses what lies beyond the last update

    @property
    def recorded(self):
        """The updates recorded, ascending."""
        return recorded(self.record, self.steps, 61)

    def needs_default(self, trainer, *names):
        """Raise ``ValueError`` where a setting that ``trainer`` does not use was given."""
        default = {field.name: field.default for field in fields(self)}
        for name in names:
            if getattr(self, name) != default[name]:
                raise ValueError(f"{name}: got {getattr(self, name)!r}, but {trainer} has no use for it")
