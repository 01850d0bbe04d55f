"""Canaries: regression tests that compare tiny deterministic runs with recorded figures, per VERSION."""
