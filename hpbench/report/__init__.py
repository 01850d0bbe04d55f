"""Output for the user: progress, tables, plots."""
