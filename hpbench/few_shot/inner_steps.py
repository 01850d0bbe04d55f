"""Gradient steps on the support, with learn2learn's MAML.

MAML adapts the whole network: Finn, Abbeel and Levine, ICML 2017. ANIL adapts the last layer alone: Raghu et
al., ICLR 2020. With the outer loop this is the bilevel problem of Eq. 10 (Wu et al. 2022), C_train on the
support and C_val on the queries.
"""

from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, vmap
from torch.nn.functional import cross_entropy

from hpbench.few_shot.learner import FeatureLearner, Learner, check_ways, theta_of
from hpbench.few_shot.read_out import ReadOut, reading
from hpbench.few_shot.settings import InnerStepSettings
from hpbench.operations.layer import Operations


class Output(ReadOut):
    """A linear read-out that learns from gradients alone. Its first N outputs are those of an N-way episode.

    `features` is n. Weights start at 0, which prefers no label.
    """

    def __init__(self, features: int, outputs: int) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(outputs, features))
        self.bias = torch.nn.Parameter(torch.zeros(outputs))

    def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
        """Scores (E, Q, N) of features (E, Q, n). Raises InputError for more ways than outputs."""
        check_ways(ways, len(self.bias))
        return query @ self.weight[:ways].T + self.bias[:ways]


class NetworkAndOutput(FeatureLearner):
    """A network with an output layer; it uses the support in gradient steps only."""

    def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
        """Scores (E, Q, N) of images (E, Q, C, H, W), the only ones passed through the network."""
        features = self.network(query.flatten(0, 1)).unflatten(0, query.shape[:2])
        scores: Tensor = self.read_out(support, labels, features, ways)
        return scores


class InnerSteps(Learner):
    """Adapts a module to the support of each episode, then scores the queries with it.

    The module has the signature of a learner (all layers are adapted) or of a read-out (only this one is).
    All episodes take their steps together: learn2learn's clone has parameters for each of them, as an
    additional first dimension, and the loss is summed over episodes, so that each follows its own gradient.
    """

    def __init__(self, adapted: torch.nn.Module, settings: InnerStepSettings) -> None:
        from learn2learn.algorithms import MAML

        super().__init__()
        self.maml = MAML(adapted, settings.inner_lr, first_order=settings.first_order)
        self.steps = settings.inner_steps

    def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int, *others: Any) -> Tensor:
        """Scores (E, Q, N); `others` are further arguments of the module."""
        episodes = len(support)

        def score(parameters: dict[str, Tensor], shown: Tensor, asked: Tensor) -> Tensor:
            alone = (shown.unsqueeze(0), labels, asked.unsqueeze(0), ways, *others)
            scores: Tensor = functional_call(self.maml.module, parameters, alone)
            return scores.squeeze(0)

        def scored(asked: Tensor) -> Tensor:
            return vmap(score)(dict(clone.module.named_parameters()), support, asked)

        with torch.enable_grad():  # inner steps need it at test, too
            clone = self.maml.clone(first_order=self.maml.first_order or not self.training)
            _repeat(clone, episodes)
            for _ in range(self.steps):
                errors = cross_entropy(scored(support).flatten(0, 1), labels.repeat(episodes))
                clone.adapt(episodes * errors)
            scores = scored(query)
        return scores if self.training else scores.detach()

    def theta(self) -> list[torch.nn.Parameter]:
        """As the adapted module."""
        return theta_of(self.maml.module)

    def operations(
        self, scores: Tensor, support: Tensor, labels: Tensor, query: Tensor, ways: int
    ) -> Operations:
        """Those of an adapted read-out once its steps are taken; the steps are not counted."""
        adapted = self.maml.module
        if isinstance(adapted, ReadOut):
            return adapted.operations(scores, support, labels, query, ways)
        return reading(query, ways)

    def parts(self) -> dict[str, torch.nn.Module]:
        """Those of the adapted module."""
        adapted: Learner = self.maml.module
        return adapted.parts()

    def facts(self) -> dict[str, object]:
        """As the adapted module, and whether batch norms see all queries of an episode together."""
        adapted: Learner = self.maml.module
        normed = any(isinstance(module, torch.nn.BatchNorm2d) for module in adapted.modules())
        return {**adapted.facts(), "transductive": normed}


def _repeat(module: torch.nn.Module, times: int) -> None:
    """Add a first dimension of `times` copies to each parameter of a learn2learn clone."""
    for part in module.modules():
        for name, one in part._parameters.items():  # where learn2learn keeps adapted, non-leaf tensors
            if one is not None:
                part._parameters[name] = one.expand(times, *one.shape)  # type: ignore[assignment]


def normed_by_batch(network: torch.nn.Module) -> torch.nn.Module:
    """The network with batch norms that use batch statistics always, never running ones.

    Running statistics would come from networks before their inner steps. As in the published MAML, queries of
    an episode are then normalised together: its results are transductive.
    """
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.track_running_stats = False
            module.running_mean = module.running_var = module.num_batches_tracked = None
    return network
