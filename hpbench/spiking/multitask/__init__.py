"""The authors' network for shuffled MNIST: masked weights, a trace that begins empty, linear scores."""
