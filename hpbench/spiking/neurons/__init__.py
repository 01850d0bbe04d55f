"""Neuron models: one in each file, listed in `hpbench.spiking.neurons.table`."""
