"""Overrides to typed runs. The only importer of Hydra."""
