"""A run that ended too early goes on from its state; what is said if it cannot; what is left."""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import strategy_text, write_file

from hpbench.data.places import states_folder
from hpbench.plan.compose import plan
from hpbench.runs.execute import Record, execute

WORDS = ("scenario=toy", "strategy=mine", "strategy.hidden=[16]", "strategy.batch=25", "scenario.passes=2")
OFTEN = 1e-9

PLUGIN = '''
import itertools

from avalanche.core import SupervisedPlugin

{before}

class Louder(SupervisedPlugin):
    """Multiplies each batch by a number that grows."""

    def before_forward(self, strategy, **kwargs):
        {count}
        strategy.mbatch[0] = strategy.mbatch[0] * (1 + 0.02 * number)


'''


def write_strategy(folder: Path, before: str = "", count: str = "number = 0") -> None:
    text = strategy_text().replace('return supervised(settings, task, "ann")', "return made(settings, task)")
    made = """

def made(settings, task):
    return supervised(settings, task, "ann", plugins=[Louder()])
"""
    head, body = text.split("from dataclasses import dataclass\n", 1)
    plugin = PLUGIN.format(before=before, count=count)
    write_file(folder / "mine.py", f"{head}from dataclasses import dataclass\n{plugin}{body}{made}")


@pytest.fixture
def mine(toy_path: Path, isolated: Path) -> Path:
    """The folder of a strategy `mine`, and a cache of this test's own."""
    write_strategy(toy_path)
    yield toy_path
    forget()


def forget() -> None:
    """As in a new process: modules of one's own files are imported anew."""
    for name in [one for one in sys.modules if one.startswith("_hpbench_")]:
        del sys.modules[name]


def run(out: Path, *, ended_at: int = 0, minutes: float = OFTEN, said: list[str] | None = None) -> Record:
    """Execute the run in a new module; with `ended_at`, it is interrupted at that report of its progress."""
    reports = iter(range(1, sys.maxsize))

    def report(_: Any) -> None:
        if next(reports) == ended_at:
            raise KeyboardInterrupt

    forget()
    [planned] = plan(WORDS)
    say = [].append if said is None else said.append
    return execute(planned, out, force=False, say=say, report=report, checkpoint_minutes=minutes)


