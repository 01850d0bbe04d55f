"""Texts and damaged values of rows: check names them, show and publish refuse them, nothing acts on them."""

import csv
import io
import re

import pytest
from board_rows import make_few_shot_row, make_robustness_row, make_row, raw_board

from hpbench.boards.check import check_folder
from hpbench.boards.escape import data
from hpbench.boards.formats import text_fault
from hpbench.boards.readme import END
from hpbench.boards.schema import columns, fault
from hpbench.core.identity import run_id
from hpbench.runs.provenance import fitting

MAKE = {"continual": make_row, "few_shot": make_few_shot_row, "robustness": make_robustness_row}

ACTING = (
    f"<!-- x -->{END}",
    '=HYPERLINK("http://example.com")',
    "@SUM(1)",
    "+1+1",
    "-1+1",
    "\tword",
    "https://example.com",
    "@somebody",
    "&lt;",
    "$x$",
    "`code`",
    "[link](x)",
    "a|b",
    "a<b>",
    "[red]x[/red]",
    "\x1b[31mred",
    "\u202eword",
    "x" * 3000,
)
TEXTS = ("scenario_version", "dataset", "strategy", "overrides", "network", "commit", "trace_at_test", "head")

DAMAGED = [
    *(("continual", column, text) for column in TEXTS for text in ACTING),
    *(("robustness", "disturbance", text) for text in ACTING),
    *(
        ("robustness", "by_level", text)
        for text in (
            *("x", "a:b:c", ":::", "gaussian:0:0.9", "gaussian:0:1.100000", "gaussian:-1:0.900000"),
            *("gaussian:nan:0.900000", "gaussian:inf:0.900000", "gaussian:1e999:0.900000"),
            *("gaussian:1.2.3:0.900000", "gaussian:0:0.900000:1", "gaussian:0:0.900000  salt:0:0.900000"),
            *("gaussian:0:0.900000 gaussian:0:0.900000", "gaussian:0.1:0.900000 gaussian:0:0.900000"),
            *("gaussian:0:0.900000 salt:0:0.900000 gaussian:1:0.900000", "gaussian:0.10:0.900000"),
            *("=x:0:0.900000", "gaussian:٠:0.900000", f"{'g' * 99}:0:0.900000"),
        )
    ),
    *(
        ("few_shot", "right_by_episode", text)
        for text in ("x", "3 4", "3  4 5", "-3 4 5", "3 4 16", "9" * 5000, "3.0 4 5", "٣ 4 5", "3 4 5 6")
    ),
    *(
        ("few_shot", "curve", text)
        for text in (
            "x",
            "1:2:3",
            "250",
            "250:0.3",
            "250:2.0000",
            "x:0.2500",
            "250:0.2500",
            f"{9**99}:0.2500",
        )
    ),
    *(("continual", "seed", text) for text in ("-1", "1.5", "9" * 5000, "nan", "x", "")),
    *(("continual", "accuracy", text) for text in ("nan", "inf", "1e999", "-0.1", "1.1", "x", "")),
    *(("continual", "finished", text) for text in ("x", "2026-13-01T00:00:00Z", "2999-01-01T00:00:00Z")),
    ("continual", "finished", "1970-01-01T00:00:00Z"),
    *(("continual", "threads", text) for text in ("0", "100000", "x")),
    *(
        ("continual", "overrides", text)
        for text in (
            *("lr=0.1", "strategy.lr", "strategy.=1", "other.lr=1", "strategy.lr=1  strategy.x=1"),
            *("strategy.x=1 strategy.lr=1", "strategy.lr=1 strategy.lr=2", f"strategy.lr={'1' * 5000}"),
        )
    ),
    *(("continual", "protocol", text) for text in ("x", "few_shot", "")),
]


def damaged(folder, protocol, column, text):
    """A board whose second row has this text; the row's id follows from it."""
    make = MAKE[protocol]
    row = make(seed=4) | {column: text}
    path = folder / f"{make()['scenario']}.csv"
    raw_board(path, make(seed=3), row | {"run_id": run_id(row)})
    return path


