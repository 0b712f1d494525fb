"""Runs whose results are recorded: ``python -m sobolev_mini`` lists them."""
