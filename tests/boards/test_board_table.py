"""Adding rows to a board and reading them back."""

import contextlib
import errno
import os
import random

import pandas as pd
import pytest
from board_rows import COLUMNS, NAMES, add_many, exit_codes, make_board, make_row, processes, raw_board

from hpbench.boards import table
from hpbench.boards.parse import records
from hpbench.boards.schema import DTYPES
from hpbench.boards.table import refuse_unfit
from hpbench.core.columns import IDENTITY
from hpbench.core.errors import InputError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "boards" / "split_mnist.csv"


def test_types_and_values_come_back(path):
    row = make_row(overrides="strategy.lr=0.01 strategy.sizes=[1,2]", forgetting=None, time_steps=None)
    assert table.add(path, row) == "added"
    frame = table.read(path)
    assert list(frame.columns) == NAMES
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        column.name: DTYPES[column.kind] for column in COLUMNS
    }
    assert records(frame) == [row]


def test_empty_text_is_an_empty_string_and_words_like_na_stay(path):
    make_board(path, make_row(overrides="", surrogate=None, dialect="NA", network="null"))
    row = table.read(path).iloc[0]
    assert (row["overrides"], row["surrogate"], row["dialect"], row["network"]) == ("", "", "NA", "null")


def test_pandas_reads_the_same_from_the_file_itself(path):
    make_board(
        path,
        make_row(),
        make_row(seed=4, forgetting=None, time_steps=None, task_identity_at_test=True, head="multi"),
    )
    frame = pd.read_csv(
        path,
        dtype={column.name: DTYPES[column.kind] for column in COLUMNS},
        float_precision="round_trip",
        keep_default_na=False,
        na_values={column.name: [""] for column in COLUMNS if column.kind != "text"},
    )
    pd.testing.assert_frame_equal(frame, table.read(path))


def test_floats_come_back_to_the_last_bit(path):
    rng = random.Random(0)
    values = [0.0, 1.0, 5e-324, 0.1 + 0.2, 1 / 3, *(rng.random() for _ in range(5))]
    make_board(path, *(make_row(seed=seed, accuracy=value) for seed, value in enumerate(values)))
    assert list(table.read(path)["accuracy"]) == values


def test_form_of_the_file(path):
    data = make_board(path, make_row(task_identity_at_test=True, head="multi", accuracy=1, seed=7, batch=128))
    header, line, rest = data.decode().split("\n")
    assert rest == "" and b"\r" not in data
    assert header == ",".join(NAMES)
    cells = dict(zip(NAMES, line.split(","), strict=True))
    assert [cells[name] for name in ("task_identity_at_test", "accuracy", "seed", "batch")] == [
        "true",
        "1.0",
        "7",
        "128",
    ]


def test_earlier_lines_stay_byte_for_byte_even_if_written_otherwise(path):
    raw_board(path, make_row(seed=1, accuracy=0.5), make_row(seed=3))
    path.write_text(path.read_text().replace(",0.5,", ',"0.500",', 1))
    before = path.read_bytes().splitlines()
    table.add(path, make_row(seed=2))
    after = path.read_bytes().splitlines()
    assert [after[0], after[1], after[3]] == before
    assert b'"0.500"' in after[1]


def test_rows_are_sorted_and_do_not_depend_on_the_order_of_adding(path, tmp_path):
    rows = [
        make_row(
            scenario_version=version,
            regime=regime,
            overrides=f"scenario.regime={regime}",
            strategy=strategy,
            seed=seed,
        )
        for version, regime, strategy, seed in (
            ("1", "class", "ann", 2),
            ("1", "class", "ann", 10),
            ("1", "class", "hp", 1),
            ("1", "task", "ann", 0),
            ("2", "class", "ann", 0),
        )
    ]
    shuffled = random.Random(1).sample(rows, len(rows))
    other = tmp_path / "other" / "split_mnist.csv"
    assert make_board(path, *shuffled) == make_board(other, *reversed(shuffled))
    assert records(table.read(path)) == rows


def test_a_run_that_is_there_stays_unless_replaced(path):
    row = make_row()
    before = make_board(path, row, make_row(seed=9))
    assert table.add(path, row | {"accuracy": 0.9}) == "there"
    assert path.read_bytes() == before
    assert table.add(path, row | {"accuracy": 0.9}, replace=True) == "replaced"
    assert list(table.read(path)["accuracy"]) == [0.9, 0.1 + 0.2]
    assert table.add(path, make_row(seed=5), replace=True) == "added"


