"""The feature network of a few-shot learner, from its settings."""

from dataclasses import dataclass

import torch

from hpbench.core.acting import SET, other_than
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.networks.conv import ConvFeatures, TanhFeatures
from hpbench.spiking.conv_features import SpikingConvFeatures
from hpbench.spiking.parameters import RELEASE
from hpbench.spiking.surrogate import SURROGATES
from hpbench.tasks.few_shot import FewShotTask

_SPIKING = {"network": "spiking"}


@dataclass
class DrawnFeatureSettings:
    """Kind and size of a feature network whose weights may stay as drawn."""

    network: str = setting(
        "spiking",
        "spiking conv-4, its real-valued twin (ann), the authors' real-valued network (tanh), or the pixels",
        choices=("spiking", "ann", "tanh", "pixels"),
    )
    filters: list[int] = setting(
        [32, 64, 64, 128],
        "filters of each convolution",
        unit="neurons",
        low=1,
        acts_with={"network": other_than("pixels")},
    )
    down: str = setting(
        "stride",
        "how a layer of conv-4 halves height and width",
        choices=("stride", "pool"),
        acts_with={"network": ("spiking", "ann")},
    )
    time_steps: int = setting(
        4, "steps T that an image is shown to a spiking network", unit="ms", low=1, acts_with=_SPIKING
    )
    threshold: float = setting(
        1.0, "firing threshold v_th", unit="membrane units", low=1e-6, acts_with=_SPIKING
    )
    membrane_decay: float = setting(0.5, "membrane left after a step, k", low=0, high=1, acts_with=_SPIKING)
    reset: str = setting(
        "subtract",
        "after a spike: v_th is taken off, or the membrane is 0",
        choices=("subtract", "zero"),
        acts_with=_SPIKING,
    )


@dataclass
class FeatureSettings(DrawnFeatureSettings):
    """Kind and size of a feature network that learns."""

    surrogate: str = setting(
        RELEASE.surrogate,
        "surrogate gradient of the spike",
        choices=tuple(SURROGATES),
        acts_with={**_SPIKING, "meta_steps": SET},
    )


def build_features(settings: DrawnFeatureSettings, task: FewShotTask) -> tuple[torch.nn.Module, int]:
    """The network for this task, images (B, C, H, W) to features (B, n), on the task's device; and n.

    Its convolutions have their weights with channels last, which is faster.
    Raises InputError for no layers, and for more than the image has room for.
    """
    if not settings.filters:
        raise InputError("strategy.filters is empty: give the width of at least one layer")
    channels = task.input_shape[0]
    network: torch.nn.Module
    if settings.network == "spiking":
        p = RELEASE._replace(
            threshold=settings.threshold,
            membrane_decay=settings.membrane_decay,
            surrogate=_surrogate(settings),
            reset=settings.reset,
        )
        network = SpikingConvFeatures(channels, settings.filters, settings.time_steps, p, settings.down)
    elif settings.network == "ann":
        network = ConvFeatures(channels, settings.filters, settings.down)
    elif settings.network == "tanh":
        network = TanhFeatures(channels, settings.filters)
    else:
        network = torch.nn.Flatten()
    try:
        with torch.no_grad():
            features = network.eval()(torch.zeros(1, *task.input_shape)).shape[1]
    except RuntimeError as error:
        raise InputError(
            f"{len(settings.filters)} layers are too many for images of {task.input_shape}: give "
            f"strategy.filters fewer"
        ) from error
    return network.train().to(memory_format=torch.channels_last).to(task.device), int(features)


def facts_of(settings: DrawnFeatureSettings) -> dict[str, object]:
    """What a row says of the network."""
    if settings.network != "spiking":
        return {"network": settings.network}
    return {
        "network": "spiking",
        "surrogate": _surrogate(settings),
        "encoding": "direct",
        "time_steps": settings.time_steps,
    }


def _surrogate(settings: DrawnFeatureSettings) -> str:
    """The one that is asked for; of a network that does not learn it is never used."""
    chosen: str = getattr(settings, "surrogate", RELEASE.surrogate)
    return chosen
