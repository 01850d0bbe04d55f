"""Labelled image sets in memory as NumPy arrays."""
