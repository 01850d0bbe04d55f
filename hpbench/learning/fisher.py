"""Fisher information: how much the weights of a network say about its answers."""

from collections.abc import Sequence

import torch
from torch import Tensor


def fisher_traces(
    model: torch.nn.Module, names: Sequence[str], inputs: Tensor, seed: int
) -> dict[str, float]:
    """The trace of each named parameter's Fisher information: the mean over samples of |∂ log p(y|x)/∂w|².

    `inputs` are (N, …); p is the softmax of the scores, and y is drawn from it, by `seed`. Gradients are
    those of backpropagation, for spikes by the surrogate. Parameters that the scores do not depend on have 0.
    Source: Amari, Neural Comput. 10:251 (1998), Eq. 2.5 for the matrix.
    """
    draws = torch.Generator().manual_seed(seed)
    parameters = dict(model.named_parameters())
    asked = {name: parameters[name] for name in names if parameters[name].requires_grad}
    sums = dict.fromkeys(names, 0.0)
    for sample in inputs.split(1):
        with torch.enable_grad():
            logarithms = model(sample).log_softmax(1)[0]
            answer = int(torch.multinomial(logarithms.detach().exp().cpu(), 1, generator=draws))
            found = torch.autograd.grad(logarithms[answer], list(asked.values()), allow_unused=True)
        for name, one in zip(asked, found, strict=True):
            sums[name] += 0.0 if one is None else float(one.square().sum())
    return {name: one / len(inputs) for name, one in sums.items()}
