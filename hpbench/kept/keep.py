"""A trained model as a file, if what is in it gives the same scores as what was trained."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.core.run import Run
from hpbench.core.seeded_draws import seeded_draws
from hpbench.data.images.as_given import form_of
from hpbench.few_shot.learner import Learner
from hpbench.kept.blank_task import Task, describe, learned_of
from hpbench.kept.build import built
from hpbench.kept.model_file import model_bytes
from hpbench.spiking.choices import TIMED
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.few_shot import FewShotTask
from hpbench.tasks.image_shape import image_shape

_FRAMES = "its inputs are frames of events or of a sequence"

_SEEN = 100
"""Samples that the form of images is taken from, and those that a copy is compared on."""


def keep(
    run: Run,
    columns: Mapping[str, Any],
    builder: Callable[[Any, Any], Any],
    task: Task,
    trained: torch.nn.Module,
) -> bytes:
    """The file of a run's trained module, with all that is needed to build it again.

    `columns` are described beside the settings: the run's identity, versions, the row's accuracy. Raises
    InputError if a model built from it would give other scores: the strategy then holds something outside its
    network.
    """
    learned = learned_of(task)
    described = {
        **columns,
        "settings": {
            "scenario": dataclasses.asdict(run.scenario_settings),
            "strategy": dataclasses.asdict(run.strategy_settings),
        },
        "threads": run.threads,
        "task": describe(learned),
        "images": _image_form(learned),
    }
    state = trained.state_dict()
    try:
        again = built(builder, run.strategy_settings, described, state, learned.device).module
    except Exception as error:
        raise InputError(
            f"the model of run {columns['run_id']} is not kept: strategy {run.strategy!r} cannot be built "
            f"without the data ({type(error).__name__}: {error})"
        ) from error
    if not _alike(trained, again, learned):
        raise InputError(
            f"the model of run {columns['run_id']} is not kept: built again from its tensors it gives other "
            f"scores, so strategy {run.strategy!r} holds something outside its network (plain attributes are "
            "not kept: register buffers)"
        )
    return model_bytes(described, state)


def _image_form(task: ContinualTask | FewShotTask) -> dict[str, Any] | str:
    """The form of the training images; or why inputs are no images, in words."""
    if isinstance(task, FewShotTask):
        if task.shown_steps is not None:
            return _FRAMES
        images = task.train.at(torch.arange(min(_SEEN, len(task.train) * task.train.samples)))
    elif task.encoding in TIMED:
        return _FRAMES
    elif any(part.permutation is not None for part in task.train):
        return "its pixels are permuted, in another way in each experience"
    else:
        images = task.train[0].inputs[torch.arange(min(_SEEN, len(task.train[0].targets)))]
    try:
        channels, height, width = image_shape(tuple(images.shape[1:]), "images")
    except (InputError, ValueError):
        return f"its inputs are of shape {tuple(images.shape[1:])}"
    if channels != 1:
        return f"its inputs have {channels} channels"
    return dataclasses.asdict(form_of(images.reshape(-1, height, width).cpu().numpy()))


def _alike(one: torch.nn.Module, other: torch.nn.Module, task: ContinualTask | FewShotTask) -> bool:
    """Whether both give the same scores for some samples; nearly the same on a GPU, whose sums vary."""
    mode = one.training
    one.eval()
    try:
        found, again = (_scores(module, task) for module in (one, other))
    finally:
        one.train(mode)
    if found.is_cuda:
        return bool((found.argmax(-1) == again.argmax(-1)).double().mean() > 0.9)
    return torch.allclose(found, again, rtol=0, atol=0, equal_nan=True)


@torch.no_grad()
def _scores(module: torch.nn.Module, task: ContinualTask | FewShotTask) -> Tensor:
    with seeded_draws(torch=0):  # an encoder may draw random spikes
        if isinstance(module, Learner):
            assert isinstance(task, FewShotTask)
            ways = min(task.tested.ways, len(task.evaluated))
            labels = torch.arange(ways, device=task.evaluated.device)
            firsts = task.evaluated.samples * labels
            images = task.evaluated.at(torch.cat([firsts, firsts + 1])).unsqueeze(0)
            found: Tensor = module(images[:, :ways], labels, images[:, ways:], ways)
            return found
        assert isinstance(task, ContinualTask)
        part = (task.test or task.train)[0]
        rows = torch.arange(min(_SEEN, len(part.targets)), device=part.targets.device)
        scores: Tensor = module(part.inputs[rows])
        return scores
