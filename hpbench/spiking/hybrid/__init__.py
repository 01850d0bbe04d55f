"""Hybrid plasticity (HP): the layer as a Norse cell, and quick over a whole window."""
