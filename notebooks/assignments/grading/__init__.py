"""Grading of assignments: a sheet's code runs behind a wall, its tests run outside with what it answers."""
