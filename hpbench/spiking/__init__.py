"""The spiking neuron and its codes, and networks of it; the layers have rooms of their own."""