def test_find(path):
    row = make_row(seed=7, forgetting=None)
    assert table.find(path, row["run_id"]) is None
    table.add(path, make_row(seed=1))
    table.add(path, row)
    found = table.find(path, row["run_id"])
    assert {name: found[name] or None for name in row} == {name: row[name] or None for name in row}
    assert table.find(path, make_row(seed=8)["run_id"]) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accuracy": 1.2}, "column 'accuracy': 1.2: expected at most 1"),
        ({"accuracy": float("nan")}, "column 'accuracy': nan is not a finite number"),
        ({"forgetting": float("nan")}, "column 'forgetting': nan is not a finite number"),
        ({"accuracy": None}, "column 'accuracy': must not be empty"),
        ({"accuracy": "0.5"}, "column 'accuracy': '0.5' is not a finite number"),
        ({"batch": 1.0}, "column 'batch': 1.0 is not a whole number"),
        ({"batch": True}, "column 'batch': True is not a whole number"),
        ({"batch": 0}, "column 'batch': 0: expected at least 1"),
        ({"task_identity_at_test": 1}, "column 'task_identity_at_test': 1 is not true or false"),
        ({"head": ""}, "column 'head': must not be empty"),
        ({"head": "two\nlines"}, "expected one line of printable text"),
        ({"head": 3}, "column 'head': 3 is not a text"),
        ({"run_id": "abc"}, "column 'run_id': 'abc': expected 16 hexadecimal digits"),
        ({"finished": "2026-01-31 12:00"}, "column 'finished': .* expected a time in UTC"),
        ({"finished": "2026-02-31T12:00:00Z"}, "column 'finished': .* expected a time in UTC"),
        ({"protocol": "continal"}, "unknown protocol 'continal': did you mean 'continual'"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(path, changes, message):
    before = make_board(path, make_row(seed=9))
    with pytest.raises(InputError, match=message):
        table.add(path, make_row(**changes))
    assert path.read_bytes() == before


def test_a_row_with_other_columns_is_refused(path):
    row = make_row() | {"colour": "red"}
    del row["accuracy"]
    with pytest.raises(InputError, match="missing accuracy; unknown colour"):
        table.add(path, row)
    assert not path.exists()


def test_processes_that_write_at_once_lose_no_row(path):
    context = processes()
    barrier = context.Barrier(4)
    jobs = [
        context.Process(target=add_many, args=(path, barrier, range(start, start + 6)))
        for start in (0, 6, 12, 18)
    ]
    assert exit_codes(jobs) == [0] * 4
    assert list(table.read(path)["seed"]) == list(range(24))


def test_a_writer_that_is_slow_is_named_and_waited_for(path, monkeypatch):
    make_board(path, make_row())
    context = processes()
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(path, ready, done))
    holder.start()
    try:
        assert ready.wait(60)
        monkeypatch.setattr(table, "NOTICE_SECONDS", 0.1)
        said = []

        def say(line):
            said.append(line)
            if len(said) == 2:
                done.set()

        assert table.add(path, make_row(seed=2), say=say) == "added"
    finally:
        done.set()
        holder.join(60)
    assert said[0] == f"waiting for another process, which has been writing {path} for over 0.1 s …"


def _hold(path, ready, done):
    with table.locked(path, table.silent):
        ready.set()
        done.wait(60)


def test_a_full_disk_leaves_the_old_file(path, monkeypatch):
    before = make_board(path, make_row())

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="the disk is full"):
            table.add(path, make_row(seed=2))
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.iterdir()) == [".split_mnist.csv.lock", "split_mnist.csv"]
    assert table.add(path, make_row(seed=2)) == "added"


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "boards").write_text("a file")
    with pytest.raises(InputError, match=r"cannot write .*split_mnist\.csv"):
        table.add(tmp_path / "boards" / "split_mnist.csv", make_row())
    assert (tmp_path / "boards").read_text() == "a file"


def test_an_unwritable_folder(path, monkeypatch):
    before = make_board(path, make_row())

    def denied(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    # By a patch and not by the folder's mode, which does not stop the superuser.
    monkeypatch.setattr(table.filelock.FileLock, "acquire", denied)
    with pytest.raises(InputError, match=r"cannot write .*split_mnist\.csv \(Permission denied\)"):
        table.add(path, make_row(seed=2))
    assert path.read_bytes() == before


def test_reading_a_board_that_is_not_there(path):
    with pytest.raises(InputError, match=r"cannot read .*split_mnist\.csv \(No such file"):
        table.read(path)


def test_a_board_without_rows_is_read_and_filled(path):
    raw_board(path)
    assert len(table.read(path)) == 0
    assert table.add(path, make_row()) == "added"


def test_a_row_that_no_board_can_hold_is_refused_before_there_is_one():
    identity = {column.name: make_row()[column.name] for column in IDENTITY}
    refuse_unfit("continual", identity)
    for column, text in (("dataset", "my data"), ("strategy", "a-b"), ("overrides", "strategy.x=a|b")):
        with pytest.raises(InputError, match=f"no board can hold this run: {column}="):
            refuse_unfit("continual", identity | {column: text})


def test_a_board_is_parsed_without_the_lock_and_again_only_if_it_changed(path, monkeypatch):
    make_board(path, make_row(seed=1))
    real, calls = table.parse, []

    def parse(where, data):
        calls.append("parsed")
        board = real(where, data)
        if meanwhile:
            raw_board(path, make_row(seed=1), meanwhile.pop())
        return board

    held = contextlib.contextmanager(lambda one, say: (yield calls.append("held")))
    monkeypatch.setattr(table, "parse", parse)
    monkeypatch.setattr(table, "locked", held)
    meanwhile = []
    table.add(path, make_row(seed=3))
    assert calls == ["parsed", "held"]
    meanwhile, calls[:] = [make_row(seed=2)], []
    table.add(path, make_row(seed=4))
    assert calls == ["parsed", "held", "parsed"]
    assert list(table.read(path)["seed"]) == [1, 2, 4]
