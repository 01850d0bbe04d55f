"""DECOLLE: layers that learn at every step, each from a fixed random read-out of its own."""
