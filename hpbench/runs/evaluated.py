"""A kept model tested on a task, on images or on episodes, by the functions with which its protocol tests."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.data.images.as_given import ImageForm, prepared
from hpbench.data.images.given_files import FileEpisode
from hpbench.few_shot.episodes import check_shape
from hpbench.few_shot.testing import UNUSABLE, accuracies, mean_over_episodes, predictions
from hpbench.kept.blank_task import Task, blank
from hpbench.kept.model import KeptClassifier, KeptLearner, KeptModel
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.losses import LOSSES
from hpbench.learning.strategy import adopt, prototypes_of
from hpbench.learning.watch import Predictions
from hpbench.metrics import continual as metrics
from hpbench.runs import continual, robustness
from hpbench.runs.few_shot import test_episodes
from hpbench.runs.other_networks import other_networks
from hpbench.spiking.choices import TIMED
from hpbench.states.states import States
from hpbench.tasks import divergence
from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.few_shot import Classes, FewShotTask, Shape
from hpbench.tasks.robustness import RobustnessTask


@dataclass(frozen=True)
class Evaluation:
    """Figures of a kept model: columns as in a row of this protocol, and counts as in a record."""

    protocol: str
    columns: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)


def on_task(kept: KeptModel, task: Task) -> Evaluation:
    """Test the model on a scenario's task. Raises InputError for one of another kind or another shape."""
    check_kind(kept, "few_shot" if isinstance(task, FewShotTask) else "continual")
    if isinstance(task, FewShotTask):
        assert isinstance(kept, KeptLearner)
        return _on_episodes(kept, _in_form(kept, task))
    assert isinstance(kept, KeptClassifier)
    if isinstance(task, RobustnessTask):
        _check_fit(kept, task.learned)
        return _on_levels(kept, task)
    _check_not_adapting(kept)
    _check_fit(kept, task)
    return _on_stream(kept, task)


def check_kind(kept: KeptModel, protocol: str) -> None:
    """Raise InputError for a classifier under the few-shot protocol, or a few-shot learner under another."""
    if isinstance(kept, KeptLearner) and protocol != "few_shot":
        raise InputError(f"{kept} learns from episodes: choose a few-shot scenario, such as omniglot")
    if isinstance(kept, KeptClassifier) and protocol == "few_shot":
        raise InputError(f"{kept} has fixed classes: choose a continual or robustness scenario")


def on_folders(
    kept: KeptModel, images: dict[str, list[Any]], drawn: Shape, episodes: int, episode_seed: int
) -> Evaluation:
    """Test the model on a user's images by class.

    A few-shot learner is tested on drawn episodes; of each class, as many images are used as the smallest
    has. A classifier takes classes whose names are numbers as its outputs of these numbers, others in their
    order. Raises InputError for more classes than outputs, or for too few images.
    """
    names = list(images)
    inputs = kept.inputs([one for some in images.values() for one in some])
    sizes = [len(some) for some in images.values()]
    if isinstance(kept, KeptLearner):
        least = min(sizes)
        pixels = torch.stack([some[:least] for some in (inputs * 255).round().byte().split(sizes)])
        task = _blank_few_shot(kept, pixels, drawn, episodes, episode_seed)
        return _on_episodes(kept, task)
    targets = torch.tensor(_numbers(kept, names)).repeat_interleave(torch.tensor(sizes))
    return _on_images(kept, inputs, targets, names)


def on_files(kept: KeptModel, episodes: Sequence[FileEpisode]) -> Evaluation:
    """Test a few-shot learner on episodes given as files. Raises InputError for a classifier."""
    if not isinstance(kept, KeptLearner):
        raise InputError(f"{kept} has fixed classes: only a few-shot learner can be tested on episodes")
    shares, by_episode = [], []
    for one in episodes:
        found = kept.predict(one.support, one.labels, one.queries)
        right = sum(given == answer for given, answer in zip(found, one.answers, strict=True))
        shares.append(right / len(one.answers))
        by_episode.append(
            {"episode": one.name, "right": right, "queries": len(one.answers), "predicted": found}
        )
    if len(shares) > 1:
        columns: dict[str, Any] = mean_over_episodes(torch.tensor(shares, dtype=torch.double))._asdict()
    else:  # which has no spread
        columns = {"value": shares[0], "interval": None}
    columns = {"accuracy": columns.pop("value"), **columns, "episodes": len(episodes)}
    return Evaluation("few_shot", columns, {"by_episode": by_episode})


