"""First-order Sobolev reinforcement learning, small enough to read.

Critics that match the Bellman target in value and in slope (Schramm, Perrin-Gilbert and
Carpentier, 2025, arXiv 2511.19165). The book beside this module explains every file.
"""

__version__ = "0.1.0"
