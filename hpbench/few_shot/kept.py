"""A meta-trained learner on disk, so that it is trained once for all episode shapes that it is tested on."""

import io
import logging
import pickle
import zipfile
from dataclasses import asdict
from pathlib import Path

import torch

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.few_shot.learner import Learner
from hpbench.few_shot.meta_training import Look, Training
from hpbench.tasks.few_shot import FewShotTask

log = logging.getLogger(__name__)

_DAMAGED = (
    AttributeError,
    EOFError,
    RuntimeError,
    KeyError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
)

_made_here: set[Path] = set()  # by this process: asked to train anew, a sweep does so once


def file_of(task: FewShotTask) -> Path:
    """Where the learner of these sources, settings, seed and data is kept; it need not exist."""
    return task.learners / f"{task.training_key}-{task.dataset_sha256[:16]}.pt"


def keep(learner: Learner, training: Training, task: FewShotTask) -> None:
    """Write the learner's state and how it came about; if that fails, the log says so and the run goes on."""
    buffer = io.BytesIO()
    torch.save({"state": learner.state_dict(), "training": asdict(training)}, buffer)
    try:
        write_atomically(file_of(task), buffer.getvalue())
    except InputError as error:
        log.warning("The meta-trained learner is not kept, another shape will train anew: %s", error)
        return
    _made_here.add(file_of(task))


def take(learner: Learner, task: FewShotTask) -> Training | None:
    """Bring the learner into the state that was kept; None, and the learner as it was, if there is none.

    If the task asks for new training, only what this process trained is taken.
    """
    if task.train_anew and file_of(task) not in _made_here:
        return None
    try:
        found = torch.load(file_of(task), map_location=task.device, weights_only=True)
        told = found["training"]
        training = Training(**{**told, "looks": [Look(**look) for look in told["looks"]]})
        fits = {name: one.shape for name, one in found["state"].items()}
        if fits != {name: one.shape for name, one in learner.state_dict().items()}:
            return None
        learner.load_state_dict(found["state"])
    except (OSError, *_DAMAGED):
        return None
    return training
