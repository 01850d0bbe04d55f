"""A kept model in use: its module, its settings, and predictions for images as they are."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.core.quiet import quiet_libraries
from hpbench.data.images.as_given import ImageForm, prepared
from hpbench.few_shot.learner import Learner
from hpbench.few_shot.testing import UNUSABLE, labels_of
from hpbench.kept.build import rebuilt
from hpbench.kept.model_file import read_model
from hpbench.tasks.divergence import unusable

_AT_ONCE = 250
"""Batch size where the strategy has no setting for it."""


class KeptModel:
    """A trained model that was loaded from its file.

    `module` is in evaluation mode and gives scores for a tensor of inputs: (B, …) to (B, K) for a classifier;
    for a few-shot learner see `hpbench.few_shot.learner.Learner`. `described` has run id, strategy, scenario,
    settings, seed, versions, data set and shapes. `strategy` is the Avalanche strategy around a classifier,
    else None.
    """

    def __init__(self, path: Path, described: dict[str, Any], module: torch.nn.Module, strategy: Any) -> None:
        self.path = path
        self.described = described
        self.module = module
        self.strategy = strategy

    @property
    def run_id(self) -> str:
        """The run that trained it."""
        return str(self.described["run_id"])

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """All settings of the run, by group: "scenario" and "strategy"."""
        found: dict[str, dict[str, Any]] = self.described["settings"]
        return found

    @property
    def device(self) -> torch.device:
        """The device of the module."""
        tensors = [*self.module.parameters(), *self.module.buffers()]
        return tensors[0].device if tensors else torch.device("cpu")

    def __str__(self) -> str:
        return (
            f"the model of run {self.run_id} ({self.described['strategy']} on {self.described['scenario']})"
        )

    def inputs(self, images: Sequence[Any], polarity: str = "auto") -> Tensor:
        """Images as they are, as inputs (N, …) of the module; see `hpbench.data.images.as_given.prepared`.

        Raises InputError for a model whose inputs are no images.
        """
        form = self.described["images"]
        if isinstance(form, str):
            raise InputError(
                f"run {self.run_id} takes no images: {form}; call .module with a tensor of inputs"
            )
        grey = prepared(images, ImageForm(**form), polarity)
        shape = (len(grey), *self.described["task"]["input_shape"])
        return torch.from_numpy(grey).reshape(shape).to(self.device)


class KeptClassifier(KeptModel):
    """A network trained on a stream or on all classes at once."""

    @torch.no_grad()
    def predict(
        self, images: Sequence[Any], task: int | None = None, polarity: str = "auto"
    ) -> list[int | None]:
        """The class of each image, as the stream numbers them from 0; None for one without usable scores.

        `task` selects the head of an experience, from 0 on, where there is one for each; without it all
        compete.
        """
        size = self.settings["strategy"].get("batch") or _AT_ONCE
        found: list[int | None] = []
        for some in self.inputs(images, polarity).split(size):
            labels = None if task is None else torch.full((len(some),), task, device=self.device)
            scores = self.module(some, labels)
            bad = unusable(scores).any(1).tolist()
            found += [None if no else best for no, best in zip(bad, scores.argmax(1).tolist(), strict=True)]
        return found


class KeptLearner(KeptModel):
    """A meta-trained few-shot learner."""

    @torch.no_grad()
    def predict(
        self,
        support: Sequence[Any],
        labels: Sequence[Hashable],
        queries: Sequence[Any],
        polarity: str = "auto",
    ) -> list[Any]:
        """The label of each query: one of those of the support, None without a usable score.

        `support` and `queries` are images as they are, `labels` any values, one for each image of the
        support. Raises InputError for labels that are not as many, for fewer than two classes, and for more
        than the learner has outputs.
        """
        labels = labels.tolist() if hasattr(labels, "tolist") else list(labels)
        if len(labels) != len(support):
            raise InputError(f"{len(support)} images in the support, {len(labels)} labels: expected as many")
        classes = list(dict.fromkeys(labels))
        if len(classes) < 2:
            raise InputError(f"the support has {len(classes)} class: a learner chooses between two at least")
        images = self.inputs([*support, *queries], polarity)
        shown, asked = images[: len(support)].unsqueeze(0), images[len(support) :].unsqueeze(0)
        numbers = torch.tensor([classes.index(one) for one in labels], device=self.device)
        learner: Learner = self.module  # type: ignore[assignment]
        found = labels_of(learner(shown, numbers, asked, len(classes)))[0].tolist()
        return [None if one == UNUSABLE else classes[one] for one in found]


@quiet_libraries()
def load_model(path: Path | str, device: str = "cpu") -> KeptClassifier | KeptLearner:
    """The model in a file that a run with save=model has written, on a device.

    Raises InputError if the file is missing or damaged, or if its strategy is not here in the same version.
    """
    described, state = read_model(Path(path))
    module, strategy = rebuilt(described, state, device)
    kind = KeptLearner if strategy is None else KeptClassifier
    return kind(Path(path), described, module, strategy)
