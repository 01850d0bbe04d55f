"""Event recordings as input of networks: frames, voxel grids or time surfaces, cached on disk."""
