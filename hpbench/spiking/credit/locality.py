"""What a learning rule makes of time and space, and what it needs to know: values without torch."""

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


FEATURE_RULES = {
    "dfa": Locality(local_in_time=False, local_in_space=True, weight_transport=False, update_locking=True),
    "eprop": Locality(local_in_time=False, local_in_space=True, weight_transport=False, update_locking=True),
}
"""Of convolutional features. Both store a window: the norm of currents is over the steps of a sample."""


class OnlineRule(NamedTuple):
    """What a rule makes of time and of space.

    `trace`: the presynaptic factor is a trace of the inputs; else the present input. `filter`: of the
    eligibility, "none", the "read_out"'s own, or a "double" exponential. `feedback`: how the output's error
    reaches a hidden layer: through the "layers" above and their surrogates; or at once, by the product of the
    weights above ("symmetric"), by a fixed matrix ("random"), or by one that learns as the output's weights
    do ("adaptive").
    """

    trace: bool = True
    filter: str = "none"
    feedback: str = "layers"
