"""A data set of characters as a few-shot task: classes for meta-training, validation and test."""

from typing import Any

from hpbench.data.characters.characters import Characters
from hpbench.data.characters.splits import Indices, divide, with_rotations
from hpbench.data.places import learners_folder
from hpbench.few_shot.settings import EpisodeSettings
from hpbench.tasks.few_shot import Classes, FewShotTask
from hpbench.tasks.resources import Resources


def character_task(data: Characters, settings: EpisodeSettings, resources: Resources) -> FewShotTask:
    """The task, its images on the device. Raises InputError if test episodes cannot be drawn from it."""
    import torch

    division = divide(data, settings.split)

    def classes(chosen: Indices, *, rotated: bool = False) -> Classes:
        images = data.images[chosen]
        images = with_rotations(images) if rotated else images
        alphabets = tuple(map(str, data.alphabets[chosen])) * (len(images) // len(chosen))
        return Classes(torch.from_numpy(images.copy()).unsqueeze(2).to(resources.device), alphabets)

    return few_shot_task(
        settings,
        resources,
        dataset=data.name,
        dataset_sha256=data.sha256,
        train=classes(division.train, rotated=settings.rotations),
        validation=classes(division.validation),
        test=classes(division.test),
    )


def few_shot_task(settings: EpisodeSettings, resources: Resources, **data: Any) -> FewShotTask:
    """The task of these settings; `data` are the fields for the data set and its classes.

    Raises InputError if test episodes cannot be drawn from the classes.
    """
    from hpbench.few_shot.episodes import check_shape

    task = FewShotTask(
        **data,
        split=settings.split,
        tested=settings.tested,
        episodes=settings.episodes,
        episode_seed=settings.episode_seed,
        evaluate_on=settings.evaluate_on,
        device=resources.device,
        training_key=resources.training_key,
        learners=learners_folder(),
        train_anew=resources.train_anew,
    )
    check_shape(task.evaluated, task.tested, settings.evaluate_on)
    return task
