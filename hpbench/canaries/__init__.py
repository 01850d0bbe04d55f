"""Canaries: tiny deterministic runs whose figures are recorded, so that a version of the code is held to them."""
