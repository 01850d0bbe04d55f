"""Figures are recorded once for a version."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpbench import registry
from hpbench.canaries.canary import Canary, canaries
from hpbench.canaries.files import read
from hpbench.canaries.record import record
from hpbench.core.errors import InputError
from hpbench.protocols.continual import CONTINUAL
from hpbench.protocols.table import PROTOCOLS


@pytest.fixture
def few() -> list[Canary]:
    """The defaults and the plain run of `gp` on a stream."""
    chosen = ("defaults", "plain")
    return [
        one for one in canaries() if (one.subject, one.protocol) == ("gp", "continual") and one.name in chosen
    ]


@pytest.fixture
def folder(few: list[Canary], tmp_path: Path) -> Path:
    """A folder in which their figures are recorded."""
    assert record(few, tmp_path, print) == ["continual, defaults", "continual, plain"]
    return tmp_path


@pytest.fixture
def raise_version(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives `gp` another VERSION."""
    module = registry.load(registry.find("strategies", "gp"))
    return lambda version: monkeypatch.setattr(module, "VERSION", version)


@pytest.fixture(autouse=True)
def _first_version(raise_version: Callable[[str], None]) -> None:
    """Figures are of version 1 here, whatever the version of `gp` is today."""
    raise_version("1")


def sheet(folder: Path) -> Any:
    return read(folder / "strategies" / "gp.json")["continual"]


def moving(few: list[Canary]) -> list[Canary]:
    """The same canaries, of figures that have moved."""
    return [
        replace(one, measure=lambda nudge: {"loss": [1.0]}) if one.name == "plain" else one for one in few
    ]


def test_recorded_figures_of_a_version_that_stands_are_not_replaced(few: list[Canary], folder: Path) -> None:
    before = (folder / "strategies" / "gp.json").read_bytes()
    assert record(moving(few), folder, print) == []
    assert (folder / "strategies" / "gp.json").read_bytes() == before


def test_a_raised_version_is_recorded_anew(
    few: list[Canary], folder: Path, raise_version: Callable[[str], None]
) -> None:
    raise_version("2")
    assert record(moving(few), folder, print) == ["continual, defaults", "continual, plain"]
    assert sheet(folder)["versions"] == {"strategy": "2", "protocol": "1"}
    assert sheet(folder)["canaries"]["plain"] == {"loss": [1.0]}


def test_a_raised_version_of_the_protocol_is_recorded_anew(
    few: list[Canary], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PROTOCOLS, "continual", replace(CONTINUAL, version="2"))
    record(moving(few), folder, print)
    assert sheet(folder)["versions"] == {"strategy": "1", "protocol": "2"}
    assert sheet(folder)["canaries"]["plain"] == {"loss": [1.0]}


def test_a_version_is_never_lowered(
    few: list[Canary], folder: Path, raise_version: Callable[[str], None]
) -> None:
    raise_version("0")
    with pytest.raises(InputError, match=r"strategies/gp\.py has VERSION 0, but figures of 1 are recorded"):
        record(few, folder, print)


def test_a_canary_that_is_new_is_recorded_and_one_that_is_gone_is_dropped(
    few: list[Canary], folder: Path
) -> None:
    [defaults, plain] = few
    renamed = replace(plain, name="renamed")
    before = sheet(folder)["canaries"]
    assert record([defaults, renamed], folder, print) == ["continual, renamed"]
    assert sheet(folder)["canaries"] == {"defaults": before["defaults"], "renamed": before["plain"]}


def test_the_default_of_a_new_setting_is_added(few: list[Canary], folder: Path) -> None:
    [defaults, plain] = few
    grown = replace(defaults, measure=lambda nudge: {**defaults.measure(nudge), "batch": 7, "inert": 3})
    before = sheet(folder)["canaries"]["defaults"]
    assert record([grown, plain], folder, print) == ["continual, defaults"]
    assert sheet(folder)["canaries"]["defaults"] == {**before, "inert": 3}


def test_figures_that_hang_on_rounding_are_refused(few: list[Canary], tmp_path: Path) -> None:
    [defaults, plain] = few
    shaky = replace(plain, measure=lambda nudge: {"confusion": "0: 9 1" if nudge else "0: 10 0"})
    with pytest.raises(InputError, match="gp, continual, plain: not steady, confusion 0: 9 1 where"):
        record([defaults, shaky], tmp_path, print)
    assert not (tmp_path / "strategies" / "gp.json").exists()


@pytest.fixture
def commands(
    few: list[Canary], folder: Path, monkeypatch: pytest.MonkeyPatch, hpbench: Callable[..., Any]
) -> Callable[..., Any]:
    """The command line, which knows these canaries alone."""
    monkeypatch.setattr("hpbench.canaries.canary.canaries", lambda: few)
    monkeypatch.setattr("hpbench.canaries.files.recorded_folder", lambda: folder)
    return hpbench


def test_the_command_checks(commands: Callable[..., Any], folder: Path) -> None:
    ended = commands("canary", "check")
    assert (ended.code, ended.out) == (0, "2 canaries: all figures unchanged\n")
    path = folder / "strategies" / "gp.json"
    path.write_text(path.read_text().replace('"batch": 100', '"batch": 10'))
    ended = commands("canary", "check", "gp")
    assert ended.code == 2
    assert "gp, continual, defaults: batch 100 where version 1 has 10. If that is meant" in ended.err
    assert ended.err.endswith("1 of 2 canaries differ from their figures or have none\n")


def test_the_command_goes_on_after_a_canary_that_fails(
    few: list[Canary], commands: Callable[..., Any]
) -> None:
    def fail(nudge: float) -> Any:
        raise ValueError("broken")

    few[1] = replace(few[1], measure=fail)
    ended = commands("canary", "check")
    assert ended.code == 2
    assert "gp, continual, plain: no figures any more, but ValueError: broken\n" in ended.err
    assert ended.err.endswith("1 of 2 canaries differ from their figures or have none\n")


def test_the_command_refuses_to_record_what_stands(
    commands: Callable[..., Any], folder: Path, raise_version: Callable[[str], None]
) -> None:
    ended = commands("canary", "record", "gp")
    assert ended.code == 2
    assert "gp: figures of version 1 are recorded already." in ended.err
    assert "raise it in strategies/gp.py (or in hpbench/protocols/continual.py)" in ended.err
    raise_version("2")
    ended = commands("canary", "record", "gp")
    assert ended.code == 0, ended.err
    assert "2 canaries of gp recorded" in ended.out
    assert sheet(folder)["versions"]["strategy"] == "2"


def test_the_command_names_what_it_does_not_know(commands: Callable[..., Any]) -> None:
    ended = commands("canary", "check", "gq")
    assert ended.code == 2 and "'gq' has no canaries: did you mean 'gp'?" in ended.err
