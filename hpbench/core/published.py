"""Figures from the literature, to stand beside ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpbench.core.levels import from_text


@dataclass(frozen=True)
class Published:
    """An accuracy (0 to 1) that a paper reports for a scenario under conditions such as its regime.

    With a `disturbance` and its `level`, it is the accuracy there; else the board's.
    A figure of ours counts as reached if it is no further from it than `band`, which leaves room for seeds
    and for settings that papers do not tell.
    """

    scenario: str
    where: tuple[tuple[str, str], ...]
    accuracy: float
    method: str
    source: str
    band: float = 0.02
    disturbance: str = ""
    level: float | None = None

    @property
    def condition(self) -> str:
        """What the figure holds for, in a word: a regime, ways and shots, or a level."""
        if self.level is not None:
            return f"{self.disturbance} {self.level:g}"
        return _condition(dict(self.where))

    def beside(self, row: Mapping[str, Any]) -> float | None:
        """The accuracy of a row that the figure is held against; None if the row has none."""
        if self.level is None:
            return float(row["accuracy"])
        return from_text(row["by_level"]).get(self.disturbance, {}).get(self.level)


def _condition(where: Mapping[str, str]) -> str:
    """The regime, or ways and shots as in 5w1s."""
    return where["regime"] if "regime" in where else f"{where['n_way']}w{where['k_shot']}s"


@dataclass(frozen=True)
class NextStep:
    """What to try after a run on a scenario, where the run's row agrees with `where`, and what it shows."""

    scenario: str
    where: tuple[tuple[str, str], ...]
    words: str
    sentence: str

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is of a run after which this is of use."""
        told = {name: "" if row.get(name) is None else str(row[name]) for name, _ in self.where}
        return row["scenario"] == self.scenario and all(told[name] == value for name, value in self.where)


PROTOTYPES_NEXT = NextStep(
    "split_mnist",
    (("regime", "class"), ("prototype_share", ""), ("memory_samples", "0")),
    "strategy=hp:prototypes",
    "Nothing here holds on to earlier classes. hpbench run scenario=split_mnist strategy=hp:prototypes keeps "
    "Hebbian class means beside the network, no sample, and shows 98 % on complete MNIST.",
)
"""After fine-tuning on classes that come one after another. The figure is that of the board."""


_VAN_DE_VEN = (
    "van de Ven, Tuytelaars and Tolias, Nat. Mach. Intell. 4:1185 (2022); 2x400 ReLU, 2,000 iterations per "
    "experience, batch 128, Adam 1e-3, cross-entropy, 20 seeds"
)


AVALANCHE_SPLIT_MNIST = "ContinualAI's continual-learning-baselines, its own reproduction with Avalanche"
"""Source of figures that Avalanche's authors reached."""


def split_mnist(method: str, **accuracy_by_regime: float) -> tuple[Published, ...]:
    """Split-MNIST accuracies of van de Ven et al., by regime."""
    return tuple(
        Published("split_mnist", (("regime", regime),), accuracy, method, _VAN_DE_VEN)
        for regime, accuracy in accuracy_by_regime.items()
    )


SPLIT_MNIST_NONE = split_mnist("fine-tuning (none)", task=0.843, domain=0.601, **{"class": 0.199})
"""Plain fine-tuning: what a strategy without a measure against forgetting reaches."""


def omniglot(method: str, source: str, *accuracies: float) -> tuple[Published, ...]:
    """Omniglot accuracies at 5-way 1- and 5-shot, 20-way 1- and 5-shot, `characters` split."""
    shapes = (("5", "1"), ("5", "5"), ("20", "1"), ("20", "5"))
    return tuple(
        Published(
            "omniglot",
            (("dataset", "omniglot"), ("n_way", ways), ("k_shot", shots), ("split", "characters")),
            accuracy,
            method,
            source,
            band=0.005,
        )
        for (ways, shots), accuracy in zip(shapes, accuracies, strict=True)
    )


_NOISE = (
    "reproduction of Wu et al., Nat. Commun. 13:65 (2022), with FGSM: its table of Gaussian noise; "
    "784-512-10, 30 epochs"
)


def noisy_fashion_mnist(method: str, *accuracies: float, epsilon: float = 0.0) -> tuple[Published, ...]:
    """Fashion-MNIST accuracies under Gaussian noise of variance 0, 0.01, … 0.06; trained with FGSM of ε."""
    return tuple(
        Published(
            "noisy_fashion_mnist",
            (
                ("dataset", "fashion_mnist"),
                ("adversarial_epsilon", str(epsilon)),
                ("test_order", "data"),
            ),
            accuracy,
            method,
            _NOISE,
            band=0.015,
            disturbance="gaussian",
            level=number / 100,
        )
        for number, accuracy in enumerate(accuracies)
    )
