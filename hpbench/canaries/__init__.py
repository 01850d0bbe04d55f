"""Canaries: tiny deterministic runs whose recorded figures a version of the code is held to."""
