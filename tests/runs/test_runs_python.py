"""Runs started from Python: no warnings of libraries, and the details of a run that is there already."""

import os
import subprocess
import sys
from pathlib import Path

from toy import QUICK, strategy_text, write_file, write_toy

CODE = """
import warnings
from pathlib import Path
from hpbench.plan.compose import plan
from hpbench.runs.execute import execute
[run] = plan({words!r})
report = lambda progress: None
records = [execute(run, Path({out!r}), force=False, say=print, report=report) for _ in range(2)]
assert [record.fresh for record in records] == [True, False]
assert records[0].details["R"] == records[1].details["R"]
warnings.warn("of the caller")
"""


def test_only_warnings_of_ones_own_code_are_shown(tmp_path: Path) -> None:
    write_toy(tmp_path / "mine")
    body = 'import warnings; warnings.warn("of the strategy")'
    write_file(tmp_path / "mine" / "strategies" / "warning.py", strategy_text(body))
    words = ["scenario=toy", "strategy=warning", *QUICK]
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(words=words, out=str(tmp_path / "out"))],
        env=os.environ | {"HPBENCH_PATH": str(tmp_path / "mine")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = [line for line in done.stderr.splitlines() if "Warning" in line]
    assert len(shown) == 2
    assert "of the strategy" in shown[0] and "of the caller" in shown[1]
