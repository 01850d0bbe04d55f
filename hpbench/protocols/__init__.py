"""How a strategy is trained and tested on a task."""
