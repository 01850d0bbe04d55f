"""Learning rules as Avalanche plugins and templates."""
