"""Figures from the literature, for comparison with those measured here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpbench.core.levels import from_text


@dataclass(frozen=True)
class Published:
    """An accuracy (0 to 1) that a paper reports for a scenario under conditions such as its regime.

    With a `disturbance` and its `level`, it is the accuracy at that level; else it is compared with the
    board's main score. It counts as reached by an accuracy measured here that differs by `band` at most,
    which allows for the choice of seeds and for settings that papers do not report.
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
        """The condition of the figure in a word: a regime, ways and shots, or a level."""
        if self.level is not None:
            return f"{self.disturbance} {self.level:g}"
        return _condition(dict(self.where))

    def beside(self, row: Mapping[str, Any]) -> float | None:
        """The accuracy in a row that the figure is compared with; None if the row has none."""
        if self.level is None:
            return float(row["accuracy"])
        return from_text(row["by_level"]).get(self.disturbance, {}).get(self.level)


def _condition(where: Mapping[str, str]) -> str:
    """The regime, or ways and shots as in 5w1s."""
    return where["regime"] if "regime" in where else f"{where['n_way']}w{where['k_shot']}s"


@dataclass(frozen=True)
class NextStep:
    """A suggestion to print after a run on `scenario` whose row has the values in `where`.

    `words` are the overrides to try, `sentence` says what they show.
    """

    scenario: str
    where: tuple[tuple[str, str], ...]
    words: str
    sentence: str

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether the suggestion applies after the run that made this row."""
        found = {name: "" if row.get(name) is None else str(row[name]) for name, _ in self.where}
        return row["scenario"] == self.scenario and all(found[name] == value for name, value in self.where)


PROTOTYPES_NEXT = NextStep(
    "split_mnist",
    (("regime", "class"), ("prototype_share", ""), ("memory_samples", "0")),
    "strategy=hp:prototypes",
    "Nothing here protects earlier classes. hpbench run scenario=split_mnist strategy=hp:prototypes adds "
    "Hebbian class means to the network, stores no sample, and reaches 98 % on complete MNIST.",
)
"""Printed after class-incremental fine-tuning. The 98 % are those of the board."""


_VAN_DE_VEN = (
    "van de Ven, Tuytelaars and Tolias, Nat. Mach. Intell. 4:1185 (2022); 2x400 ReLU, 2,000 iterations per "
    "experience, batch 128, Adam 1e-3, cross-entropy, 20 seeds"
)


AVALANCHE_SPLIT_MNIST = "ContinualAI's continual-learning-baselines, its own reproduction with Avalanche"
"""Source of the figures that Avalanche's authors reached."""


def split_mnist(method: str, **accuracy_by_regime: float) -> tuple[Published, ...]:
    """Split-MNIST accuracies of van de Ven et al., by regime."""
    return tuple(
        Published("split_mnist", (("regime", regime),), accuracy, method, _VAN_DE_VEN)
        for regime, accuracy in accuracy_by_regime.items()
    )


SPLIT_MNIST_NONE = split_mnist("fine-tuning (none)", task=0.843, domain=0.601, **{"class": 0.199})
"""Plain fine-tuning: the accuracy of a strategy that does nothing against forgetting."""


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


_CLASSIFICATION = (
    "Wu et al., Nat. Commun. 13:65 (2022): three spiking convolutions of 128, 256 and 256, the best "
    "of 100 passes on the test part"
)


def classification(
    scenario: str, accuracy: float, method: str = "HP", source: str = _CLASSIFICATION, band: float = 0.005
) -> tuple[Published, ...]:
    """Accuracy on all classes of a complete data set, named as the scenario is."""
    where = (("dataset", scenario), ("regime", "class"))
    return (Published(scenario, where, accuracy, method, source, band=band),)


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
