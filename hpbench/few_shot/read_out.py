"""What a few-shot read-out is: features of a support in, scores of queries out."""

import torch
from torch import Tensor

from hpbench.operations.layer import Operations


class ReadOut(torch.nn.Module):
    """Learns from the features of a support and scores those of queries, for a batch of episodes at once."""

    def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
        """Scores (E, Q, N), N = `ways`, from features (E, S, n) with labels (S,), and (E, Q, n)."""
        raise NotImplementedError

    def operations(
        self, scores: Tensor, support: Tensor, labels: Tensor, query: Tensor, ways: int
    ) -> Operations:
        """Of reading the queries: by default, each feature that is not 0 once for every way."""
        return reading(query, ways)


def reading(query: Tensor, times: int) -> Operations:
    """Of reading features (E, Q, n) so many times for every query."""
    queries = query.shape[:2].numel()
    return Operations(
        samples=queries,
        dense=query.numel() * times,
        multiply_accumulates=int(query.count_nonzero()) * times,
        neuron_steps=queries * times,
    )
