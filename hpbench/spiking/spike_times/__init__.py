"""Networks of neurons whose spikes have exact times within a step, and the gradients of these times."""
