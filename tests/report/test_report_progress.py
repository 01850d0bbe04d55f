"""What a run says of its progress where its output is no terminal."""

import io
import time

import pytest
from rich.console import Console

from hpbench.learning.watch import Progress
from hpbench.report import progress
from hpbench.report.progress import RunsDisplay

HALF = Progress(0, 2, 0, 1, 10, 10, 100, 0.5, 0.9)


def shown(monkeypatch: pytest.MonkeyPatch, *, quiet: bool = False, reports: bool = True) -> str:
    """What is printed in a run of some intervals."""
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.02)
    file = io.StringIO()
    with RunsDisplay(Console(file=file, width=200), quiet=quiet) as display:
        display.begin(1, "hp")
        if reports:
            display.update(1, HALF)
        end = time.monotonic() + 10
        while not quiet and file.getvalue().count("\n") < 2 and time.monotonic() < end:
            time.sleep(0.01)
    return file.getvalue()


def test_a_run_in_a_file_says_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch).splitlines()
    assert len(lines) >= 2
    assert lines[0].startswith("0 min, hp: 50%, experience 1/2 pass 1/1 batch 10/10 loss 0.5000")
    assert lines[-1].endswith("s ago")  # as nothing was reported since


def test_a_run_that_has_not_begun_to_train_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "0 min, hp: not training yet" in shown(monkeypatch, reports=False)


def test_a_quiet_run_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, quiet=True) == ""


def test_lines_come_once_a_minute() -> None:
    assert progress.EVERY_SECONDS == 60
