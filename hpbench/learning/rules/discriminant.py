"""A linear discriminant from class means and a shared covariance, both updated sample by sample.

After N samples, n_k of class k, a sample (x, k) with d = x − μ_k gives:

    S ← S + N/(N+1) d dᵀ        μ_k ← μ_k + d/(n_k+1)        N ← N+1        Σ = S/N

    score_k = x·Λμ_k − ½ μ_k·Λμ_k        Λ = ((1−ε) Σ + ε I)⁻¹

Hayes and Kanan, CVPR Workshops 2020 (streaming LDA). With Λ = I the highest score is that of the nearest
class mean. Batches are added by matrix products, with the same result as a loop over samples.
S is not the scatter within classes of `hpbench.plasticity.within_class`, where n_k stands for N: the first
sample of a late class adds its distance to a mean that is still 0.
"""

import torch
from torch import Tensor

from hpbench.plasticity.class_memory import ClassMemory, remember


class StreamingDiscriminant(torch.nn.Module):
    """Scores (B, K) from features (B, n); −∞ for a class without samples.

    `shrinkage` is ε; with None, Λ = I and there is no covariance. The statistics are buffers, and the
    discriminant is a linear layer, so that both are included in the measured cost.
    """

    counts: Tensor
    means: Tensor
    scatter: Tensor

    def __init__(self, features: int, classes: int, shrinkage: float | None = None) -> None:
        super().__init__()
        self.shrinkage = shrinkage
        self.linear = torch.nn.Linear(features, classes).requires_grad_(False)
        self.register_buffer("counts", torch.zeros(classes))
        self.register_buffer("means", torch.zeros(classes, features))
        if shrinkage is not None:
            self.register_buffer("scatter", torch.zeros(features, features))
        self._stale = True

    @torch.no_grad()
    def update(self, features: Tensor, classes: Tensor) -> None:
        """Add samples (B, n) of classes (B,), in their order."""
        if self.shrinkage is not None:
            before = self.counts.sum() + torch.arange(len(features), device=features.device)
            offsets = self._offsets(features, classes)
            self.scatter.addmm_((offsets * (before / (before + 1))[:, None]).T, offsets)
        self.means, self.counts = remember(ClassMemory(self.means, self.counts), features, classes)
        self._stale = True

    def _offsets(self, features: Tensor, classes: Tensor) -> Tensor:
        """d (B, n) of each sample: its difference to the mean of all earlier samples of its class."""
        offsets = torch.empty_like(features)
        for number in classes.unique().tolist():
            chosen = classes == number
            own, count = features[chosen], self.counts[number]
            total = count * self.means[number] + own.cumsum(0) - own
            seen = count + torch.arange(len(own), device=own.device)
            offsets[chosen] = own - total / seen.clamp(min=1)[:, None]
        return offsets

    def forward(self, features: Tensor) -> Tensor:
        """Scores (B, K)."""
        if self._stale:
            self._solve()
        return self.linear(features)

    def replace_means(self, means: Tensor, known: Tensor) -> None:
        """Set the means (K, n) of all classes; `known` (K,) is 1 for classes that have one, else 0."""
        self.means.copy_(means)
        self.counts.copy_(known)
        self._stale = True

    @torch.no_grad()
    def _solve(self) -> None:
        directions = self.means
        if self.shrinkage is not None:
            covariance = self.scatter * ((1 - self.shrinkage) / self.counts.sum().clamp(min=1))
            covariance.diagonal().add_(self.shrinkage)
            directions = torch.cholesky_solve(self.means.T, torch.linalg.cholesky(covariance)).T
        self.linear.weight.copy_(directions)
        bias = -0.5 * (self.means * directions).sum(1)
        self.linear.bias.copy_(bias.masked_fill(self.counts == 0, -torch.inf))
        self._stale = False
