"""Sweeps: many runs, one after another or side by side, each done once, their rows written by one process."""
