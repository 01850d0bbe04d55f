"""What a canary catches, what it lets pass, and what it says."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Any

import pytest

from hpbench import registry
from hpbench.canaries.canary import Canary, canaries
from hpbench.canaries.check import check, orphans
from hpbench.canaries.files import read, recorded_folder, write
from hpbench.core.settings import setting
from hpbench.protocols.table import protocol_named

PROTOCOLS = ("continual", "few_shot", "robustness")


def the(subject: str, protocol: str, name: str) -> Canary:
    return next(
        one for one in canaries() if (one.subject, one.protocol, one.name) == (subject, protocol, name)
    )


def gp() -> Any:
    return registry.load(registry.find("strategies", "gp"))


def built(monkeypatch: pytest.MonkeyPatch, protocol: str, change: Callable[[Any], None]) -> None:
    """From now on `change` is done to the settings that `gp` is built from."""
    name = protocol_named(protocol).builder
    build = getattr(gp(), name)

    @functools.wraps(build)
    def changed(settings: Any, task: Any) -> Any:
        change(settings)
        return build(settings, task)

    monkeypatch.setattr(gp(), name, changed)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_learning_rate_that_is_off_by_a_thousandth_is_caught(
    protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faster(settings: Any) -> None:
        settings.lr *= 1.001

    built(monkeypatch, protocol, faster)
    problem = check(the("gp", protocol, "plain"), recorded_folder())
    assert problem is not None and problem.startswith(f"gp, {protocol}, plain: loss ")


@pytest.mark.parametrize(
    ("protocol", "figure"),
    [
        ("continual", "metrics.average_accuracy"),
        ("few_shot", "mean_over_episodes"),
        ("robustness", "metrics.mean_accuracy"),
    ],
)
def test_an_accuracy_that_is_off_by_a_thousandth_is_caught(
    protocol: str, figure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"hpbench.runs.{protocol}.{figure}"
    exact: Callable[..., Any] = pytest.importorskip(f"hpbench.runs.{protocol}")
    for part in figure.split("."):
        exact = getattr(exact, part)

    def higher(*arguments: Any) -> Any:
        found = exact(*arguments)
        return found._replace(value=found.value + 1e-3) if hasattr(found, "value") else found + 1e-3

    monkeypatch.setattr(place, higher)
    problem = check(the("gp", protocol, "plain"), recorded_folder())
    assert problem is not None and problem.startswith(f"gp, {protocol}, plain: accuracy ")


def test_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    sheets = read(recorded_folder() / "strategies" / "gp.json")
    losses, versions = sheets["continual"]["canaries"]["conv"]["loss"], sheets["continual"]["versions"]
    shown = f"{losses[0]:.5g}"
    losses[0] *= 1.01
    write(tmp_path / "strategies" / "gp.json", sheets)
    assert check(the("gp", "continual", "conv"), tmp_path) == (
        f"gp, continual, conv: loss {shown} where version {versions['strategy']} has {losses[0]:.5g}. If "
        "that is meant, raise VERSION in strategies/gp.py and say in CHANGELOG.md which settings move; if "
        "not, something you changed moves figures."
    )


def test_a_canary_without_figures_says_how_to_record_them(tmp_path: Path) -> None:
    problem = check(the("gp", "few_shot", "plain"), tmp_path)
    assert problem == "gp, few_shot, plain: no figures are recorded; run: hpbench canary record gp"


@pytest.mark.parametrize("name", ["gp", "split_mnist"])
def test_a_raised_version_asks_for_new_figures(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind: registry.Kind = "strategies" if name == "gp" else "scenarios"
    module: Any = registry.load(registry.find(kind, name))
    before = module.VERSION
    raised = str(int(before) + 1)
    monkeypatch.setattr(module, "VERSION", raised)
    assert check(the(name, "continual", "plain"), recorded_folder()) == (
        f"{name}, continual, plain: {kind}/{name}.py has VERSION {raised}, the recorded figures are of "
        f"{before}; run: hpbench canary record {name}"
    )


def with_settings(monkeypatch: pytest.MonkeyPatch, settings_class: type) -> None:
    """Let the builder of `gp` for streams take settings of another class."""
    build = gp().continual

    def continual(settings: Any, task: Any) -> Any:
        return build(settings, task)

    continual.__annotations__["settings"] = settings_class
    monkeypatch.setattr(gp(), "continual", continual)


def test_a_new_setting_that_does_nothing_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    new = ("inert", int, setting(3, "has no effect"))
    with_settings(monkeypatch, make_dataclass("Settings", [new], bases=(gp().Settings,)))
    for name in ("defaults", "plain"):
        assert check(the("gp", "continual", name), recorded_folder()) is None


def test_a_changed_default_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Settings(gp().Settings):  # type: ignore[misc]
        stride: int = setting(1, "step of the kernels")

    with_settings(monkeypatch, Settings)
    problem = check(the("gp", "continual", "defaults"), recorded_folder())
    assert problem is not None and f"defaults: stride 1 where version {gp().VERSION} has 2." in problem


def test_a_setting_that_is_gone_moves_nothing(tmp_path: Path) -> None:
    sheets = read(recorded_folder() / "strategies" / "gp.json")
    sheets["continual"]["canaries"]["defaults"]["gone"] = 7
    write(tmp_path / "strategies" / "gp.json", sheets)
    assert check(the("gp", "continual", "defaults"), tmp_path) is None


def test_one_more_line_of_a_preset_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    module = registry.load(registry.find("scenarios", "online_split_mnist"))
    monkeypatch.setattr(module, "STRATEGY_PRESET", {**module.STRATEGY_PRESET, "lr": 0.1})
    problem = check(the("online_split_mnist", "continual", "preset"), recorded_folder())
    assert problem is not None and "raise VERSION in scenarios/online_split_mnist.py" in problem


def test_weights_may_get_other_names_but_no_other_norms(tmp_path: Path) -> None:
    sheets = read(recorded_folder() / "strategies" / "gp.json")
    plain = sheets["continual"]["canaries"]["plain"]
    plain["norms"] = {f"once.{name}": norm for name, norm in plain["norms"].items()}
    write(tmp_path / "strategies" / "gp.json", sheets)
    assert check(the("gp", "continual", "plain"), tmp_path) is None
    [name, *_] = plain["norms"]
    plain["norms"][name] *= 1.001
    write(tmp_path / "strategies" / "gp.json", sheets)
    problem = check(the("gp", "continual", "plain"), tmp_path)
    assert problem is not None and "plain: norms " in problem


def test_figures_of_what_is_gone_are_named(tmp_path: Path) -> None:
    sheet = {"versions": {"strategy": "1", "protocol": "1"}, "canaries": {"gone": {"loss": [1.0]}}}
    write(tmp_path / "strategies" / "gp.json", {"continual": sheet})
    write(tmp_path / "strategies" / "old.json", {"continual": sheet})
    found = orphans(canaries(), tmp_path)
    assert len(found) == 2
    assert found[0].startswith("gp, continual, gone: figures without a canary are recorded")
    assert found[1].endswith("there is no old any more; remove the file")
