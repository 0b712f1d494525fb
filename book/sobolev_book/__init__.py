"""The book's own code: figures, explorers, checkers, records and the studies that they record.

``sobolev_mini``, the module, stands below it and imports nothing of it. ``python -m sobolev_book`` lists
the commands that make a record again.
"""
