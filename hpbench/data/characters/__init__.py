"""Handwritten characters in memory as NumPy arrays, and their splits for training and test."""