@pytest.mark.parametrize(("protocol", "column", "text"), DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_cell_is_refused_by_check_show_and_publish(hpbench, tmp_path, protocol, column, text):
    mine, shared = tmp_path / "mine", tmp_path / "shared"
    path = damaged(mine, protocol, column, text)
    content = path.read_bytes()
    problems = check_folder(mine)
    assert any(f"line 3, column {column!r}" in one for one in problems) or "line" in problems[0], problems
    assert all(len(one) < 500 for one in problems)
    for words in (
        ("board", "check", "--out", mine),
        ("board", path.stem, "--out", mine),
        ("board", path.stem, "--pairs", "--out", mine),
        ("board", "publish", shared, "--out", mine),
        ("board", "publish", mine, "--out", good(tmp_path / "good", protocol)),
    ):
        ended = hpbench(*words)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(("hpbench: ", path.name)) and "Traceback" not in ended.err
        assert "unexpected" not in ended.err and ended.err.replace("\n", "").isprintable()
    assert path.read_bytes() == content
    assert [one.name for one in shared.rglob("*") if one.suffix != ".lock"] == []


def good(folder, protocol):
    row = MAKE[protocol](seed=5)
    raw_board(folder / f"{row['scenario']}.csv", row)
    return folder


@pytest.mark.parametrize("protocol", MAKE)
def test_no_text_column_may_hold_what_a_spreadsheet_runs(protocol):
    for column in columns(protocol):
        if column.kind == "text":
            for text in ACTING:
                assert fault(column, text, protocol), (column.name, text)


def test_longest_name_a_word_and_settings_are_shown_as_they_are(hpbench, tmp_path):
    name = "n" * 64
    row = make_row(strategy=name, overrides="scenario.passes=3 strategy.hidden=[400,400]", network="a.b:c+d")
    raw_board(tmp_path / "split_mnist.csv", row)
    assert check_folder(tmp_path) == []
    shown = hpbench("board", "split_mnist", "--out", tmp_path)
    assert shown.code == 0 and "strategy.hidden=[400,400]" in shown.out
    assert hpbench("board", "publish", tmp_path / "shared", "--out", tmp_path).code == 0
    readme = (tmp_path / "shared" / "README.md").read_text()
    assert f"| `{name} strategy.hidden=[400,400]` |" in readme
    cells = next(csv.reader(io.StringIO((tmp_path / "split_mnist.csv").read_text().splitlines()[1])))
    assert not any(re.match(r"[=+@\t\r]", cell) for cell in cells)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://a.b",
            "www.a.b",
            "@name",
            "&lt;",
            "$x$",
            "a|b",
            "<b>",
            "*a*",
            "_a_",
            "__a__",
            "~~a~~",
            "#1",
        ),
        *("[a](b)", "!a", ":smile:", "1. a", "- a", "\\a", "`a`", "a``b", "{a}", "^a"),
    ],
)
def test_what_markdown_acts_on_is_shown_in_a_code_span(text):
    shown = data(text)
    assert shown.startswith("`") and shown.endswith("`")
    fence = re.match("`+", shown)[0]
    assert fence not in shown[len(fence) : -len(fence)].replace("\\|", "|").strip().split(" ")
    assert "|" not in shown.replace("\\|", "")
    assert text in shown.replace("\\|", "|")


@pytest.mark.parametrize(
    "text", ["hp", "split_mnist", "hp:paper strategy.lr=0.1", "80.00 ± 0.00", "5-way (a)"]
)
def test_plain_words_stay_plain(text):
    assert data(text) == text


def test_a_long_text_is_cut():
    assert len(data("x" * 3000)) < 310
    assert len(data("<" * 3000)) < 310


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("Intel(R) Xeon(R) CPU @ 2.20GHz (6/85/7)", "Intel(R) Xeon(R) CPU @ 2.20GHz (6/85/7)"),
        ("=Intel® Core™ i7 <b> https://x", "Intel Core i7 b https//x"),
        ("x" * 999, "x" * 200),
        ("", ""),
    ],
)
def test_any_name_of_a_processor_fits_its_column(model, shown):
    assert fitting(model) == shown
    assert not text_fault("processor", shown or "x")
