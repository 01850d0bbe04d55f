"""Bilevel learning: meta-parameters θ in the outer problem, weights w in the inner one (Eq. 10).

    ∇_θ C_val(w', θ),   w' = w − ξ ∇_w C_train(w, θ)

Wu et al., Nat. Commun. 13:65 (2022), Eq. 10, which sums over tasks and takes C_train at (w_{k−1}, θ_{k−1}).
Here, as in DARTS (Liu et al., ICLR 2019), both losses use the current w and θ. Four variants:

    exact               through w' as well: ∇_θ C_val − ξ ∇²_{θw} C_train v, with v = ∇_{w'} C_val
    finite_difference   the product with v as (∇_θ C_train(w⁺, θ) − ∇_θ C_train(w⁻, θ)) / 2ε, w± = w ± ε v
    stop_gradient       w' as a constant: ∇_θ C_val(w', θ), Eq. 10 read literally (θ_{k−1} is no θ_k)
    no_inner            ξ = 0: ∇_θ C_val(w, θ)

In spiking networks `exact` differentiates surrogates, while spikes may flip under `finite_difference`; both
agree for smooth activations. The module is not changed: each evaluation works on copies of its buffers, so
both losses read the Hebbian trace of earlier batches, and their own updates of it are discarded.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import Module, Parameter

from hpbench.core.errors import InputError
from hpbench.core.settings import check_settings, setting
from hpbench.plasticity.choices import PAIRINGS, VARIANTS

Loss = Callable[[Any, Any], Tensor]


@dataclass
class BilevelSettings:
    """How θ is learned; only `StreamBilevel` uses `pairing`, and explains it."""

    variant: str = setting("exact", "gradient of θ in Eq. 10", choices=VARIANTS)
    step_size: float = setting(1e-3, "inner step ξ of the weights", unit="learning rate", low=0)
    difference: float = setting(0.01, "ε ‖v‖ of the finite difference", unit="weight units", low=1e-12)
    pairing: str = setting("previous", "data of the inner step", choices=PAIRINGS)


class Split(NamedTuple):
    """The trainable parameters of a module by name: weights w and meta-parameters θ."""

    weights: dict[str, Parameter]
    theta: dict[str, Parameter]


class Objective(NamedTuple):
    """The scalar loss(module(inputs), targets)."""

    inputs: Any
    targets: Any
    loss: Loss


Hypergradient = dict[str, Tensor]
"""The gradient of C_val for each θ by name; detached."""


def split(module: Module, theta: Iterable[Parameter]) -> Split:
    """The module's trainable parameters, divided into θ and all others (w).

    Raises InputError if none of θ is trainable, or one is not a parameter of the module.
    """
    wanted = {id(one) for one in theta}
    foreign = wanted - {id(one) for one in module.parameters()}
    learning = {name: one for name, one in module.named_parameters() if one.requires_grad}
    chosen = {name: one for name, one in learning.items() if id(one) in wanted}
    if foreign or not chosen:
        raise InputError(
            f"θ must be trainable parameters of the module: {len(chosen)} of them are trainable, "
            f"{len(foreign)} do not belong to the module"
        )
    return Split({name: one for name, one in learning.items() if name not in chosen}, chosen)


def hypergradient(
    module: Module, parts: Split, training: Objective, validation: Objective, settings: BilevelSettings
) -> Hypergradient:
    """∇_θ of C_val after one inner step on C_train, for one task; `.grad`, w and buffers stay as they are.

    The module keeps its train or eval mode. The two evaluations of `finite_difference` repeat the random
    draws (dropout, Poisson spikes) of the inner step; the random state then continues as if they had not
    happened. Raises InputError for settings out of range and a loss that is not a scalar.
    """
    check_settings(settings, "bilevel")
    variant, rate = settings.variant, settings.step_size
    weights, theta = parts
    rewind = _bookmark(module)
    with torch.enable_grad():
        moved: dict[str, Tensor] = {**weights}
        if variant != "no_inner":
            loss = _evaluate(module, weights, training)
            inner = _gradients(loss, weights, create_graph=variant == "exact")
            moved = {name: one - rate * inner[name] for name, one in weights.items()}
        if variant != "exact":
            moved = {name: one.detach() for name, one in moved.items()}
        if variant != "finite_difference":
            loss = _evaluate(module, moved, validation)
            return _gradients(loss, theta)
        loss = _evaluate(module, {name: one.requires_grad_() for name, one in moved.items()}, validation)
        found = _gradients(loss, {**theta, **moved})
        onward = _bookmark(module)
        direction = {name: found.pop(name) for name in moved}
        length = torch.nn.utils.get_total_norm(direction.values())
        epsilon = settings.difference / length.clamp_min(1e-12)  # v = 0 adds 0, not NaN
        for side in (epsilon, -epsilon):
            rewind()
            beside = {name: one.detach() + side * direction[name] for name, one in weights.items()}
            slope = _gradients(_evaluate(module, beside, training), theta)
            found = {name: one - rate / (2 * side) * slope[name] for name, one in found.items()}
        onward()
    return found


def write_gradients(parts: Split, found: Hypergradient, *, add: bool = False) -> None:
    """Write the hypergradient to `.grad` of θ; with `add`, add it to what is there (a sum over tasks)."""
    for name, one in parts.theta.items():
        one.grad = found[name] + (one.grad if add and one.grad is not None else 0)


class StreamBilevel:
    """Learns θ along a stream of batches, choosing the data of C_train and C_val.

    `previous`: C_train is the previous batch, C_val the current one. One batch of old samples is stored
    (`memory_samples`); `forget()` drops it where old data must not be used, as between experiences.
    `halves`: every second sample of a batch, from the first on, is C_train, the others are C_val; nothing is
    stored. C_val and C_train never share samples. Call `observe` before w and the trace learn from the batch,
    since C_val must be new to them. `loss` takes (outputs, targets).
    Raises InputError for settings out of range and as `split` does.
    """

    def __init__(self, module: Module, theta: Iterable[Parameter], loss: Loss, how: BilevelSettings) -> None:
        check_settings(how, "bilevel")
        self.module, self.parts, self.loss, self.settings = module, split(module, theta), loss, how
        self._before: tuple[Tensor, Tensor] | None = None

    @property
    def memory_samples(self) -> int:
        """Samples stored from earlier batches."""
        return 0 if self._before is None else len(self._before[1])

    def observe(self, inputs: Tensor, targets: Tensor) -> Hypergradient | None:
        """Write ∇_θ of this batch, inputs (B, …) and targets (B, …), into `.grad` of θ and return it.

        None, with θ's `.grad` emptied (an optimizer then leaves θ alone), where there is no pair: on the
        first batch of `previous`, and on a single sample in `halves`.
        """
        train, valid = self._before, (inputs.detach(), targets.detach())
        if self.settings.pairing == "previous":
            self._before = valid
        elif len(targets) > 1:
            train, valid = ((inputs[start::2].detach(), targets[start::2].detach()) for start in (0, 1))
        if train is None:
            for parameter in self.parts.theta.values():
                parameter.grad = None
            return None
        training, validation = (Objective(*one, self.loss) for one in (train, valid))
        found = hypergradient(self.module, self.parts, training, validation, self.settings)
        write_gradients(self.parts, found)
        return found

    def forget(self) -> None:
        """Drop the stored batch, so that the next one has no previous batch."""
        self._before = None


def _evaluate(module: Module, weights: Mapping[str, Tensor], objective: Objective) -> Tensor:
    """The loss with these weights, the θ of the module, and discarded copies of its buffers."""
    buffers = {name: one.detach().clone() for name, one in module.named_buffers()}
    outputs = functional_call(module, {**weights, **buffers}, (objective.inputs,))
    loss = objective.loss(outputs, objective.targets)
    if loss.ndim:
        raise InputError(f"a loss of the bilevel problem must be a scalar, not of shape {tuple(loss.shape)}")
    return loss


def _gradients(loss: Tensor, of: Mapping[str, Tensor], *, create_graph: bool = False) -> dict[str, Tensor]:
    """∇ loss by name; zeros for what the loss does not reach."""
    if not loss.requires_grad or not of:
        return {name: torch.zeros_like(one) for name, one in of.items()}
    found = torch.autograd.grad(loss, list(of.values()), create_graph=create_graph, materialize_grads=True)
    return dict(zip(of, found, strict=True))


def _bookmark(module: Module) -> Callable[[], None]:
    """A function that restores the present random state, on the CPU and the module's GPUs."""
    devices = {one.device for one in module.parameters() if one.is_cuda}
    host, others = torch.get_rng_state(), {device: torch.cuda.get_rng_state(device) for device in devices}

    def back() -> None:
        torch.set_rng_state(host)
        for device, state in others.items():
            torch.cuda.set_rng_state(state, device)

    return back
