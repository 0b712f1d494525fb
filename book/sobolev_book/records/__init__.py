"""Records and the runs behind them: ``records.load`` and ``records.save``, long runs, sweeps."""

from sobolev_book.records.tables import RESULTS, elsewhere, load, save

__all__ = ["RESULTS", "elsewhere", "load", "save"]
