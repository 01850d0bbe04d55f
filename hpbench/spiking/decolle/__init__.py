"""DECOLLE: layers that learn at every time step, each through a fixed random read-out of its own."""
