"""A meta-trained learner on disk, so that it is trained once for all episode shapes that it is tested on."""

from pathlib import Path
from typing import Any

from hpbench.core.stored_state import state_file, store, stored
from hpbench.few_shot.learner import Learner
from hpbench.few_shot.meta_training import Training
from hpbench.tasks.few_shot import FewShotTask


def file_of(task: FewShotTask) -> Path:
    """Where the learner of these sources, settings, seed and data is stored; it need not exist."""
    return state_file(task.learners, task.training_key, task.dataset_sha256)


def store_learner(learner: Learner, training: Training, task: FewShotTask) -> None:
    """Write the learner's state and the log of its training."""
    store(file_of(task), {"state": learner.state_dict(), "training": training.as_dict()})


def restore_learner(learner: Learner, task: FewShotTask) -> Training | None:
    """Bring the learner into the state that was stored; None, and the learner as it was, if there is none."""
    found = stored(file_of(task), task.device, anew=task.train_anew)
    try:
        if found is None or _shapes(found["state"]) != _shapes(learner.state_dict()):
            return None
        training = Training.from_dict(found["training"])
    except (AttributeError, KeyError, TypeError):  # written by something else
        return None
    learner.load_state_dict(found["state"])
    return training


def _shapes(state: dict[str, Any]) -> dict[str, Any]:
    return {name: one.shape for name, one in state.items()}
