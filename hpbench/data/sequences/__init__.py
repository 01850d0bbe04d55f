"""Labelled sequences of values, of different lengths."""
