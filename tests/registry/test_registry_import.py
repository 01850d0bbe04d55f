"""Files are read without being run; what goes wrong when one is imported is told as its fault."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from toy import SCENARIO, files, light_strategy_text, write_file

from hpbench import registry
from hpbench.core.errors import InputError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder named by HPBENCH_PATH."""
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path))
    return tmp_path


def test_list_does_not_import_any_file(folder: Path, hpbench: Callable) -> None:
    ends = "\nimport sys\nsys.exit('imported')\n"
    write_file(folder / "strategies" / "endless.py", light_strategy_text(summary="Endless.") + ends)
    write_file(folder / "scenarios" / "stuck.py", SCENARIO + ends)
    listed = hpbench("list")
    assert (listed.code, listed.err) == (0, "")
    assert "endless" in listed.out and "stuck" in listed.out
    assert hpbench("show", "strategy=hp").code == 0


@pytest.mark.parametrize("kind", ["strategies", "scenarios"])
@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("import sys; sys.exit()", "SystemExit"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("class Odd(BaseException): ...\nraise Odd('in two\\nlines')", "Odd: in two lines"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
)
def test_a_file_that_ends_the_program_at_import_is_told_as_its_fault(
    folder: Path, hpbench: Callable, tmp_path: Path, kind: registry.Kind, line: str, says: str
) -> None:
    text = light_strategy_text() if kind == "strategies" else SCENARIO
    path = write_file(folder / kind / "bad.py", f"{text}\n{line}\n")
    chosen = ("scenario=bad", "strategy=ann") if kind == "scenarios" else ("scenario=toy", "strategy=bad")
    write_file(folder / "scenarios" / "toy.py", SCENARIO)
    before = files(folder)
    ended = hpbench("run", *chosen, "--out", tmp_path / "out")
    assert ended.code == 2
    [message] = ended.err.splitlines()
    assert f"{path}: {says}" in message and "cannot be imported" in message
    assert files(folder) == before


def test_ctrl_c_during_an_import_is_no_fault_of_the_file(folder: Path) -> None:
    write_file(folder / "mine.py", light_strategy_text() + "\nraise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        registry.load(registry.find("strategies", "mine"))


WAITS = """
import threading
for timer in threading.enumerate():
    if isinstance(timer, threading.Timer):
        timer.join()
"""


def test_an_import_that_takes_long_says_which_file_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "SLOW_IMPORT", 0.0)
    path = write_file(folder / "slow.py", light_strategy_text() + WAITS)
    registry.load(registry.find("strategies", "slow"))
    assert capsys.readouterr().err == f"hpbench: still importing {path} (Ctrl-C ends it)\n"


def test_an_import_that_ends_in_time_says_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_file(folder / "quick.py", light_strategy_text())
    registry.load(registry.find("strategies", "quick"))
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer):
            timer.join()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("x = " + "+".join(["1"] * 20_000), "its code is nested too deeply to be read"),
        ("x = " + "-" * 100_000 + "1", "its code is nested too deeply to be read"),
        ("x = " + "+".join(["1"] * 600), ""),
        ("from " + "." * 60 + " import x", ""),
        ("# \udcff", ""),
    ],
    ids=["long sum", "many signs", "sum", "import from beyond the root", "no UTF-8"],
)
def test_odd_code_breaks_no_listing(folder: Path, line: str, error: str) -> None:
    text = f"{light_strategy_text()}\n{line}\n"
    (folder / "odd.py").write_bytes(text.encode(errors="surrogateescape"))
    [found] = [one for one in registry.entries("strategies") if one.name == "odd"]
    assert found.error == error
    assert error or found.version.startswith("code-")


def test_a_file_that_is_no_utf8_and_cannot_be_parsed_says_so(folder: Path) -> None:
    (folder / "latin.py").write_bytes(light_strategy_text().encode() + b"x = '\xe4'\n")
    with pytest.raises(InputError, match=r"'latin' cannot be used: .*syntax error"):
        registry.find("strategies", "latin")
