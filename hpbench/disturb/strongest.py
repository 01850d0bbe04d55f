"""Every sample under the strongest of many attacks: what a figure of robustness can be trusted for.

A network that withstands one attack may have withstood its weakness: gradients through spikes are those of a
surrogate, and an attacker chooses the surrogate that hurts (arXiv:2512.22522; arXiv:2209.03358).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from hpbench.disturb.attacked import Attacked
from hpbench.disturb.margins import margins
from hpbench.disturb.stable_adaptive import by_stable_adaptive_pgd
from hpbench.disturb.toolbox import auto_pgd, projected_gradient_descent, square

CLEAN = "none"
"""The name that stands for the images as they are."""


@dataclass(frozen=True)
class Part:
    """An attack among the others: its name, what it knows ("gradient", "scores", "other network"), itself."""

    name: str
    knows: str
    apply: Callable[[Attacked, float], Tensor]


def parts(attacked: Attacked) -> Iterator[Part]:
    """The attacks that an attacked network is put to, the weaker ones first.

    FGSM; PGD through the network's own surrogate and through each of `attacked.surrogates`; SA-PGD through
    the adaptive one; AutoAttack's two gradient attacks, and its square attack; images made on other networks.
    """
    from hpbench.disturb.attacks import by_fgsm

    yield Part("fgsm", "gradient", by_fgsm)
    yield Part("pgd", "gradient", projected_gradient_descent)
    for name, through in attacked.surrogates.items():
        yield Part(f"pgd_{name}", "gradient", _through(through))
    yield Part("sa_pgd", "gradient", by_stable_adaptive_pgd)
    losses = ("cross_entropy", "difference_logits_ratio")
    for loss in losses[: 1 if attacked.outputs < 3 else 2]:  # the ratio is of three scores
        yield Part(f"apgd_{loss}", "gradient", _auto(loss))
    yield Part("square", "scores", square)
    for name, other in attacked.others().items():
        yield Part(f"transfer_{name}", "other network", _made_on(other))


def strongest(attacked: Attacked, epsilon: float) -> Tensor:
    """Of every sample the images of the attack after which the network is wrong by the widest margin.

    The images as they are come first, and equal margins leave the earlier attack: no sample is right only
    because it was attacked. All attacks see all samples. `attacked.found` gets, by attack, how many samples
    it broke ("broken") and how often it was the strongest among those that broke one ("won"); and whether
    gradients are masked ("masked"): an attack by scores alone broke more than every one by gradients.
    """
    targets = attacked.targets
    best, lowest = attacked.images, _margins(attacked, attacked.images)
    right = lowest > 0
    winner = torch.zeros(len(targets), dtype=torch.long, device=targets.device)
    names, broken, known = [CLEAN], {}, {}
    for part in parts(attacked):
        images = part.apply(attacked, epsilon)
        reached = _margins(attacked, images)
        broken[part.name] = int((right & (reached <= 0)).sum())
        known[part.name] = part.knows
        better = reached < lowest
        best = torch.where(better.view(-1, *[1] * (images.ndim - 1)), images, best)
        lowest = torch.minimum(lowest, reached)
        winner = torch.where(better, len(names), winner)
        names.append(part.name)
    fallen = winner[right & (lowest <= 0)]
    counts = torch.bincount(fallen, minlength=len(names)).tolist()
    by_gradient = max(count for name, count in broken.items() if known[name] == "gradient")
    blind = max(count for name, count in broken.items() if known[name] == "scores")
    attacked.found["broken"] = broken
    attacked.found["won"] = {name: count for name, count in zip(names, counts, strict=True) if count}
    attacked.found["masked"] = blind > by_gradient
    return best


def _margins(attacked: Attacked, images: Tensor) -> Tensor:
    """Margins (N,) of the right class; what an attack made infinite or no number counts as wrong."""
    with torch.no_grad():
        scores = torch.cat([attacked.scores(some) for some in images.split(attacked.batch)])
    return margins(scores, attacked.targets).nan_to_num(nan=-torch.inf)


def _through(through: Callable[..., object]) -> Callable[[Attacked, float], Tensor]:
    def attack(attacked: Attacked, epsilon: float) -> Tensor:
        with through():  # type: ignore[attr-defined]
            return projected_gradient_descent(attacked, epsilon)

    return attack


def _auto(loss: str) -> Callable[[Attacked, float], Tensor]:
    return lambda attacked, epsilon: auto_pgd(attacked, epsilon, loss)


def _made_on(other: torch.nn.Module) -> Callable[[Attacked, float], Tensor]:
    return lambda attacked, epsilon: projected_gradient_descent(replace(attacked, scores=other), epsilon)
