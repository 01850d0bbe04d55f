"""What strategies have learned, compared: layers, weights and updates over training."""
