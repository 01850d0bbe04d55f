"""A picture of one test sample under the disturbances of a robustness scenario."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.disturb.attacks import ATTACKS
from hpbench.disturb.known import known
from hpbench.report.strip import Row, strip
from hpbench.tasks.image_shape import image_shape

_COLUMNS = 10
"""Largest number of time steps of events that are shown, evenly spaced."""


def sample_picture(name: str, task: Any, sample: int = 0) -> bytes:
    """A PNG of one tested sample of a RobustnessTask under each of its disturbances, except attacks.

    Raises InputError if there are only attacks.
    """
    one = torch.tensor([sample])
    clean = _pictures(task.tested.inputs[one][0])
    target = int(task.tested.targets[sample])
    title = f"{name} ({task.dataset}), tested sample {sample + 1}, class {target}"
    shown = {one: levels for one, levels in task.levels.items() if one not in ATTACKS}
    if not shown:
        raise InputError(
            f"scenario.disturbances={list(task.levels)}: attacks need a trained network, and a picture has "
            "none; name a disturbance that is no attack, such as gaussian"
        )
    if clean.ndim < 4:
        rows: list[Row] = []
        for disturbance, levels in shown.items():
            pictures = [
                clean if level == 0 else _pictures(task.disturbed(disturbance, level)[one][0])
                for level in levels
            ]
            what = known(disturbance, levels)
            name = disturbance if what is None else f"{disturbance}\n{what.axis}"
            rows.append(Row(name, np.stack(pictures), [f"{level:g}" for level in levels]))
        return strip(title, rows)
    steps = np.unique(np.linspace(0, len(clean) - 1, min(_COLUMNS, len(clean))).round().astype(int))
    rows = [Row("clean", clean[steps], [f"step {step + 1}" for step in steps])]
    for disturbance, levels in shown.items():
        what = known(disturbance, levels)
        for level in levels:
            if level:
                frames = _pictures(task.disturbed(disturbance, level)[one][0])
                size = f"{level:g}" if what is None else what.at(level)
                rows.append(Row(f"{disturbance}\n{size}", frames[steps]))
    return strip(title, rows)


def _pictures(sample: torch.Tensor) -> NDArray[np.float32]:
    """The sample as (H, W) if it is a flattened square image; colour stays (3, H, W), events (T, P, H, W)."""
    values: NDArray[np.float32] = sample.cpu().numpy()
    return values if values.ndim > 1 else values.reshape(image_shape(values.shape, "picture")[1:])
