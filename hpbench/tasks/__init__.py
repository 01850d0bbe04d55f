"""What a scenario gives to its protocol: one kind of task for each, and what scenarios are built with."""
