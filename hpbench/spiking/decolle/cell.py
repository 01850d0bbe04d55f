"""The DECOLLE layer as a Norse cell: with traces of its input, it needs no gradient through time.

Kaiser, Mostafa and Neftci, Front. Neurosci. 14:424 (2020). Equations: see `DecolleParameters`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from norse.torch.module.snn import SNNCell
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.operations.layer import Operations
from hpbench.operations.synapses import are_spikes, needed, reached, silence
from hpbench.spiking.decolle.parameters import DecolleParameters
from hpbench.spiking.surrogate import SURROGATES, Surrogate, heaviside

DECOLLE_SURROGATES: dict[str, Surrogate] = {
    **SURROGATES,
    "fast_sigmoid": Surrogate("fast_sigmoid", "1 / (10|x| + 1)²", lambda x: (10 * x.abs() + 1).pow(-2)),
}
"""Every surrogate, and the steep one of the authors' later code; their first code used `rectangular`."""

Synapse = torch.nn.Conv2d | torch.nn.Linear


class DecolleState(NamedTuple):
    """Q and P, of the input's shape; R, of the shape of W P, or None where ρ = 0; U after pooling.

    P is the one that the next step uses; `membrane` is U of the last step, and empty before the first.
    """

    current: Tensor
    trace: Tensor
    refractory: Tensor | None
    membrane: Tensor


class DecolleCell(SNNCell):
    """W and b are those of `synapse`, a convolution or a dense layer: `(input, state) -> (spikes, state)`.

    `inputs` is the shape of one sample's input at a step, (C, H, W) or (n,); with `pool` k, spikes are those
    of the largest membranes of k x k places, (B, C', H'/k, W'/k). Gradients reach W and b, and the input
    and the states if these require one; none passes through R.
    Raises InputError for parameters out of range, and for pools larger than the layer.
    """

    membrane_decay: Tensor
    membrane_gain: Tensor
    synapse_decay: Tensor
    synapse_gain: Tensor

    def __init__(
        self, synapse: Synapse, inputs: Sequence[int], p: DecolleParameters | None = None, pool: int = 1
    ) -> None:
        p = (p or DecolleParameters()).checked()
        super().__init__(self._step, self.initial_state, p, dt=0.001)
        self.inputs = tuple(inputs)
        self.pool = pool
        # Channels last is the memory order in which convolutions of few channels are quickest.
        self.synapse = synapse.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.surrogate = DECOLLE_SURROGATES[p.surrogate]
        with torch.no_grad():
            self.unpooled = tuple(synapse.forward(torch.zeros(1, *self.inputs)).shape[1:])
        if min(self.unpooled[1:], default=pool) < pool:
            raise InputError(
                f"pooling {pool}x{pool} places leaves none of {self.unpooled[1]}x{self.unpooled[2]}: "
                "use fewer layers, or smaller pools"
            )
        for name, ends in (("membrane", p.membrane_tau), ("synapse", p.synapse_tau)):
            taus = self._drawn(ends[0], ends[-1])
            self.register_buffer(f"{name}_decay", 1 - 1 / taus)
            self.register_buffer(f"{name}_gain", taus if p.gains == "release" else 1 / taus)

    @property
    def outputs(self) -> tuple[int, ...]:
        """Shape of one sample's spikes."""
        return (self.unpooled[0], *(side // self.pool for side in self.unpooled[1:]))

    def _drawn(self, low: float, high: float) -> Tensor:
        if low == high:
            return torch.tensor(float(low))
        return torch.empty(self.inputs[0], *(1 for _ in self.inputs[1:])).uniform_(low, high)

    def initial_state(self, input_tensor: Tensor) -> DecolleState:
        """All zero for an input (B, …). Raises InputError for another shape."""
        if tuple(input_tensor.shape[1:]) != self.inputs:
            raise InputError(
                f"expected an input of shape (batch, {', '.join(map(str, self.inputs))}), not "
                f"{tuple(input_tensor.shape)}"
            )
        layout = torch.channels_last if input_tensor.ndim == 4 else torch.contiguous_format
        zeros = torch.zeros_like(input_tensor, memory_format=layout)
        refractory = None
        if self.p.refractory_weight:
            refractory = input_tensor.new_zeros(len(input_tensor), *self.unpooled).to(memory_format=layout)
        return DecolleState(zeros, zeros, refractory, input_tensor.new_empty(0))

    def operations(
        self, result: tuple[Tensor, DecolleState], values: Tensor, before: DecolleState | None = None
    ) -> Operations:
        """Of one step.

        W P is W applied to a filtered input. While W stands still it can as well be filtered after W, so that
        an input needs one operation for every weight it meets, when it comes. Inputs that draw time constants
        of their own have to be filtered before W: a multiply-accumulate for every weight, at every step with
        a P that is not 0.
        """
        if self.membrane_decay.ndim or self.synapse_decay.ndim:
            spikes, met = False, 0 if before is None else self._met(before.trace)
        else:
            spikes, met = are_spikes(values), self._met(values)
        accumulates, multiply_accumulates = needed(met, spikes)
        return Operations(
            samples=len(values) if before is None else 0,
            dense=self._met(torch.ones_like(values)),
            accumulates=accumulates,
            multiply_accumulates=multiply_accumulates,
            silent=silence(result[0]),
            neuron_steps=result[0].numel(),
            places=isinstance(self.synapse, torch.nn.Conv2d),
        )

    def _met(self, values: Tensor) -> int:
        """Inputs (B, …) other than 0, times the weights that they meet."""
        if isinstance(self.synapse, torch.nn.Conv2d):
            return reached(values, self.synapse)
        return int(values.count_nonzero()) * self.synapse.out_features

    def _step(
        self, input_tensor: Tensor, state: DecolleState, p: DecolleParameters, dt: float
    ) -> tuple[Tensor, DecolleState]:
        # Not called as a module: the operation count counts a module's calls, and would take a step for a
        # sample.
        membrane = self.synapse.forward(state.trace)
        refractory = state.refractory
        if refractory is not None:
            membrane = membrane.add(refractory, alpha=-p.refractory_weight)
            gamma = 1 - 1 / p.refractory_tau
            gain = 1 - gamma if p.gains == "unit" else 1.0
            refractory = (gamma * refractory).add_(heaviside(membrane, 0.0), alpha=gain)
        if self.pool > 1:
            membrane = torch.nn.functional.max_pool2d(membrane, self.pool)
        trace = torch.addcmul(self.membrane_decay * state.trace, self.membrane_gain, state.current)
        current = torch.addcmul(self.synapse_decay * state.current, self.synapse_gain, input_tensor)
        return self.surrogate(membrane), DecolleState(current, trace, refractory, membrane)
