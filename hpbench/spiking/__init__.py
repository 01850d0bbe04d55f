"""The spiking neuron, input encodings, read-outs and networks; layers in `hybrid`, `decolle` and `random`."""
