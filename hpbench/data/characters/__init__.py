"""Handwritten characters in memory as NumPy arrays, and how they are divided into classes."""
