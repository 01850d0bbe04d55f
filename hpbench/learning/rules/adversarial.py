"""Adversarial training: every training batch is attacked by the fast gradient sign method (FGSM)."""

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
    """Replaces a batch x by x + ε sign(∇_x L) before its forward pass (Eq. 18, Alg. 1).

    The attack uses the model in its present mode and with its present traces, and leaves it unchanged:
    updates of traces and running means during the attack are discarded. As in Alg. 1, x' is not cut to the
    range of pixels. Source: the reproduction of Wu et al. 2022 with FGSM. With `as_at_test`, the model is
    attacked in evaluation mode: for rules whose training passes no gradient from layer to layer.
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
    """A function for the model's scores, computed with copies of its buffers."""

    def scores(inputs: Tensor) -> Tensor:
        copies = {name: one.clone() for name, one in model.named_buffers()}
        arguments = (inputs, labels) if isinstance(model, MultiTaskModule) else (inputs,)
        found: Tensor = functional_call(model, copies, arguments)
        return found

    return scores
