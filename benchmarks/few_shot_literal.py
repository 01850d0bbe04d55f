"""Few-shot learning written literally from the equations, as a baseline for speed.

One image after another passes the network, one time step after another if it spikes; the output layer's
trace P is held as a matrix and moved by one outer product a sample, as in the authors' code (Wu et al., Nat.
Commun. 13:65, 2022). Norms use running statistics: an image alone has no batch.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from hpbench.spiking.conv_features import SpikingConvFeatures
from hpbench.spiking.neuron import fire


def literal_scores(learner: Any, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
    """Scores (Q, N) of one episode: support (S, C, H, W), labels (S,), query (Q, C, H, W)."""
    read_out = learner.read_out
    weight, alpha = read_out.connections.weight[:, :ways], read_out.alpha.unsqueeze(1)
    trace = torch.zeros_like(weight)
    membrane = torch.zeros(ways)
    for image, label in zip(support, labels, strict=True):
        features = _unit(_features(learner.network, image))
        current = features @ (alpha * weight + (1 - alpha) * trace)
        bound = read_out.p.current * one_hot(label, ways).to(features.dtype)
        membrane = read_out.p.membrane_decay * membrane + current + bound
        post = torch.softmax(membrane - read_out.offset[:ways], 0)
        trace = read_out.p.trace_decay * trace + torch.outer(read_out.rate * features, post)
    read = alpha * weight + (1 - alpha) * trace
    potentials = torch.stack([_unit(_features(learner.network, image)) @ read for image in query])
    scores: Tensor = read_out.sharpness * potentials
    return scores


def _unit(features: Tensor) -> Tensor:
    return features / features.norm().clamp_min(1e-12)


def _features(network: Any, image: Tensor) -> Tensor:
    if not isinstance(network, SpikingConvFeatures):
        found: Tensor = network(image.unsqueeze(0))[0]
        return found
    layers: list[Any] = list(network.layers)
    states: list[tuple[Tensor, Tensor] | None] = [None] * len(layers)
    counted = torch.zeros(())
    for _ in range(network.steps):
        shown = image.unsqueeze(0)
        for number, layer in enumerate(layers):
            current = layer.pool(layer.norm(layer.conv(shown)))
            before = states[number] or (torch.zeros_like(current), torch.zeros_like(current))
            after = fire(current, *before, layer.p)
            states[number], shown = after, after[1]
        counted = counted + shown
    return (counted / network.steps).flatten()
