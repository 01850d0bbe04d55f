"""Where strategies and scenarios are found, and that a bad file harms only itself."""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy import SCENARIO, light_strategy_text, write_file

from hpbench import registry
from hpbench.core.errors import InputError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder named by HPBENCH_PATH."""
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path))
    return tmp_path


def entry(name: str) -> registry.Entry:
    [found] = [one for one in registry.entries("strategies") if one.name == name]
    return found


def test_every_file_of_the_package_can_be_used() -> None:
    for kind, expected in (("strategies", {"hp", "gp", "lp", "ann"}), ("scenarios", {"split_mnist"})):
        found = registry.entries(kind)  # type: ignore[arg-type]
        assert expected <= {one.name for one in found}
        assert [one for one in found if one.error or not one.summary or not one.protocols] == []


@pytest.mark.parametrize("place", ["", "strategies"])
def test_a_folder_of_ones_own_is_searched_flat_and_by_kind(folder: Path, place: str) -> None:
    path = write_file(folder / place / "mine.py", light_strategy_text(summary="A rule of mine."))
    found = registry.find("strategies", "mine")
    assert (found.path, found.summary, found.protocols) == (
        path,
        "A rule of mine.",
        ("continual", "robustness"),
    )
    assert registry.load(found).Settings.__name__ == "Settings"


def test_in_a_flat_folder_each_file_is_taken_for_what_it_holds(folder: Path) -> None:
    write_file(folder / "mine.py", light_strategy_text())
    write_file(folder / "stream.py", SCENARIO)
    write_file(folder / "helper.py", "def help_me(): ...")
    write_file(folder / "_private.py", light_strategy_text())
    own = {
        kind: {one.name for one in registry.entries(kind) if one.origin == "HPBENCH_PATH"}
        for kind in ("strategies", "scenarios")
    }
    assert own == {"strategies": {"mine"}, "scenarios": {"stream"}}


def test_a_strategy_and_a_scenario_may_have_one_name(folder: Path) -> None:
    write_file(folder / "strategies" / "same.py", light_strategy_text())
    write_file(folder / "scenarios" / "same.py", SCENARIO)
    strategy = registry.load(registry.find("strategies", "same"))
    assert hasattr(registry.load(registry.find("scenarios", "same")), "build")
    assert registry.load(registry.find("strategies", "same")) is strategy


def test_two_files_with_one_name_are_refused_by_both_paths(folder: Path) -> None:
    first = write_file(folder / "mine.py", light_strategy_text())
    second = write_file(folder / "strategies" / "mine.py", light_strategy_text())
    with pytest.raises(InputError, match=r"two files are named 'mine': .* Rename one") as refused:
        registry.find("strategies", "mine")
    assert str(first) in str(refused.value) and str(second) in str(refused.value)


def test_a_folder_named_twice_is_one_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(folder / "mine.py", light_strategy_text())
    monkeypatch.setenv("HPBENCH_PATH", os.pathsep.join([str(folder), str(folder / ".." / folder.name)]))
    assert registry.find("strategies", "mine").name == "mine"


def test_a_folder_that_is_not_there_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPBENCH_PATH", str(folder / "nowhere"))
    with pytest.raises(InputError, match=r"HPBENCH_PATH names .*nowhere, which is not a folder"):
        registry.entries("strategies")


def test_an_unknown_name_gets_the_nearest_ones_offered(folder: Path) -> None:
    with pytest.raises(InputError, match=r"unknown strategy 'replai': did you mean 'replay'\?"):
        registry.find("strategies", "replai")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1\ndef continual(:\n", "syntax error in line 2"),
        ("x = '\0'\n", "null bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_listed_with_the_reason_and_only_it_is_refused(
    folder: Path, text: str, reason: str
) -> None:
    path = write_file(folder / "strategies" / "broken.py", text)
    write_file(folder / "strategies" / "sound.py", light_strategy_text())
    assert reason in entry("broken").error
    assert registry.find("strategies", "sound").error == ""
    with pytest.raises(InputError, match="'broken' cannot be used") as refused:
        registry.find("strategies", "broken")
    assert str(path) in str(refused.value) and reason in str(refused.value)


def test_a_scenario_of_an_unknown_protocol_is_listed_with_the_nearest(folder: Path) -> None:
    write_file(folder / "odd.py", SCENARIO.replace('"continual"', '"continuous"'))
    with pytest.raises(InputError, match=r"PROTOCOL = 'continuous': did you mean 'continual'\?"):
        registry.find("scenarios", "odd")


@pytest.mark.parametrize(
    "lines",
    ["from .mine import Settings, continual", "from mine import c as continual", "continual = make()"],
)
def test_a_strategy_that_defines_no_function_is_listed_with_what_it_lacks(folder: Path, lines: str) -> None:
    write_file(folder / "mine.py", light_strategy_text())
    write_file(folder / "thin.py", f"{lines}\n")
    assert "write `def continual(settings, task): …` here" in entry("thin").error
    with pytest.raises(InputError, match="strategy 'thin' cannot be used"):
        registry.find("strategies", "thin")
    assert not [one for one in registry.entries("scenarios") if one.name == "thin"]


def test_a_helper_that_imports_a_module_of_a_builders_name_is_no_strategy(folder: Path) -> None:
    write_file(folder / "helper.py", "from hpbench import few_shot\nimport hpbench.few_shot.episodes\n")
    assert not [one for one in registry.entries("strategies") if one.name == "helper"]


@pytest.mark.parametrize("line", ["PROTOCOL = NAME", "from beside import PROTOCOL"])
def test_a_scenario_whose_protocol_is_not_written_out_is_listed_with_an_error(
    folder: Path, line: str
) -> None:
    write_file(folder / "place.py", SCENARIO.replace('PROTOCOL = "continual"', line))
    [found] = [one for one in registry.entries("scenarios") if one.name == "place"]
    assert "PROTOCOL must be written out" in found.error


@pytest.mark.parametrize("line", ["VERSION = 'a' + 'b'", "VERSION: str = NAME", "from beside import VERSION"])
def test_a_version_that_is_not_written_out_is_an_error(folder: Path, line: str) -> None:
    write_file(folder / "mine.py", f"{light_strategy_text()}\n\n{line}\n")
    assert 'VERSION must be written out in this file, as in VERSION = "1"' in entry("mine").error


def test_a_file_is_imported_only_when_it_is_used(folder: Path) -> None:
    text = light_strategy_text(summary="Heavy.") + "\nraise RuntimeError('imported')\n"
    path = write_file(folder / "strategies" / "heavy.py", text)
    heavy = registry.find("strategies", "heavy")
    assert (heavy.summary, heavy.error) == ("Heavy.", "")
    with pytest.raises(InputError, match=r"'heavy' cannot be imported: .* RuntimeError: imported") as refused:
        registry.load(heavy)
    assert str(path) in str(refused.value)
    assert isinstance(refused.value.__cause__, RuntimeError)


@pytest.mark.parametrize(
    ("kind", "text", "lacks"),
    [
        ("strategies", "def continual(settings, task): ...\n", "Settings"),
        ("scenarios", 'PROTOCOL = "continual"\nVERSION = "1"\ndef build(): ...\n', "Settings"),
        ("scenarios", SCENARIO.replace("def build", "def make"), "build"),
    ],
)
def test_a_file_that_lacks_a_part_is_refused_by_the_part(
    folder: Path, kind: registry.Kind, text: str, lacks: str
) -> None:
    path = write_file(folder / kind / "partial.py", text)
    with pytest.raises(InputError, match=f"no .* named {lacks}") as refused:
        registry.load(registry.find(kind, "partial"))
    assert str(path) in str(refused.value)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of sys.path in which a package `theirs` is installed, with an entry point of each sort."""
    site = tmp_path / "site"
    points = ["shiny = theirs.rules.shiny_rule", "packed = theirs.packed", "gone = theirs.gone"]
    lines = ["[hpbench.strategies]", *points, "[hpbench.scenarios]", "stream = theirs.stream"]
    write_file(site / "theirs-1.0.dist-info" / "entry_points.txt", "\n".join(lines) + "\n")
    write_file(
        site / "theirs-1.0.dist-info" / "METADATA", "Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n"
    )
    write_file(site / "theirs" / "__init__.py", "")
    write_file(site / "theirs" / "rules" / "__init__.py", "")
    relative = light_strategy_text(summary="Shines.") + "\nfrom .. import NAME\n"
    write_file(site / "theirs" / "rules" / "shiny_rule.py", relative)
    write_file(site / "theirs" / "packed" / "__init__.py", light_strategy_text(summary="A package."))
    write_file(site / "theirs" / "stream.py", SCENARIO)
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == "theirs"]:
        del sys.modules[name]


