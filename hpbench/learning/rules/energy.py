"""The implicit energy of hybrid plasticity as a plugin."""

from typing import Any

from avalanche.core import SupervisedPlugin
from torch import Tensor
from torch.nn import Module
from torch.utils.hooks import RemovableHandle

from hpbench.core.errors import InputError
from hpbench.plasticity.energy import implicit_energy, total_loss
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.window import Response


class ImplicitEnergy(SupervisedPlugin):
    """Adds λ3 E_in to the loss of a spiking network: Wu et al. 2022, Eqs. 11-13.

    Raises InputError if the network has fewer than two spiking layers, between which E_in is defined.
    """

    def __init__(self, network: Module, weight: float) -> None:
        super().__init__()
        if len(_layers(network)) < 2:
            raise InputError(
                f"strategy.energy_weight={weight:g} needs a network of two or more spiking layers: choose "
                "network hp, gp or lp with a hidden layer, or strategy.energy_weight=0"
            )
        self.weight = weight
        self.spikes: list[Tensor] = []
        self.hooks: list[RemovableHandle] = []

    def before_forward(self, strategy: Any, **kwargs: Any) -> None:
        """Hook the layers of the present model, which a strategy may have replaced by a copy."""
        self.hooks = [layer.register_forward_hook(self._record_spikes) for layer in _layers(strategy.model)]

    def _record_spikes(self, layer: Module, arguments: Any, response: Response) -> None:
        self.spikes.append(response.spikes)

    def after_forward(self, strategy: Any, **kwargs: Any) -> None:
        """Remove the hooks."""
        for hook in self.hooks:
            hook.remove()

    def before_backward(self, strategy: Any, **kwargs: Any) -> None:
        """C becomes C + λ3 E_in."""
        weights = [layer.cell.linear.weight for layer in _layers(strategy.model)[1:]]
        strategy.loss = total_loss(strategy.loss, implicit_energy(self.spikes, weights), self.weight)
        self.spikes = []


def _layers(network: Module) -> list[HybridWindow]:
    return [module for module in network.modules() if isinstance(module, HybridWindow)]
