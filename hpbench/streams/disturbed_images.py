"""An image set as a task of the robustness protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hpbench.core.acting import no_effect
from hpbench.core.errors import InputError
from hpbench.core.extras import need_extra
from hpbench.core.settings import setting
from hpbench.data.holdout import stratified_holdout
from hpbench.data.images.image_data import ImageData, Pixels, as_floats
from hpbench.data.labels import classes_of
from hpbench.disturb.attacks import ATTACKS, BY_GRADIENT, BY_TOOLBOX
from hpbench.disturb.corruptions.table import CORRUPTIONS, ONLY_IN_COLOUR, UNDRAWN
from hpbench.disturb.images import IMAGE_DISTURBANCES, Images
from hpbench.disturb.seeded import level_generator
from hpbench.learning.settings import EncodingSettings
from hpbench.spiking.codes.table import CODES
from hpbench.streams.disturbed_settings import RobustnessSettings, levels_of
from hpbench.streams.image_inputs import float_inputs
from hpbench.streams.image_stream import image_part
from hpbench.tasks.continual import Part
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

if TYPE_CHECKING:
    from torch import Tensor

_ON_IMAGES = {**IMAGE_DISTURBANCES, **CORRUPTIONS}
_KNOWN = {**_ON_IMAGES, **ATTACKS}
_WITHOUT_DRAWS = {"centre_crop", "fgsm", *UNDRAWN}


@dataclass
class ImageRobustnessSettings(RobustnessSettings, EncodingSettings):
    """Disturbances of images."""

    disturbances: list[str] = setting(
        ["gaussian"],
        "disturbances of the tested images; the board ranks by the first",
        choices=tuple(_KNOWN),
        at_test_only=True,
    )
    attack_steps: int = setting(
        20,
        "steps of the attacks pgd and strongest",
        unit="steps",
        low=1,
        at_test_only=True,
        acts_with={"disturbances": ("pgd", "strongest")},
    )
    attack_queries: int = setting(
        200,
        "queries of the attacks square and strongest",
        unit="queries per image",
        low=1,
        at_test_only=True,
        acts_with={"disturbances": ("square", "strongest")},
    )

    def check(self) -> None:
        """Raise InputError for disturbances, levels or parts that exclude each other, or a missing extra."""
        super().check()
        levels_of(self.disturbances, self.levels, _KNOWN)
        code = CODES[self.encoding]
        drawn = code.drawn or {*self.disturbances} - _WITHOUT_DRAWS
        if self.noise_seed and not drawn:
            needs = "a random disturbance"
            raise InputError(no_effect("scenario.noise_seed", self.noise_seed, needs))
        blind = sorted({*self.disturbances} & {*BY_GRADIENT})
        if blind and code.no_gradient:
            raise InputError(
                f"scenario.disturbances={blind} with scenario.encoding={self.encoding}: {code.no_gradient}; "
                "use square or random_sign, or another encoding"
            )
        by_toolbox = sorted({*self.disturbances} & {*BY_TOOLBOX})
        if by_toolbox:
            need_extra("attacks", f"scenario.disturbances={by_toolbox}")


def image_task(data: ImageData, settings: ImageRobustnessSettings, resources: Resources) -> RobustnessTask:
    """A task with all classes in one experience, and disturbances of the tested part.

    Inputs are those of `image_inputs`. Raises InputError for more tested samples than there are, and for
    disturbances of colours where there are none.
    """

    def change(clean: Images, rows: NDArray[np.int64], name: str, level: float) -> Images:
        changed: Images = _ON_IMAGES[name].apply(
            clean, level, level_generator(settings.noise_seed, name, level)
        )
        return changed

    colourless = sorted(ONLY_IN_COLOUR & {*settings.disturbances})
    if colourless and data.test_images.ndim == 3:
        raise InputError(
            f"scenario.disturbances={colourless}: it changes colours, and the images of {data.name} are "
            "grey; choose another one, or a scenario of colour images such as noisy_cifar10"
        )
    return tested_under(
        data,
        settings,
        resources,
        levels_of(settings.disturbances, settings.levels, _KNOWN),
        change,
        attack_steps=settings.attack_steps,
        attack_queries=settings.attack_queries,
    )


def tested_under(
    data: ImageData,
    settings: Any,
    resources: Resources,
    levels: Mapping[str, tuple[float, ...]],
    change: Callable[[Images, NDArray[np.int64], str, float], Images],
    **others: Any,
) -> RobustnessTask:
    """A task that learns an image set and is tested under what `change(images, rows, name, level)` makes.

    `change` gets all images of the part, (N, …), and the indices of the tested ones in their order, and
    returns all images. `settings` are RobustnessSettings with an encoding; `others` are further fields of the
    task.
    """
    from hpbench.learning.train_once import place

    kept, held_out = stratified_holdout(data.train_labels, settings.validation_share)

    def part(images: Pixels, labels: np.ndarray) -> Part:
        return image_part(images, labels, resources.device)

    validation = data.train_images[held_out], data.train_labels[held_out]
    test = data.test_images, data.test_labels
    learned = settings.task(
        resources.device,
        **settings.encoded,
        dataset=data.name,
        dataset_sha256=data.sha256,
        regime=settings.regime,
        train=[part(data.train_images[kept], data.train_labels[kept])],
        validation=[part(*validation)],
        test=[part(*test)],
        outputs=classes_of(data.train_labels, data.test_labels),
    )
    images, labels = test if settings.evaluate_on == "test" else validation
    rows = settings.tested_rows(labels, "samples")
    # All images, so that an image's noise does not depend on how many are tested.
    clean = as_floats(images)

    def disturbed(name: str, level: float) -> "Tensor":
        return float_inputs(change(clean, rows, name, level)[rows], resources.device)

    return RobustnessTask(
        learned=learned,
        tested=part(images[rows], labels[rows]),
        levels=levels,
        disturbed=disturbed,
        noise_seed=settings.noise_seed,
        order=settings.test_order,
        kept=place(resources, data.sha256),
        train_anew=resources.train_anew,
        **others,
    )
