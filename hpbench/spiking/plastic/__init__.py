"""Layers of spiking neurons that learn features by competition, without labels or gradients."""
