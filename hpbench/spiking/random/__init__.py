"""Fixed random layers of spiking neurons, whose spikes are features."""
