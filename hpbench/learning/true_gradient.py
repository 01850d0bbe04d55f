"""The gradient that backpropagation through time gives for the batch of a strategy, whatever its own rule."""

import copy
from typing import Any

import torch
from avalanche.models import avalanche_forward
from torch import Tensor

from hpbench.learning.heads import inner_network
from hpbench.learning.rules.online_gradients import OnlineGradients


def true_gradient(strategy: Any) -> dict[str, Tensor]:
    """∂L/∂w of the strategy's present batch, by the names of those parameters that L depends on.

    L is the loss of the scores in evaluation, where every network of `hpbench.spiking` is differentiable
    through all its layers and steps. Where the rule has a loss at every step, it is their mean. Nothing of
    the strategy changes.
    """
    model, training = strategy.model, strategy.model.training
    model.eval()
    try:
        with (
            torch.enable_grad(),
            torch.random.fork_rng(),
        ):  # an encoder draws the spikes that training will see
            loss = _loss(strategy)
            named = {name: one for name, one in model.named_parameters() if one.requires_grad}
            if not loss.requires_grad or not named:
                return {}
            found = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    finally:
        model.train(training)
    return {name: one for name, one in zip(named, found, strict=True) if one is not None}


def _loss(strategy: Any) -> Tensor:
    if isinstance(strategy, OnlineGradients):
        membranes = inner_network(strategy.model).unrolled(strategy.mb_x).membranes
        return strategy.judged(membranes.flatten(0, 1))
    scores = avalanche_forward(strategy.model, strategy.mb_x, strategy.mb_task_id)
    criterion = copy.deepcopy(strategy._criterion)  # iCaRL's forgets what it has distilled
    loss: Tensor = criterion(scores, strategy.mb_y)
    return loss