def _on_episodes(kept: KeptLearner, task: FewShotTask) -> Evaluation:
    episodes = test_episodes(task)
    found = predictions(kept.module, task.evaluated, episodes).cpu()  # type: ignore[arg-type]
    right = accuracies(found, episodes.to("cpu"))
    mean = mean_over_episodes(right)
    columns = {
        "accuracy": mean.value,
        "interval": mean.interval,
        "n_way": task.tested.ways,
        "k_shot": task.tested.shots,
        "queries": task.tested.queries,
        "episodes": len(episodes),
        "right_by_episode": " ".join(map(str, (right * episodes.query.shape[1]).round().long().tolist())),
        "diverged": divergence.when("", bool((found == UNUSABLE).any())),
    }
    return Evaluation("few_shot", columns)


def _on_stream(kept: KeptClassifier, task: ContinualTask) -> Evaluation:
    """Accuracy on every experience, as after the last one of a run."""
    strategy = kept.strategy
    benchmark = Benchmark(task, with_rows=prototypes_of(strategy) is not None)
    counts = Predictions(task.outputs)
    adopt(strategy, benchmark.store).plugins.insert(0, counts)
    try:
        matrix = [continual.evaluate(strategy, benchmark, counts)]
    finally:
        strategy.plugins.remove(counts)
    confusions = counts.matrices()
    weights = [float(one.sum()) for one in confusions] if task.pooled else None
    columns = {
        "accuracy": metrics.average_accuracy(matrix, weights),
        "diverged": divergence.when("", counts.unusable),
    }
    return Evaluation(
        "continual", columns, {"R": matrix, "confusion_by_experience": [one.tolist() for one in confusions]}
    )


def _on_levels(kept: KeptClassifier, task: RobustnessTask) -> Evaluation:
    loss = LOSSES[kept.settings["strategy"].get("loss", "cross_entropy")]
    tested = robustness.Tested()
    confusions = robustness.test_levels(kept.strategy, loss, task, tested, States(), other_networks(task))
    columns = {
        **robustness.figures(task, confusions, tested.attacks),
        "diverged": divergence.when("", tested.unusable),
    }
    counts = {
        name: {f"{level:g}": one.tolist() for level, one in by_level.items()}
        for name, by_level in confusions.items()
    }
    return Evaluation("robustness", columns, {"confusion": counts})


