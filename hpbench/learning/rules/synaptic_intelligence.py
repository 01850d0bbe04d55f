"""The penalty of synaptic intelligence, from each weight's contribution to the decrease of the loss.

    ω_i = −Σ_steps g_i Δw_i                        g the gradient of the loss without the penalty
    Ω_i ← Ω_i + max(ω_i, 0) / ((w_i − w*_i)² + ξ)   after an experience, w* the weights it started from
    L'  = L + c Σ_i Ω_i (w_i − w*_i)²

Zenke, Poole and Ganguli, ICML 2017, Eqs. 3-5. A negative ω (a weight that moved against its gradient) counts
as 0, so that the penalty stays bounded below.
"""

from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from torch import Tensor


def penalty_gradient(weight: Tensor, anchor: Tensor, importance: Tensor, c: float) -> Tensor:
    """2 c Ω (w − w*), all of the weight's shape."""
    return 2 * c * importance * (weight - anchor)


def added_importance(path: Tensor, weight: Tensor, anchor: Tensor, damping: float) -> Tensor:
    """max(ω, 0) / ((w − w*)² + ξ): what one experience adds to Ω."""
    return path.clamp(min=0) / ((weight - anchor).square() + damping)


class SynapticIntelligence(SupervisedPlugin):
    """Adds the penalty's gradient to that of the loss, and measures paths and importances.

    The reported loss does not include the penalty. Avalanche's plugin is not used: on a CPU its snapshots
    are views of the weights, so every Δw and with it every importance is 0; it also cuts Ω off at 0.001.
    """

    def __init__(self, c: float, damping: float) -> None:
        super().__init__()
        self.c = c
        self.damping = damping
        self.importance: dict[str, Tensor] = {}
        self._anchor: dict[str, Tensor] = {}
        self._path: dict[str, Tensor] = {}
        self._before: dict[str, tuple[Tensor, Tensor]] = {}

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """The weights that this experience starts from are w*."""
        for name, weight in _learned(strategy.model):
            self._anchor[name] = weight.detach().clone()
            self._path[name] = torch.zeros_like(weight)
            self.importance.setdefault(name, torch.zeros_like(weight))

    @torch.no_grad()
    def after_backward(self, strategy: Any, **kwargs: Any) -> None:
        """Store gradient and weight before the step; add the penalty's gradient."""
        self._before = {}
        for name, weight in _learned(strategy.model):
            if weight.grad is None:
                continue
            self._before[name] = weight.grad.clone(), weight.detach().clone()
            weight.grad += penalty_gradient(weight, self._anchor[name], self.importance[name], self.c)

    @torch.no_grad()
    def after_update(self, strategy: Any, **kwargs: Any) -> None:
        """Add this step to ω."""
        for name, weight in _learned(strategy.model):
            if name in self._before:
                gradient, before = self._before[name]
                self._path[name] -= gradient * (weight - before)

    @torch.no_grad()
    def after_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Compute the importances Ω from ω."""
        for name, weight in _learned(strategy.model):
            self.importance[name] += added_importance(
                self._path[name], weight, self._anchor[name], self.damping
            )


def _learned(model: torch.nn.Module) -> list[tuple[str, torch.nn.Parameter]]:
    return [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
