"""Algorithms ("forms") for the current that the trace adds over a window, one per file; all give the same."""
