"""Hebbian prototypes: a class memory beside a network, whose scores are mixed into the network's."""
