"""Targets of hidden layers without a backward pass: difference target propagation, by layers or directly.

Layers have activities h_1 … h_n, (B, m_l), here firing rates. A layer learns to come closer to a target t_l
of its own: ½ ‖h_l − t_l‖².
"""

from collections.abc import Callable, Sequence

from torch import Tensor

Map = Callable[[Tensor], Tensor]


def gradient_target(activity: Tensor, gradient: Tensor, step: float) -> Tensor:
    """h − η B ∂L/∂h, (B, m): the first target, a step of the size η for every sample of a mean loss L."""
    return activity - step * len(activity) * gradient


def difference_targets(activities: Sequence[Tensor], inverses: Sequence[Map], last: Tensor) -> list[Tensor]:
    """t_1 … t_n from t_n = `last`: t_{l−1} = h_{l−1} + g_l(t_l) − g_l(h_l), with g_2 … g_n the `inverses`.

    Where g_l is the exact inverse of layer l, a layer that reaches its target makes the next one reach its.
    Source: Lee, Zhang, Fischer and Bengio, ECML PKDD 2015.
    """
    targets = [last]
    for below, above, inverse in reversed(list(zip(activities[:-1], activities[1:], inverses, strict=True))):
        targets.append(below + inverse(targets[-1]) - inverse(above))
    return targets[::-1]


def direct_difference_targets(
    activities: Sequence[Tensor], feedback: Sequence[Map], output: Tensor, target: Tensor
) -> list[Tensor]:
    """t_l = h_l + q_l(t_out) − q_l(h_out) for every layer, from output and target (B, K).

    Source: Meulemans et al., NeurIPS 2020.
    """
    pairs = zip(activities, feedback, strict=True)
    return [activity + back(target) - back(output) for activity, back in pairs]


def local_loss(activity: Tensor, target: Tensor) -> Tensor:
    """½ ‖h − t‖², summed over neurons, mean over the batch; no gradient reaches the target."""
    return 0.5 * (activity - target.detach()).square().sum(1).mean()
