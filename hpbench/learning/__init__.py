"""Continual learning with Avalanche: data loading, strategy templates, plugins, and their evaluation."""
