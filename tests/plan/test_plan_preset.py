"""Defaults that a scenario declares for strategies: beneath overrides, and in the hash of a run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import SCENARIO, light_strategy_text, write_file

from hpbench.core.errors import InputError
from hpbench.core.run import Run
from hpbench.plan.compose import plan

LINES = (
    'rate: float = setting(0.1, "step", low=0, high=1)',
    'widths: list[int] = setting([8], "neurons", low=1)',
    'decay: float | None = setting(None, "trace left")',
)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Run]]:
    """Plans runs of the strategy `plain` on `before` (no preset) or `stream`, with this preset."""
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path))
    write_file(tmp_path / "strategies" / "plain.py", light_strategy_text(*LINES))
    write_file(tmp_path / "scenarios" / "before.py", SCENARIO)

    def planned(preset: Any, *words: str, scenario: str = "stream") -> list[Run]:
        write_file(tmp_path / "scenarios" / "stream.py", f"{SCENARIO}\n\nSTRATEGY_PRESET = {preset!r}\n")
        return plan([f"scenario={scenario}", "strategy=plain", *words])

    return planned


def test_a_preset_changes_defaults_and_is_no_override(runs: Callable[..., list[Run]]) -> None:
    [run] = runs({"widths": [16, 4], "decay": 0.5, "unknown": 3})
    assert run.strategy_settings.widths == [16, 4]
    assert (run.strategy_settings.rate, run.strategy_settings.decay) == (0.1, 0.5)
    assert run.settings["strategy"] == {"rate": 0.1, "widths": [16, 4], "decay": 0.5}
    assert run.overrides == ""
    [without] = runs({}, scenario="before")
    assert without.strategy_settings.widths == [8]


def test_overrides_stand_above_a_preset(runs: Callable[..., list[Run]]) -> None:
    preset = {"widths": [16, 4], "rate": 0.5}
    [run] = runs(preset, "strategy.widths=[8]", "strategy.rate=0.5")
    assert run.strategy_settings.widths == [8]
    assert run.overrides == "strategy.widths=[8]"
    assert runs(preset, *run.overrides.split()) == [run]


def test_an_instance_does_not_share_its_list_with_the_preset(runs: Callable[..., list[Run]]) -> None:
    [run] = runs({"widths": [16, 4]})
    run.strategy_settings.widths.append(1)
    assert runs({"widths": [16, 4]})[0].strategy_settings.widths == [16, 4]


@pytest.mark.parametrize(
    ("preset", "reason"),
    [
        ({"widths": "wide"}, "STRATEGY_PRESET does not fit the settings: .*list"),
        ({"rate": 2.0}, r"strategy.rate=2.0: expected a value between 0 and 1"),
        ([1], "STRATEGY_PRESET must be a dictionary"),
    ],
)
def test_a_preset_that_does_not_fit_is_refused(
    runs: Callable[..., list[Run]], preset: Any, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        runs(preset)
