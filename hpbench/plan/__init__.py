"""From command-line overrides to typed runs. The only package that imports Hydra."""
