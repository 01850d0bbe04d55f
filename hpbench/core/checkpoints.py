"""How often the state of a run is written."""

CHECKPOINT_MINUTES = 5.0
"""Minutes between two states of a run, from which it goes on if it is killed."""
