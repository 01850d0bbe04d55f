"""Hybrid plasticity (HP): the layer as a Norse cell, and a fast version for all time steps of a sample."""