def ended(out: Path, at: int = 20, **changes: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(out, ended_at=at, **changes)


def stored() -> list[Path]:
    return [one for one in states_folder().rglob("*") if one.is_file()]


def figures(record: Record) -> str:
    shown = {name: value for name, value in record.row.items() if not name.endswith(("_seconds", "_mb"))}
    return json.dumps([{**shown, "finished": ""}, record.details["curve"], record.details["R"]])


def test_a_run_goes_on_and_leaves_no_state(mine: Path, tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", minutes=0)
    assert stored() == []
    ended(tmp_path / "out")
    [state] = stored()
    assert state.stat().st_mode & 0o777 == 0o600
    said: list[str] = []
    again = run(tmp_path / "out", said=said)
    [line] = [one for one in said if "ended" in one]
    assert line.startswith(
        "Goes on where an earlier start of this run was ended: experience 2 of 2, pass 1 of 2"
    )
    assert figures(again) == figures(whole)
    assert stored() == []


def test_seconds_add_up_over_the_parts(mine: Path, tmp_path: Path) -> None:
    ended(tmp_path)
    [state] = stored()
    before = state.read_bytes()
    record = run(tmp_path)
    state.write_bytes(before)
    state.chmod(0o600)
    board = record.board
    board.unlink()
    assert run(tmp_path).row["train_seconds"] > 0.1 * record.row["train_seconds"] > 0


def test_a_run_of_seconds_writes_no_state(mine: Path, tmp_path: Path) -> None:
    ended(tmp_path, minutes=5)
    assert stored() == []


def test_no_minutes_neither_write_nor_read_a_state(mine: Path, tmp_path: Path) -> None:
    ended(tmp_path)
    said: list[str] = []
    run(tmp_path, minutes=0, said=said)
    assert not [one for one in said if "Goes on" in one]


@pytest.mark.parametrize(
    ("before", "count"),
    [
        ("NUMBERS = []", "NUMBERS.append(1); number = len(NUMBERS)"),
        ("COUNT = 0", "global COUNT; COUNT += 1; number = COUNT"),
        ("COUNT = itertools.count()", "number = next(COUNT)"),
        ("class Total:\n    count = 0\n", "Total.count += 1; number = Total.count"),
        ("def add(one, seen=[]):\n    seen.append(one)\n    return len(seen)\n", "number = add(1)"),
    ],
)
def test_what_a_strategys_module_remembers_goes_on_too(
    mine: Path, tmp_path: Path, before: str, count: str
) -> None:
    write_strategy(mine, before, count)
    whole = run(tmp_path / "whole", minutes=0)
    ended(tmp_path / "out")
    said: list[str] = []
    assert figures(run(tmp_path / "out", said=said)) == figures(whole)
    assert [one for one in said if "Goes on" in one]


def test_a_strategy_that_cannot_be_stored_begins_anew_and_says_so_once(mine: Path, tmp_path: Path) -> None:
    write_strategy(mine, "NUMBERS = (one for one in range(10**6))", "number = next(NUMBERS)")
    whole = run(tmp_path / "whole", minutes=0)
    said: list[str] = []
    ended(tmp_path / "out", said=said)
    [line] = [one for one in said if "cannot be stored" in one]
    assert "generator" in line and "begins anew" in line
    said = []
    assert figures(run(tmp_path / "out", said=said)) == figures(whole)
    assert not [one for one in said if "Goes on" in one]


def test_a_state_of_other_code_is_removed_and_the_run_begins_anew(mine: Path, tmp_path: Path) -> None:
    source = (mine / "mine.py").read_text()
    (mine / "mine.py").write_text(source + '\nVERSION = "1"\n')
    ended(tmp_path)
    (mine / "mine.py").write_text(source + '\nVERSION = "1"\nMORE = 1\n')
    said: list[str] = []
    ended(tmp_path, at=1, said=said)
    [line] = [one for one in said if "begins anew" in one]
    assert "removed" in line and "code of strategy mine was" in line


@pytest.mark.parametrize("name", ["hpbench_version", "torch_version", "dataset_sha256", "sources_hash"])
def test_a_state_of_another_version_is_removed_and_the_run_begins_anew(
    mine: Path, tmp_path: Path, name: str
) -> None:
    ended(tmp_path)
    [state] = stored()
    first, head, rest = state.read_bytes().split(b"\n", 2)
    label = json.loads(head)
    label["made_by"][name] = "another"
    state.write_bytes(b"\n".join([first, json.dumps(label).encode(), rest]))
    said: list[str] = []
    ended(tmp_path, at=1, said=said)
    [line] = [one for one in said if "begins anew" in one]
    assert f"{name.replace('_', ' ')} was 'another'" in line
    assert stored() == []


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"", lambda data: data[::-1]])
def test_a_damaged_state_is_removed_and_the_run_begins_anew(
    mine: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    whole = run(tmp_path / "whole", minutes=0)
    ended(tmp_path / "out")
    [state] = stored()
    state.write_bytes(damage(state.read_bytes()))
    said: list[str] = []
    assert figures(run(tmp_path / "out", said=said)) == figures(whole)
    assert len([one for one in said if "damaged" in one]) == 1


def test_a_full_disk_is_said_once_and_leaves_nothing(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(tmp_path / "whole", minutes=0)
    make = tempfile.mkstemp

    def full(*arguments: Any, **words: Any) -> Any:
        if str(words.get("dir", "")).startswith(str(states_folder())):
            descriptor, name = make(*arguments, **words)
            os.close(descriptor)
            return os.open("/dev/full", os.O_WRONLY), name  # every write fails with ENOSPC
        return make(*arguments, **words)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    said: list[str] = []
    again = run(tmp_path / "out", said=said)
    [line] = [one for one in said if "cannot be stored" in one]
    assert "the disk is full" in line and "The run goes on" in line
    assert figures(again) == figures(whole)
    assert stored() == []


def test_a_cache_that_cannot_be_written_is_said_once(mine: Path, tmp_path: Path, isolated: Path) -> None:
    write_file(states_folder(), "a file in place of the folder")
    said: list[str] = []
    assert run(tmp_path, said=said).fresh
    assert len([one for one in said if "cannot" in one]) == 1


def test_a_state_of_a_run_that_is_on_the_board_is_removed(mine: Path, tmp_path: Path) -> None:
    ended(tmp_path / "elsewhere")
    run(tmp_path / "out", minutes=0)
    assert stored()
    assert not run(tmp_path / "out").fresh
    assert stored() == []
