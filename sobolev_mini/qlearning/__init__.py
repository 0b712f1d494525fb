"""Algorithm 1's Q-learning branch (paper, section 3.3), all seeds at once."""

from sobolev_mini.qlearning.config import History, QConfig
from sobolev_mini.qlearning.quadratic_loop import train_quadratic

__all__ = ["History", "QConfig", "train_quadratic"]
