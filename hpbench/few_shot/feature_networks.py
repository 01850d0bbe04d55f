"""The feature network of a few-shot learner, from its settings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hpbench.core.acting import SET, Needed, other_than
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.networks.neuron_settings import SHARED_CONSTANTS, OwnNeuronSettings
from hpbench.spiking.choices import FRAMES, SURROGATE_NAMES
from hpbench.spiking.credit.locality import BACKPROPAGATION, FEATURE_RULES
from hpbench.spiking.neurons.table import NEURONS, implied_of_neurons, neuron_of
from hpbench.spiking.parameters import RELEASE
from hpbench.tasks.few_shot import FewShotTask

if TYPE_CHECKING:
    import torch

_SPIKING = {"network": "spiking"}


@dataclass
class DrawnFeatureSettings(OwnNeuronSettings):
    """Kind and size of a feature network, which may keep its initial weights."""

    network: str = setting(
        "spiking",
        "features: spiking conv-4, real-valued conv-4 (ann), the HP authors' network (tanh), or the pixels",
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
        "how conv-4 halves height and width: strided convolutions or max pooling",
        choices=("stride", "pool"),
        acts_with={"network": ("spiking", "ann")},
    )
    time_steps: int = setting(
        4,
        "time steps T for which an image is shown to a spiking network; events have scenario.time_steps",
        unit="ms",
        low=1,
        acts_with={**_SPIKING, "stream.encoding": Needed("images as inputs", lambda found: found != FRAMES)},
    )
    last_layer: str = setting(
        "fires",
        "features: firing rates of the last layer (fires), or mean currents, if above 0, of neurons in it "
        "that do not fire (integrates)",
        choices=("fires", "integrates"),
        acts_with=_SPIKING,
    )
    neuron: str = setting(
        "lif",
        "neuron model: leaky integrate-and-fire, the same with a threshold that adapts, Izhikevich's, or the "
        "spike response model",
        choices=tuple(NEURONS),
        acts_with=_SPIKING,
    )
    threshold: float = setting(
        1.0, "firing threshold v_th", unit="membrane units", low=1e-6, acts_with=_SPIKING
    )
    membrane_decay: float = setting(
        0.5, "share k of the membrane left after a step", low=0, high=1, acts_with=_SPIKING
    )
    reset: str = setting(
        "subtract",
        "after a spike: subtract v_th from the membrane, or set it to 0",
        choices=("subtract", "zero"),
        acts_with=_SPIKING,
    )

    ACTS_WITH: ClassVar[dict[Any, Any]] = SHARED_CONSTANTS

    def implied(self) -> dict[str, object]:
        """The values that None stands for in the neurons' own settings."""
        return implied_of_neurons(self)


@dataclass
class FeatureSettings(DrawnFeatureSettings):
    """Kind and size of a feature network that is meta-trained."""

    surrogate: str = setting(
        RELEASE.surrogate,
        "surrogate gradient of the spike",
        choices=SURROGATE_NAMES,
        acts_with={**_SPIKING, "meta_steps": SET},
    )


@dataclass
class CreditFeatureSettings(FeatureSettings):
    """Features that may learn without backpropagation through their layers, and through time."""

    outer_rule: str = setting(
        "backpropagation",
        "how the outer loop's error reaches spiking hidden layers: backpropagation through layers and time; "
        "or at once, through fixed random weights, and there through time (dfa) or to each synapse's own "
        "eligibility trace (eprop)",
        choices=("backpropagation", *FEATURE_RULES),
        acts_with={
            **_SPIKING,
            "meta_steps": SET,
            "filters": Needed("several layers", lambda one: len(one) > 1),
        },
    )

    def check(self) -> None:
        """Raise InputError for neurons that the rule is not defined for here."""
        following = getattr(super(), "check", None)
        if following is not None:
            following()
        if self.outer_rule == "eprop" and self.neuron != "lif":
            raise InputError(
                f"strategy.neuron={self.neuron} with strategy.outer_rule=eprop: eligibility traces of "
                "features are defined here for lif neurons: choose these, or outer_rule=dfa"
            )


