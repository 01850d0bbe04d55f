"""Interface of few-shot learners: from support sets to scores of queries, for a batch of episodes."""

import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.few_shot.settings import too_many_ways
from hpbench.operations.layer import Layer

NETWORK, READ_OUT = "", "output"
"""Parts of a learner that count operations, as names before those of their layers."""


class Learner(torch.nn.Module):
    """A learner that gets the support of E episodes and scores their queries.

    Nothing learned within an episode is stored: parameters and buffers change in meta-training only.
    """

    def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
        """Scores (E, Q, N), N = `ways`, from support (E, S, C, H, W), labels (S,) and query (E, Q, C, H, W).

        Scores are logits: meta-training minimises their cross-entropy.
        """
        raise NotImplementedError

    def theta(self) -> list[torch.nn.Parameter]:
        """Meta-parameters that have a learning rate of their own."""
        return []

    def parts(self) -> dict[str, torch.nn.Module]:
        """`NETWORK` and `READ_OUT`, for what they cost; empty if it has no such parts."""
        return {}

    def facts(self) -> dict[str, object]:
        """Columns of a leaderboard row that describe this learner."""
        return {"network": type(self).__name__}


class FeatureLearner(Learner):
    """A learner whose features do not depend on the episode: a network, and a read-out that learns.

    `network` turns images (B, C, H, W) into features (B, n); `read_out` turns features of the support
    (E, S, n), their labels (S,), features of the queries (E, Q, n) and N into scores (E, Q, N). With
    `learns=False` the network keeps its initial weights; only the statistics of its norms are learned.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        read_out: torch.nn.Module,
        facts: dict[str, object],
        *,
        learns: bool = True,
    ) -> None:
        super().__init__()
        self.network = network.requires_grad_(learns)
        self.read_out = read_out
        self._facts = facts

    def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
        """Scores (E, Q, N); all images pass through the network in one batch."""
        shown = support.shape[1]
        images = torch.cat([support, query], 1)
        features = self.network(images.flatten(0, 1)).unflatten(0, images.shape[:2])
        scores: Tensor = self.read_out(features[:, :shown], labels, features[:, shown:], ways)
        return scores

    def theta(self) -> list[torch.nn.Parameter]:
        """The read-out's meta-parameters."""
        return theta_of(self.read_out)

    def parts(self) -> dict[str, torch.nn.Module]:
        """Network and read-out; empty if the read-out does not count its operations."""
        return {NETWORK: self.network, READ_OUT: self.read_out} if isinstance(self.read_out, Layer) else {}

    def facts(self) -> dict[str, object]:
        """The columns given to the constructor."""
        return self._facts


def theta_of(module: torch.nn.Module) -> list[torch.nn.Parameter]:
    """The meta-parameters of a module; empty if it has no `theta()`."""
    return list(getattr(module, "theta", list)())


def check_ways(ways: int, outputs: int) -> None:
    """Raise InputError if an output layer has too few outputs for an episode."""
    reason = too_many_ways(ways, outputs)
    if reason:
        raise InputError(reason)
