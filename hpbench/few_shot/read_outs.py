"""Read-outs that learn from the features of a support set, for a batch of episodes at once."""

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.functional import normalize, one_hot

from hpbench.few_shot.inner_steps import InnerSteps
from hpbench.few_shot.learner import check_ways
from hpbench.few_shot.read_out import ReadOut, reading
from hpbench.few_shot.settings import BindingSettings, InnerStepSettings
from hpbench.operations.layer import Operations
from hpbench.plasticity.binding import Binding, BindingTheta, binding_currents, binding_scores


class Connections(torch.nn.Module):
    """The weights W of an output layer that binds labels; Eq. 10 takes its inner step in these alone."""

    def __init__(self, features: int, outputs: int) -> None:
        super().__init__()
        self.weight = Parameter(torch.zeros(features, outputs))

    def theta(self, ways: int, alpha: Tensor, rate: Tensor, offset: Tensor) -> BindingTheta:
        """Parameters of the first N outputs, which are used in an episode."""
        return BindingTheta(self.weight[:, :ways], alpha, rate, offset[:ways])

    def forward(
        self,
        support: Tensor,
        labels: Tensor,
        query: Tensor,
        ways: int,
        alpha: Tensor,
        rate: Tensor,
        offset: Tensor,
        sharpness: Tensor,
        p: Binding,
    ) -> Tensor:
        """u of the queries after the support, with α, η and β, times the factor of the scores."""
        theta = self.theta(ways, alpha, rate, offset)
        return sharpness * binding_scores(support, labels, query, theta, p)


class HebbianBinding(ReadOut):
    """Labels bound to features in the Hebbian trace of the output layer (`plasticity.binding`).

    The n features are scaled to unit length. W starts at 0; α starts as U(0, `settings.alpha`), β as
    U(0, 0.01). With `inner` steps, W learns the support by gradient too; α scales both the gradient and its
    effect.
    """

    def __init__(
        self,
        features: int,
        outputs: int,
        settings: BindingSettings,
        inner: InnerStepSettings | None = None,
    ) -> None:
        super().__init__()
        connections = Connections(features, outputs)
        self.connections = InnerSteps(connections, inner) if inner and inner.inner_steps else connections
        self.alpha = Parameter(settings.alpha * torch.rand(features))
        self.rate = Parameter(torch.full((features,), settings.rate))
        self.sharpness = Parameter(torch.tensor(settings.sharpness))
        self.offset = Parameter(0.01 * torch.rand(outputs))
        self.p = Binding(
            settings.binding_current, settings.output_decay, settings.trace_decay, settings.at_once
        )

    def theta(self) -> list[Parameter]:
        """The meta-parameters of Eq. 1."""
        return [self.alpha, self.rate, self.offset]

    def currents(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> tuple[Tensor, Tensor]:
        """Global and local current of the queries, each (E, Q, N), before any inner step."""
        inner = self.connections
        connections = inner.maml.module if isinstance(inner, InnerSteps) else inner
        theta = connections.theta(ways, *self.theta())
        return binding_currents(normalize(support, dim=-1), labels, normalize(query, dim=-1), theta, self.p)

    def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
        """Scores: u of the queries after the support, times a learned factor.

        Raises InputError for more ways than there are outputs.
        """
        check_ways(ways, len(self.offset))
        shown, asked = normalize(support, dim=-1), normalize(query, dim=-1)
        scores: Tensor = self.connections(shown, labels, asked, ways, *self.theta(), self.sharpness, self.p)
        return scores

    def operations(
        self, scores: Tensor, support: Tensor, labels: Tensor, query: Tensor, ways: int
    ) -> Operations:
        """Of reading a query, and of writing one sample of the support into the trace of the episode."""
        read = reading(query, ways)
        connections = query.shape[2] * ways
        ahead, local = self.currents(support, labels, query, ways)
        return replace(
            read,
            trace_writes=connections * read.samples,
            ahead=(float(ahead.abs().sum()),),
            local=(float(local.abs().sum()),),
            held_bytes=connections * query.element_size(),
        )


class Prototypes(ReadOut):
    """Minus the squared distance to the mean of each class's support: prototypical networks.

    Snell, Swersky and Zemel, NeurIPS 2017. Also nearest class mean, on features that do not learn.
    """

    def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
        """−‖x − c_k‖², by one product of queries with means."""
        means = class_means(support, labels, ways)
        squares = query.square().sum(-1, keepdim=True) + means.square().sum(-1).unsqueeze(1)
        return 2 * query @ means.transpose(1, 2) - squares


class Matching(ReadOut):
    """Attention over the support by cosine: matching networks without full-context embeddings.

    Vinyals et al., NeurIPS 2016: P(k | x) = Σ_s a(x, x_s) [y_s = k], a the softmax of cosines. As in common
    use, cosines are multiplied by a factor, here a learned one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sharpness = Parameter(torch.tensor(10.0))

    def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
        """log P(k | x)."""
        cosines = normalize(query, dim=-1) @ normalize(support, dim=-1).transpose(1, 2)
        attention = torch.log_softmax(self.sharpness * cosines, -1)
        own = one_hot(labels, ways).to(query.dtype).log()  # −∞ where a sample is of another class
        return torch.logsumexp(attention.unsqueeze(-1) + own, 2)

    def operations(
        self, scores: Tensor, support: Tensor, labels: Tensor, query: Tensor, ways: int
    ) -> Operations:
        """Each feature of a query is read once for every sample of the support."""
        return reading(query, support.shape[1])


def class_means(support: Tensor, labels: Tensor, ways: int) -> Tensor:
    """Means (E, N, n) of features (E, S, n) by label (S,)."""
    members = one_hot(labels, ways).to(support.dtype)
    return (members / members.sum(0)).T @ support
