"""Presets of a strategy: asked for by name, the same run as their settings, read without being run."""

from pathlib import Path

import pytest
from toy import light_strategy_text, write_file

from hpbench import registry
from hpbench.cli.board import Here
from hpbench.core.errors import InputError
from hpbench.core.presets import shortest_name
from hpbench.core.run import Run
from hpbench.plan.compose import plan

PRESETS = """
PRESETS = {
    "quick": ("Wide and coarse.", {"rate": 0.5, "widths": [4, 2]}),
    "wide": ("Wide.", {"widths": [64]}),
    "wide_quick": ("wide", "Wide and coarse.", {"rate": 0.25}),
}
"""
LINES = (
    'rate: float = setting(0.1, "step", low=0, high=1)',
    'widths: list[int] = setting([8], "neurons", unit="neurons", low=1)',
)
SCENARIO = '''"""A scenario that is never built."""

from dataclasses import dataclass

VERSION = "1"
PROTOCOL = "continual"


@dataclass
class Settings:
    """None."""


def build(settings, resources):
    """Never called."""
'''


@pytest.fixture(autouse=True)
def light(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder named by HPBENCH_PATH with a strategy that has presets."""
    write_file(tmp_path / "scenarios" / "stream.py", SCENARIO)
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path))
    return write_file(tmp_path / "strategies" / "plain.py", light_strategy_text(*LINES) + PRESETS)


def planned(strategy: str, *words: str) -> list[Run]:
    return plan(["scenario=stream", f"strategy={strategy}", *words])


def test_a_preset_is_the_run_of_its_settings() -> None:
    assert planned("plain:quick") == planned("plain", "strategy.rate=0.5", "strategy.widths=[4,2]")


def test_what_is_given_beside_a_preset_stands_above_it() -> None:
    [run] = planned("plain:quick", "strategy.rate=0.2")
    assert run.overrides == "strategy.rate=0.2 strategy.widths=[4,2]"


def test_presets_sweep_like_strategies() -> None:
    runs = planned("plain,plain:quick,plain:wide")
    assert [run.overrides for run in runs] == [
        "",
        "strategy.rate=0.5 strategy.widths=[4,2]",
        "strategy.widths=[64]",
    ]


def test_a_preset_may_change_an_earlier_one() -> None:
    presets = registry.find("strategies", "plain").presets
    assert presets["wide_quick"].settings == {"widths": [64], "rate": 0.25}
    assert presets["wide"].settings == {"widths": [64]}


def test_an_unknown_preset_gets_names_offered() -> None:
    with pytest.raises(InputError, match="has no preset 'quik': did you mean 'quick'"):
        planned("plain:quik")


@pytest.mark.parametrize(
    "text",
    [
        'PRESETS = {"a": 3}',
        'PRESETS = {"a b": ("x", {"c": 1})}',
        'PRESETS = {"a": ("b", "x", {"c": 1}), "b": ("y", {"c": 1})}',
        "PRESETS = f()",
    ],
)
def test_presets_that_are_none_break_only_their_file(light: Path, text: str) -> None:
    write_file(light, light_strategy_text(*LINES) + text + "\n")
    with pytest.raises(InputError, match="PRESETS must be a dictionary"):
        registry.find("strategies", "plain")


SHIPPED = [
    (entry.name, preset.name) for entry in registry.shipped("strategies") for preset in entry.presets.values()
]


@pytest.mark.parametrize(("strategy", "preset"), SHIPPED)
def test_a_shipped_preset_is_written_in_the_words_of_its_runs(strategy: str, preset: str) -> None:
    """Else no row could be shown by its name."""
    entry = registry.find("strategies", strategy)
    words = entry.presets[preset].words
    scenarios = {"continual": "split_mnist", "few_shot": "omniglot", "robustness": "poisson_mnist"}
    found = []
    for protocol in entry.protocols:
        try:
            regime = ["scenario.regime=task"] if preset.startswith("multitask") else []  # masks need the task
            [run] = plan([f"scenario={scenarios[protocol]}", *regime, f"strategy={strategy}:{preset}"])
        except InputError:
            continue  # its settings are those of another protocol
        found.append({word for word in run.overrides.split() if word.startswith("strategy.")})
    assert words in found or (strategy, preset) == ("decolle", "published")
    assert shortest_name(strategy, words, Here().presets(strategy)) == f"{strategy}:{preset}"