def test_an_installed_package_adds_strategies_and_scenarios_under_its_entry_points_names(
    installed: Path,
) -> None:
    found = registry.find("strategies", "shiny")
    assert (found.summary, found.origin) == ("Shines.", "theirs")
    assert found.path == installed / "theirs" / "rules" / "shiny_rule.py"
    assert registry.find("strategies", "packed").summary == "A package."
    assert registry.find("scenarios", "stream").protocols == ("continual",)
    assert "theirs" not in sys.modules, "listing must not import it"


def test_an_installed_strategy_is_imported_as_a_part_of_its_package(installed: Path) -> None:
    write_file(installed / "theirs" / "__init__.py", "NAME = 'theirs'\n")
    module = registry.load(registry.find("strategies", "shiny"))
    assert (module.__name__, module.NAME) == ("theirs.rules.shiny_rule", "theirs")


def test_an_entry_point_to_nothing_breaks_only_itself(installed: Path) -> None:
    assert entry("gone").error == "there is no module theirs.gone"
    assert registry.find("strategies", "packed").error == ""


def test_a_file_of_the_package_that_was_edited_is_read_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "mine.py"
    own = registry.Entry("mine", "strategies", path, "hpbench.strategies.mine", "hpbench")
    monkeypatch.setattr(registry, "entry_files", lambda kind: iter([own]))
    text = 'VERSION = "1"\n' + light_strategy_text()
    write_file(path, text)
    assert registry.find("strategies", "mine").version == "1"
    before = path.stat()
    write_file(path, text.replace('"1"', '"2"'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))  # as long, a moment later
    assert registry.find("strategies", "mine").version == "2"
    write_file(path, text.replace('"1"', '"10"'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))  # at the same moment, longer
    assert registry.find("strategies", "mine").version == "10"


def test_a_file_of_the_package_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.find("strategies", "hp")
    monkeypatch.setattr("hpbench.entry.ast.parse", lambda *_: pytest.fail("parsed again"))
    assert registry.find("strategies", "hp").summary


def test_a_version_that_follows_from_a_helper_is_seen_between_two_calls(folder: Path) -> None:
    write_file(folder / "mine.py", "from . import _helper\n" + light_strategy_text())
    helper = write_file(folder / "_helper.py", "x = 1\n")
    before = registry.find("strategies", "mine").version
    write_file(helper, "x = 2\n")
    assert registry.find("strategies", "mine").version != before
