"""The neuron's step and its adjoint as compiled kernels, one pass over memory each."""
