"""What layers say of the operations of a forward pass, and how operations at synapses are counted."""
