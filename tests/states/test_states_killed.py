"""Runs that are killed (−9) at random moments end as runs that were not: figures, records, weights."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from killed_runs import RUNS

from hpbench.protocols.table import PROTOCOLS


def kill(protocol: str, count: int, seed: int) -> str:
    """The lines that `killed_runs` prints."""
    tests = Path(__file__).parents[1]
    environment = {
        name: value for name, value in os.environ.items() if name not in ("HPBENCH_PATH", "HPBENCH_DATA")
    }
    paths = os.pathsep.join(filter(None, (str(tests), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "killed_runs", protocol, str(count), str(seed)],
        env=environment | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_run_killed_at_random_moments_ends_as_one_that_was_not(protocol: str) -> None:
    count = len(RUNS[protocol])  # each of its runs once
    lines = kill(protocol, count, 0)
    assert f"{count} runs killed, 0 different" in lines
    assert lines.count("Goes on") >= 2  # others were killed before they had a state, or in the test


@pytest.mark.slow
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_two_hundred_runs_killed_at_random_moments_end_as_those_that_were_not(protocol: str) -> None:
    assert "200 runs killed, 0 different" in kill(protocol, 200, 1)
