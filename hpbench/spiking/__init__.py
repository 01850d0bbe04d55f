"""Norse cells, whole-window layers, encoders and networks."""
