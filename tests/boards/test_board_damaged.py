"""Boards damaged by hand: one clear message, and the file stays as it is."""

import pytest
from board_rows import NAMES, make_row, put_cell, raw_board

from hpbench.boards.check import check_folder
from hpbench.boards.parse import load, parse
from hpbench.boards.table import add, find, read
from hpbench.core.errors import InputError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "split_mnist.csv"
    raw_board(path, *(make_row(seed=seed) for seed in (1, 2, 3)))
    return path


def _edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _drop_column(path, name):
    at = NAMES.index(name)
    lines = [line.split(",") for line in path.read_text().splitlines()]
    path.write_text("".join(",".join(line[:at] + line[at + 1 :]) + "\n" for line in lines))


def _put_line(path, number, text):
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[: number - 1], text, *lines[number - 1 :]]) + "\n")


def _repeat_line(path, number):
    _put_line(path, number + 1, path.read_text().splitlines()[number - 1])


DAMAGES = {
    "missing column": (lambda p: _drop_column(p, "accuracy"), "line 1 lacks the column 'accuracy'"),
    "no protocol": (lambda p: _drop_column(p, "protocol"), "line 1 lacks the column 'protocol'"),
    "header cut": (lambda p: _edit(p, "run_id,scenario,", "scenario,"), "line 1 lacks the column 'run_id'"),
    "extra column": (
        lambda p: p.write_text("".join(f"{line},x\n" for line in p.read_text().splitlines())),
        "line 1 has the unknown column 'x'",
    ),
    "column twice": (lambda p: _edit(p, "run_id,", "run_id,run_id,"), "line 1 has the column 'run_id' twice"),
    "columns swapped": (
        lambda p: _edit(p, "scenario,scenario_version", "scenario_version,scenario"),
        "line 1 has 'scenario_version' where the column 'scenario' was expected",
    ),
    "no number": (
        lambda p: put_cell(p, 3, "accuracy", "high"),
        "line 3, column 'accuracy': 'high' is not a finite number",
    ),
    "infinite": (lambda p: put_cell(p, 3, "accuracy", "inf"), "'inf' is not a finite number"),
    "int as float": (lambda p: put_cell(p, 3, "batch", "3.0"), "column 'batch': '3.0' is not a whole number"),
    "bool as pandas writes it": (
        lambda p: put_cell(p, 2, "task_identity_at_test", "False"),
        "'False' is not true or false",
    ),
    "out of range": (
        lambda p: put_cell(p, 4, "accuracy", "95.2"),
        "line 4, column 'accuracy': 95.2: expected at most 1",
    ),
    "below range": (
        lambda p: put_cell(p, 4, "experiences", "0"),
        "line 4, column 'experiences': 0: expected at least 1",
    ),
    "empty number": (
        lambda p: put_cell(p, 2, "accuracy", ""),
        "line 2, column 'accuracy': must not be empty",
    ),
    "empty text": (lambda p: put_cell(p, 2, "network", ""), "line 2, column 'network': must not be empty"),
    "short hash": (
        lambda p: put_cell(p, 2, "sources_hash", "12ab"),
        "line 2, column 'sources_hash': '12ab': expected 16 hexadecimal digits",
    ),
    "fingerprint": (lambda p: put_cell(p, 2, "dataset_sha256", "0" * 63), "expected 64 hexadecimal digits"),
    "local time": (
        lambda p: put_cell(p, 2, "finished", "2026-01-31T12:00:00+01:00"),
        "line 2, column 'finished': .* expected a time in UTC",
    ),
    "unknown protocol": (
        lambda p: put_cell(p, 2, "protocol", "offline"),
        "line 2, column 'protocol': 'offline': expected 'continual'",
    ),
    "duplicate id": (
        lambda p: _repeat_line(p, 2),
        "line 3, column 'run_id': '[0-9a-f]{16}' is on an earlier line already",
    ),
    "too many fields": (lambda p: put_cell(p, 3, "head", "a,b"), f"line 3 has {len(NAMES) + 1} fields"),
    "too few fields": (lambda p: _put_line(p, 4, "a,b"), f"line 4 has 2 fields, expected {len(NAMES)}"),
    "empty line": (lambda p: _put_line(p, 3, ""), "line 3 is empty"),
    "open quote": (lambda p: put_cell(p, 3, "head", '"a'), "line 3 cannot be split into fields"),
    "cut short": (lambda p: p.write_bytes(p.read_bytes()[:-3]), "line 4 does not end in a line break"),
    "conflict": (lambda p: _put_line(p, 3, "<<<<<<< HEAD"), "line 3 is a merge conflict marker"),
    "conflict middle": (lambda p: _put_line(p, 4, "======="), "line 4 is a merge conflict marker"),
    "binary": (lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff"), "it is not UTF-8 text \\(byte 0\\)"),
    "zeros": (lambda p: p.write_bytes(p.read_bytes() + b"\0\0\0"), "it is not text"),
    "empty": (lambda p: p.write_bytes(b""), "it is empty"),
    "other file": (lambda p: p.write_text("a,b\n1,2\n"), "is this a leaderboard"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_told_and_left_as_it_is(path, damage, message):
    damage(path)
    before = path.read_bytes()
    for use in (read, lambda p: find(p, "x"), lambda p: add(p, make_row(seed=9))):
        with pytest.raises(InputError, match=message) as caught:
            use(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)
        assert path.read_bytes() == before
    problems = check_folder(path.parent)
    assert problems and all(problem.startswith("split_mnist.csv: ") for problem in problems)


def test_first_problem_is_told_and_the_others_are_counted(path):
    put_cell(path, 4, "accuracy", "2.0")
    put_cell(path, 2, "batch", "many")
    put_cell(path, 3, "seed", "-1")
    with pytest.raises(
        InputError, match=r"line 2, column 'batch'.*\(and 2 more: see `hpbench board check`\)"
    ):
        read(path)
    assert [problem.split(":")[1] for problem in check_folder(path.parent)] == [
        " line 2, column 'batch'",
        " line 3, column 'seed'",
        " line 4, column 'accuracy'",
    ]


def test_line_breaks_of_another_system_and_a_byte_order_mark_are_read(path):
    plain = read(path)
    marked = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n")
    assert parse(path, marked).frame.equals(plain)
    assert parse(path, marked).lines == load(path).lines
