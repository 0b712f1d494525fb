"""Algorithm 1's Q-learning branch (paper, section 3.3), all seeds at once."""

from sobolev_mini.qlearning.config import QConfig
from sobolev_mini.qlearning.measure import History, MLPHistory
from sobolev_mini.qlearning.mlp_loop import train_mlp
from sobolev_mini.qlearning.quadratic_loop import train_quadratic

__all__ = ["History", "MLPHistory", "QConfig", "train_mlp", "train_quadratic"]
