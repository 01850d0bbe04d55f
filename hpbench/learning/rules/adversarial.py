"""Adversarial training: every training batch is learned as the fast gradient sign method has changed it."""

from collections.abc import Callable
from typing import Any

import torch
from avalanche.core import SupervisedPlugin
from avalanche.models import MultiTaskModule
from torch import Tensor
from torch.func import functional_call

from hpbench.disturb.fgsm import Loss, fgsm


def adversarial_training(epsilon: float, loss: Loss, *, as_at_test: bool = False) -> list[SupervisedPlugin]:
    """The plugin, if ε is not 0."""
    return [AdversarialTraining(epsilon, loss, as_at_test=as_at_test)] if epsilon else []


class AdversarialTraining(SupervisedPlugin):
    """Puts x + ε sign(∇_x L) in the place of a batch x before its forward pass (Eq. 18, Alg. 1).

    The model is asked in the mode and with the traces that it has then, and is left as it was: what a trace
    or a running mean took up while the model was attacked is forgotten. As in Alg. 1, x' is not cut to the
    range of pixels. Source: the reproduction of Wu et al. 2022 with FGSM. With `as_at_test`, the model is
    asked in evaluation mode: for rules whose training passes no gradient from layer to layer.
    """

    def __init__(self, epsilon: float, loss: Loss, *, as_at_test: bool = False) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.loss = loss
        self.as_at_test = as_at_test

    def before_forward(self, strategy: Any, **kwargs: Any) -> None:
        """Attack the batch."""
        scores = _left_as_it_was(strategy.model, strategy.mb_task_id)
        mode = strategy.model.training
        strategy.model.train(mode and not self.as_at_test)
        strategy.mbatch[0] = fgsm(scores, self.loss, strategy.mb_x, strategy.mb_y, self.epsilon)
        strategy.model.train(mode)


def _left_as_it_was(model: torch.nn.Module, labels: Tensor) -> Callable[[Tensor], Tensor]:
    """The model's scores of inputs, made with copies of its buffers."""

    def scores(inputs: Tensor) -> Tensor:
        copies = {name: one.clone() for name, one in model.named_buffers()}
        arguments = (inputs, labels) if isinstance(model, MultiTaskModule) else (inputs,)
        found: Tensor = functional_call(model, copies, arguments)
        return found

    return scores
