"""Algorithms that compute what the trace adds to the current over a window, one a file; all give the same."""
