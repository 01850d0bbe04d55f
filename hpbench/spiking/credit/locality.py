"""What a learning rule needs to know beyond the two neurons that a synapse joins."""

from typing import NamedTuple


class Locality(NamedTuple):
    """Four properties of a rule, columns of its rows.

    `local_in_time`: an update needs the present step and traces of the past, not a stored window.
    `local_in_space`: no error passes through the synapses of another layer.
    `weight_transport`: errors come back through the transposed forward weights.
    `update_locking`: a layer's update waits for the layers above it.
    """

    local_in_time: bool
    local_in_space: bool
    weight_transport: bool
    update_locking: bool


BACKPROPAGATION = Locality(
    local_in_time=False, local_in_space=False, weight_transport=True, update_locking=True
)
