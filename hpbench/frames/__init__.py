"""Events as what networks see: frames, voxel grids or time surfaces, made, disturbed, and kept on disk."""