def build_features(settings: DrawnFeatureSettings, task: FewShotTask) -> "tuple[torch.nn.Module, int]":
    """The network for this task, images (B, C, H, W) to features (B, n), on the task's device; and n.

    Frames of events (B, T, P, H, W) are a spiking network's input step by step; others take their time steps
    as channels. Its convolution weights are in channels-last order, which is faster.
    Raises InputError without layers, and for more layers than the image size allows.
    """
    import torch

    if not settings.filters:
        raise InputError("strategy.filters is empty: give the width of at least one layer")
    try:
        network = _network(settings, task)
        with torch.no_grad():
            features = network.eval()(torch.zeros(1, *task.input_shape)).shape[1]
    except RuntimeError as error:
        raise InputError(
            f"{len(settings.filters)} layers are too many for images of {task.input_shape}: give "
            f"strategy.filters fewer"
        ) from error
    return network.train().to(memory_format=torch.channels_last).to(task.device), int(features)


def _network(settings: DrawnFeatureSettings, task: FewShotTask) -> "torch.nn.Module":
    import torch

    from hpbench.networks.conv import ConvFeatures, TanhFeatures

    steps = task.shown_steps
    if settings.network == "spiking":
        return _spiking(settings, task)
    channels = task.input_shape[-3] * (steps or 1)
    network: torch.nn.Module
    if settings.network == "ann":
        network = ConvFeatures(channels, settings.filters, settings.down)
    elif settings.network == "tanh":
        network = TanhFeatures(channels, settings.filters)
    else:
        return torch.nn.Flatten()
    return network if steps is None else torch.nn.Sequential(torch.nn.Flatten(1, 2), network)


def _spiking(settings: DrawnFeatureSettings, task: FewShotTask) -> "torch.nn.Module":
    from hpbench.spiking.conv_features import SpikingConvFeatures
    from hpbench.spiking.credit.conv_features import CreditConvFeatures

    p = RELEASE._replace(
        threshold=settings.threshold,
        membrane_decay=settings.membrane_decay,
        surrogate=_surrogate(settings),
        reset=settings.reset,
        neuron=neuron_of(settings),
    )
    shape, steps = task.input_shape[-3:], task.shown_steps or settings.time_steps
    sizes = settings.filters, steps, p, settings.down
    integrates = settings.last_layer == "integrates"
    rule = _outer_rule(settings)
    if rule == "backpropagation" or len(settings.filters) == 1:
        return SpikingConvFeatures(shape[0], *sizes, integrates=integrates)
    return CreditConvFeatures(rule, shape, *sizes, integrates=integrates)


def facts_of(settings: DrawnFeatureSettings, task: FewShotTask) -> dict[str, object]:
    """Columns of a leaderboard row that describe the network."""
    if settings.network != "spiking":
        return {"network": settings.network}
    rule = _outer_rule(settings)
    return {
        "network": "spiking",
        **(FEATURE_RULES.get(rule, BACKPROPAGATION)._asdict() if getattr(settings, "meta_steps", 0) else {}),
        "surrogate": _surrogate(settings),
        "encoding": "direct" if task.shown_steps is None else FRAMES,
        "time_steps": task.shown_steps or settings.time_steps,
    }


def _outer_rule(settings: DrawnFeatureSettings) -> str:
    """That of the settings; of a network without such a setting, backpropagation."""
    chosen: str = getattr(settings, "outer_rule", "backpropagation")
    return chosen


def _surrogate(settings: DrawnFeatureSettings) -> str:
    """The surrogate of the settings; a network that does not learn has none and never uses it."""
    chosen: str = getattr(settings, "surrogate", RELEASE.surrogate)
    return chosen
