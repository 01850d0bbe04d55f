"""Fixed random layers of spiking neurons, whose spikes serve as features."""
