"""What the actor-critic loops share: settings, the learner's state, evaluation and history."""

from sobolev_mini.control.checkpoint import Checkpoint, TimeUp, resume, save
from sobolev_mini.control.config import ControlConfig
from sobolev_mini.control.history import ControlHistory, evaluate
from sobolev_mini.control.learner import Learner

__all__ = ["Checkpoint", "ControlConfig", "ControlHistory", "Learner", "TimeUp", "evaluate", "resume", "save"]
