"""Event streams: where they come from, what disturbs them, and the frames that networks see."""
