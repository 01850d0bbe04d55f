"""Names that cannot be typed, files that are none, and files that are found twice."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import OverrideParseException
from toy import SCENARIO, light_strategy_text, write_file

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.entry import typable

NAMES = ("123", "1e5", "a,b", "a.b", "a b", "a-b", "true", "False", "null", "nan", "Inf", "ümlaut", "a=b")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder named by HPBENCH_PATH."""
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path))
    return tmp_path


def own(kind: registry.Kind = "strategies") -> dict[str, str]:
    """What is found in HPBENCH_PATH: errors by name."""
    return {one.name: one.error for one in registry.entries(kind) if one.origin == "HPBENCH_PATH"}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_cannot_be_typed_is_listed_with_what_to_do(
    folder: Path, name: str, hpbench: Callable
) -> None:
    write_file(folder / "strategies" / f"{name}.py", light_strategy_text())
    write_file(folder / "scenarios" / f"{name}.py", SCENARIO)
    assert f"strategy={name} cannot be asked for: rename the file" in own()[name]
    assert f"scenario={name} cannot be asked for: rename the file" in own("scenarios")[name]
    with pytest.raises(InputError, match=r"cannot be used: .* rename the file"):
        registry.find("strategies", name)
    listed = hpbench("list")
    assert (listed.code, listed.out.count("cannot be used")) == (0, 2)
    ended = hpbench("run", "scenario=split_mnist", f"strategy={name}", "--dry-run")
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)
    assert "unexpected" not in ended.err


@pytest.mark.parametrize("name", [*NAMES, "choice", "range", "on", "class", "e5", "x_1", "infinity", "None"])
def test_typable_is_what_the_grammar_reads_as_written(name: str) -> None:
    try:
        read = OverridesParser.create().parse_overrides([f"strategy={name}"])[0].value()
    except OverrideParseException:
        read = None
    assert typable(name) == (isinstance(read, str) and read == name and name.isidentifier())


def test_a_file_of_another_kind_may_have_any_name(folder: Path) -> None:
    write_file(folder / "a-helper.py", "x = 1\n")
    assert own() == own("scenarios") == {}


def test_names_that_cannot_be_typed_are_not_offered(folder: Path) -> None:
    write_file(folder / "true.py", light_strategy_text())
    with pytest.raises(InputError, match="unknown strategy 'True'") as refused:
        registry.find("strategies", "True")
    assert "'true'" not in str(refused.value) and " true," not in str(refused.value)


def test_hidden_files_are_none(folder: Path) -> None:
    write_file(folder / "._mine.py", "\0\5\26\7")
    write_file(folder / "strategies" / "._mine.py", light_strategy_text())
    (folder / ".#mine.py").symlink_to("somebody@somewhere.1234")
    assert own() == own("scenarios") == {}


def test_links_in_a_circle_pipes_and_folders_break_only_themselves(folder: Path) -> None:
    write_file(folder / "mine.py", light_strategy_text())
    (folder / "loop.py").symlink_to("loop.py")
    (folder / "gone.py").symlink_to("nowhere.py")
    (folder / "folder.py").mkdir()
    os.mkfifo(folder / "pipe.py")
    assert own() == {
        "mine": "",
        "loop": "it is a link to nothing",
        "gone": "it is a link to nothing",
        "folder": "it is a folder",
        "pipe": "it is no regular file (a pipe, a socket or a device)",
    }


@pytest.mark.parametrize("place", ["", "strategies"])
def test_a_path_that_names_the_package_itself_makes_nothing_ambiguous(
    folder: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    checkout = registry.find("strategies", "hp").path.parents[1]
    monkeypatch.setenv("HPBENCH_PATH", str(checkout / place))
    found = registry.find("strategies", "hp")
    assert (found.origin, found.module) == ("hpbench", "hpbench.strategies.hp")
    assert not own()


def test_a_folder_and_a_link_to_it_are_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(folder / "real" / "mine.py", light_strategy_text())
    (folder / "link").symlink_to("real")
    monkeypatch.setenv("HPBENCH_PATH", os.pathsep.join([str(folder / "real"), str(folder / "link")]))
    assert registry.find("strategies", "mine").error == ""


def test_a_link_gives_a_file_a_second_name(folder: Path) -> None:
    write_file(folder / "mine.py", light_strategy_text())
    (folder / "other.py").symlink_to("mine.py")
    assert own() == {"mine": "", "other": ""}
