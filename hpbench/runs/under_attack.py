"""A trained strategy as the target of attacks, and what these told of it."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from hpbench.disturb.attacked import Attacked
from hpbench.disturb.seeded import level_generator
from hpbench.learning.attackers import adaptive_of, surrogates_of
from hpbench.learning.scores import Scores
from hpbench.tasks.robustness import RobustnessTask

Segment = tuple[str, float]
"""A disturbance and its level, under which all tested samples are shown once."""

Told = dict[Segment, dict[str, Any]]
"""What attacks have told, by disturbance and level: `hpbench.disturb.strongest`."""


def attacked_by(
    strategy: Any,
    scores: Scores,
    loss: Callable[[Tensor, Tensor], Tensor],
    task: RobustnessTask,
    others: Callable[[], Mapping[str, torch.nn.Module]],
    segment: Segment,
) -> Attacked:
    """The strategy with the clean test samples, for an attack at a level."""
    targets = task.tested.targets
    return Attacked(
        scores=scores,
        loss=loss,
        images=task.tested.inputs[torch.arange(len(targets), device=targets.device)],
        targets=targets,
        outputs=task.learned.outputs,
        batch=strategy.eval_mb_size,
        random=level_generator(task.noise_seed, *segment),
        steps=task.attack_steps,
        queries=task.attack_queries,
        surrogates=surrogates_of(strategy.model),
        adaptive=adaptive_of(strategy.model),
        others=others,
    )


def attack_columns(attacks: Told) -> dict[str, Any]:
    """Which attack was the strongest at each level, and whether gradients were masked at any; or None."""
    if not attacks:
        return {"strongest_attack": None, "masked_gradients": None}
    won = []
    for (_, level), told in attacks.items():
        counts = told["won"]
        if counts:
            first = max(counts, key=counts.get)
            won.append(f"{level:g}:{first}:{counts[first] / sum(counts.values()):.3f}")
    return {
        "strongest_attack": " ".join(won),
        "masked_gradients": any(told["masked"] for told in attacks.values()),
    }


def attacks_by_level(attacks: Told) -> dict[str, Any]:
    """What attacks told, by disturbance and level, as a record has it."""
    found: dict[str, Any] = {}
    for (name, level), told in attacks.items():
        found.setdefault(name, {})[f"{level:g}"] = dict(told)
    return found
