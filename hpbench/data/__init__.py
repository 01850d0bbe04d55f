"""Image data sets in memory as NumPy arrays, independent of any protocol."""