def _on_images(kept: KeptModel, inputs: Tensor, targets: Tensor, names: list[str]) -> Evaluation:
    """Labelled images as a stream: of one experience, or with heads of as many as there are."""
    learned = blank(kept.described["task"], str(kept.device))
    assert isinstance(learned, ContinualTask)
    heads = len(learned.train) if learned.multi_head else 1
    width = learned.outputs // heads
    parts = [
        Part(inputs[rows], targets[rows] % width)
        for number in range(heads)
        if len(rows := (targets // width == number).nonzero().squeeze(1)) or heads > 1
    ]
    if any(not len(part.targets) for part in parts):
        raise InputError(
            f"{kept} has a head for each of {heads} experiences: give images of every experience"
        )
    task = replace(learned, train=parts, validation=[], test=parts, evaluate_on="test", pooled=True)
    assert isinstance(kept, KeptClassifier)
    found = _on_stream(kept, task)
    by_class = {}
    offsets = np.arange(heads) * width
    for counts, offset in zip(found.details["confusion_by_experience"], offsets, strict=True):
        for target, row in enumerate(counts):
            if sum(row):
                by_class[names[_numbers(kept, names).index(int(target + offset))]] = row[target] / sum(row)
    return replace(found, details={**found.details, "by_class": by_class})


def _numbers(kept: KeptModel, names: list[str]) -> list[int]:
    """The output of each class of these names."""
    outputs = kept.described["task"]["outputs"]
    if kept.settings["scenario"].get("order_seed", -1) >= 0:
        raise InputError(
            f"{kept} numbers its classes in a random order (scenario.order_seed), so folders cannot be "
            "assigned to them: call .predict, or keep a model that was trained without it"
        )
    if all(name.isdecimal() for name in names):
        numbers = [int(name) for name in names]
        if len(set(numbers)) == len(numbers) and max(numbers) < outputs:
            return numbers
    if len(names) != outputs:
        raise InputError(
            f"{len(names)} folders ({', '.join(names[:5])}{' …' if len(names) > 5 else ''}) for the "
            f"{outputs} classes of {kept}: name folders by the classes' numbers, 0 to {outputs - 1}, or give "
            "one for each class"
        )
    return list(range(len(names)))


def _blank_few_shot(
    kept: KeptLearner, images: Tensor, drawn: Shape, episodes: int, episode_seed: int
) -> FewShotTask:
    """The learner's task with these classes (C, D, 1, H, W) as its test part."""
    like = blank(kept.described["task"], str(kept.device))
    assert isinstance(like, FewShotTask)
    check_shape(Classes(images), drawn, "given")
    return replace(
        like,
        test=Classes(images),
        tested=drawn,
        episodes=episodes,
        episode_seed=episode_seed,
        evaluate_on="test",
    )


def _in_form(kept: KeptLearner, task: FewShotTask) -> FewShotTask:
    """The task with images of the size that the learner takes."""
    wanted = tuple(kept.described["task"]["input_shape"])
    found = task.evaluated
    if found.shape[2:] == wanted:
        return task
    if not isinstance(found, Classes) or found.shape[2] != 1 or isinstance(kept.described["images"], str):
        raise InputError(f"{kept} takes inputs of shape {wanted}, the scenario has {found.shape[2:]}")
    images = found.images
    form = ImageForm(**kept.described["images"])
    grey = prepared(list(images.flatten(0, 2).cpu().numpy()), form, "as_given")
    changed = torch.from_numpy(grey).mul(255).round().byte().to(images.device)
    part: dict[str, Any] = {task.evaluate_on: Classes(changed.view(*images.shape[:2], *wanted))}
    return replace(task, **part)


def _check_not_adapting(kept: KeptClassifier) -> None:
    """Raise InputError for a model that adapts through a test stream, of which experiences are none."""
    settings = kept.settings["strategy"]
    for name, values in {"trace_at_test": ("stream",), "adapt_at_test": ("statistics", "tent")}.items():
        value = settings.get(name)
        if value in values:
            raise InputError(
                f"{kept} adapts through a stream of test samples (strategy.{name}={value}), which only "
                "scenarios of the robustness protocol have: choose one, such as noisy_fashion_mnist"
            )


def _check_fit(kept: KeptClassifier, task: ContinualTask) -> None:
    """Raise InputError for a stream with other inputs, outputs or heads than the model was trained for."""
    known = kept.described["task"]
    heads = [known["regime"] == "task" and len(known["parts"]["train"]), task.multi_head and len(task.train)]
    frames = [one in TIMED and one for one in (known["encoding"], task.encoding)]
    for what, own, other in (
        ("inputs of shape", tuple(known["input_shape"]), task.input_shape),
        ("outputs:", known["outputs"], task.outputs),
        ("heads, one for each task (regime):", *heads),
        ("inputs over time, encoded as", *frames),
    ):
        if own != other:
            raise InputError(
                f"{kept} does not fit the scenario: it was trained for {what} {own or 'none'}, the scenario "
                f"has {other or 'none'}"
            )
