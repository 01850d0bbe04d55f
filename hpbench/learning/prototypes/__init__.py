"""Hebbian prototypes: class means of features, whose scores are mixed with the network's."""
