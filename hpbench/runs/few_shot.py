"""The few-shot protocol: meta-train, select a state on validation episodes, test on fixed episodes."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hpbench.core.columns import OF_SPIKING
from hpbench.core.facts import checked_facts
from hpbench.core.outcome import Outcome
from hpbench.core.stages import Stages
from hpbench.core.stream import refuse
from hpbench.few_shot.episodes import Episodes, fixed_episodes
from hpbench.few_shot.learner import Learner
from hpbench.few_shot.meta_training import Progress, Training, meta_train
from hpbench.few_shot.settings import MetaTrainingSettings
from hpbench.few_shot.showing import showing
from hpbench.few_shot.stored_learner import restore_learner, store_learner
from hpbench.few_shot.testing import UNUSABLE, accuracies, mean_over_episodes, predictions
from hpbench.metrics.cost import measure
from hpbench.states.states import States
from hpbench.tasks import divergence
from hpbench.tasks.few_shot import FewShotTask

SHOWN_EPISODES = 3
"""Test episodes that the picture shows."""

COUNTED_EPISODES = 5
"""Test episodes that operations are counted on."""


class ShownEpisode(NamedTuple):
    """An episode for the picture of a run, as arrays.

    `support` (K·N, H, W) and `query` (Q·N, H, W) are images in [0, 1], `predicted` (Q·N,) the labels found,
    `ways` is N. Classes alternate: image s has the label s mod N.
    """

    support: NDArray[np.float32]
    query: NDArray[np.float32]
    predicted: NDArray[np.int64]
    ways: int


def run(
    builder: Callable[[Any, FewShotTask], Learner],
    settings: Any,
    task: FewShotTask,
    report: Callable[[Progress], None],
    states: States | None = None,
    *,
    stages: Stages | None = None,
) -> Outcome:
    """Meta-train and test the learner that `builder(settings, task)` returns.

    A stored learner with the same training is loaded instead of being trained. `report` is called after
    every step of meta-training. With `states`, meta-training goes on from where an earlier start of the run
    was killed. `stages` gets the best accuracy so far after each validation.
    """
    refuse(builder, settings, task.stream())
    learner = builder(settings, task)
    if not isinstance(learner, Learner):
        raise TypeError(f"few_shot() returned {type(learner).__name__}: it must return a Learner")
    checked_facts(learner)  # before training, not after
    training = _trained(learner, settings, task, report, states, stages)
    episodes = test_episodes(task)
    start = time.perf_counter()
    found = predictions(learner, task.evaluated, episodes).cpu()  # waits for a GPU
    seconds = time.perf_counter() - start
    right = accuracies(found, episodes.to("cpu"))
    mean = mean_over_episodes(right)
    counts = (right * episodes.query.shape[1]).round().long().tolist()
    counted = next(episodes.pieces(COUNTED_EPISODES))
    cost = measure(learner, showing(learner, task.evaluated, counted), learner.parts())
    trained = settings.trained if training.steps else None
    row = {
        "accuracy": mean.value,
        "interval": mean.interval,
        "n_way": task.tested.ways,
        "k_shot": task.tested.shots,
        "queries": task.tested.queries,
        "episodes": len(episodes),
        "episodes_sha256": _fingerprint(episodes),
        "split": task.split,
        "evaluated_on": task.evaluate_on,
        "train_ways": trained and trained.ways,
        "train_shots": trained and trained.shots,
        "meta_steps": training.steps,
        "kept_step": training.kept_step,
        "validation_accuracy": training.validation_accuracy,
        "curve": " ".join(f"{one.step}:{one.accuracy:.4f}" for one in training.validations),
        "right_by_episode": " ".join(map(str, counts)),
        "transductive": False,
        "diverged": divergence.when(training.diverged, bool((found == UNUSABLE).any())),
        "batch": trained.ways * trained.per_class * settings.meta_batch if trained else 1,
        **cost.columns(),
        "train_seconds": training.seconds,
        "test_seconds": seconds,
        **dict.fromkeys(OF_SPIKING),
        **checked_facts(learner),
    }
    details = {
        "training": training.as_dict(),
        "validated": _validated(settings),
        "layers": [{"name": name, **layer.counts()} for name, layer in cost.layers.items()],
        **cost.gaps(),
    }
    return Outcome(row, details, _shown(task, episodes, found), trained=learner)


def test_episodes(task: FewShotTask) -> Episodes:
    """The episodes that every learner of this task is tested on."""
    return fixed_episodes(task.evaluated, task.tested, task.episodes, task.episode_seed, task.evaluate_on)


def _trained(
    learner: Learner,
    settings: Any,
    task: FewShotTask,
    report: Callable[[Progress], None],
    states: States | None,
    stages: Stages | None,
) -> Training:
    if not isinstance(settings, MetaTrainingSettings):
        return Training()
    training = restore_learner(learner, task)
    if training is None:
        training = meta_train(learner, settings, task, report, states, stages)
        store_learner(learner, training, task)
    return training


def _validated(settings: Any) -> dict[str, int] | None:
    """Ways, shots, queries and number of the validation episodes; None without meta-training."""
    if not isinstance(settings, MetaTrainingSettings):
        return None
    return {**asdict(settings.validated), "episodes": settings.validation_episodes}


def _fingerprint(episodes: Episodes) -> str:
    together = torch.cat([episodes.support, episodes.query], 1).cpu().contiguous()
    return hashlib.sha256(
        str(tuple(episodes.support.shape)).encode() + together.numpy().tobytes()
    ).hexdigest()


def _shown(task: FewShotTask, episodes: Episodes, found: Tensor) -> list[ShownEpisode]:
    """The first episodes, as arrays."""
    return [
        ShownEpisode(
            support=_pictures(task.evaluated.at(support)),
            query=_pictures(task.evaluated.at(query)),
            predicted=predicted.cpu().numpy(),
            ways=episodes.ways,
        )
        for support, query, predicted in list(zip(episodes.support, episodes.query, found, strict=True))[
            :SHOWN_EPISODES
        ]
    ]


def _pictures(samples: Tensor) -> NDArray[np.float32]:
    """Images (N, 1, H, W) as they are; of frames (N, T, P, H, W) the events of a pixel, 1 for the most."""
    if samples.ndim == 5:
        events = samples.abs().sum((1, 2))
        return (events / events.amax((1, 2), keepdim=True).clamp(min=1)).cpu().numpy()
    return samples.squeeze(1).cpu().numpy()
