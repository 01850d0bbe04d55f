"""Settings shared by the scenarios of the robustness protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.settings import setting, with_default
from hpbench.disturb.disturbance import Disturbance
from hpbench.learning.settings import HoldoutSettings


@dataclass
class RobustnessSettings(HoldoutSettings):
    """Settings of training and testing that do not depend on the kind of disturbances."""

    passes: int = with_default(HoldoutSettings, "passes", 30)
    validation_share: float = with_default(HoldoutSettings, "validation_share", 0.0)
    levels: list[float] = setting(
        [], "levels of the only disturbance; empty: its default levels", low=0, at_test_only=True
    )
    noise_seed: int = setting(
        0, "seed of the disturbances, the same for all strategies", low=0, high=2**32 - 1, at_test_only=True
    )
    test_order: str = setting(
        "data",
        "order of the tested samples: of the data, or by class; it matters to traces that adapt to a batch",
        choices=("data", "class"),
        at_test_only=True,
    )
    tested_samples: int = setting(
        0, "number of samples tested, from the first on; 0 for all", unit="samples", low=0, at_test_only=True
    )

    regime: ClassVar[str] = "class"
    experiences: ClassVar[int] = 1

    def tested_rows(self, labels: NDArray[np.int64], called: str) -> NDArray[np.int64]:
        """Indices, in test order, of the tested ones among samples with these labels.

        Raises InputError if there are too few samples; `called` is the message's word for samples.
        """
        if self.tested_samples > len(labels):
            raise InputError(
                f"scenario.tested_samples={self.tested_samples}: there are {len(labels)} {called} to test on"
            )
        labels = labels[: self.tested_samples or None]
        if self.test_order == "mixed":
            return np.random.RandomState(self.noise_seed).permutation(len(labels))
        return np.argsort(labels, kind="stable") if self.test_order == "class" else np.arange(len(labels))


def levels_of(
    names: list[str], levels: list[float], known: Mapping[str, Disturbance]
) -> dict[str, tuple[float, ...]]:
    """The increasing levels of each disturbance by name.

    Raises InputError for no name or the same name twice, and for levels that are given together with several
    names, named twice, out of range, or indistinguishable by six digits.
    """
    if not names or len(set(names)) != len(names):
        raise InputError(f"scenario.disturbances={names}: name at least one, and none twice")
    if levels and len(names) > 1:
        raise InputError(
            f"scenario.levels={levels} with scenario.disturbances={names}: levels belong to one disturbance; "
            "run one at a time, or leave scenario.levels out"
        )
    levels = [level + 0.0 for level in levels]  # −0.0 is 0
    if len(set(levels)) < len(levels):
        raise InputError(f"scenario.levels={levels}: name each level once")
    chosen = {name: tuple(sorted(levels)) or known[name].levels for name in names}
    for name, some in chosen.items():
        for level in some:
            known[name].check(level)
        if len({f"{level:g}" for level in some}) < len(some):
            raise InputError(f"scenario.levels={levels}: levels must differ in their first six digits")
    return chosen
