"""Recordings generated from images that are moved along N-MNIST's three saccades."""
