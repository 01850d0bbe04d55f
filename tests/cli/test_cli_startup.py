"""What must answer at once imports no heavy library."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LEADERBOARDS = Path(__file__).parents[2] / "leaderboards"

HEAVY = [
    "torch",
    "avalanche",
    "pandas",
    "hydra",
    "omegaconf",
    "matplotlib",
    "numpy",
    "norse",
    "rich",
    "scipy",
]
SCRIPT = """
import sys
from hpbench.cli.main import main
heavy = sys.argv.pop().split(",")
try:
    main()
finally:
    print("imported:", *(name for name in heavy if name in sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["list"],
        ["run", "--help"],
        ["evaluate", "--help"],
        ["export", "--help"],
        ["board", "--help"],
        ["completion", "bash"],
    ],
)
def test_light_commands_import_no_heavy_library(words: list[str]) -> None:
    command = [sys.executable, "-c", SCRIPT, *words, ",".join(HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout
    assert done.stderr.split() == ["imported:"]


@pytest.mark.parametrize("words", [["board", "omniglot"], ["board", "noisy_nmnist"], ["board", "check"]])
def test_boards_are_shown_without_torch(words: list[str], tmp_path: Path) -> None:
    shutil.copytree(LEADERBOARDS, tmp_path / "out", ignore=shutil.ignore_patterns("runs", "tuning"))
    command = [
        sys.executable,
        "-c",
        SCRIPT,
        *words,
        "--out",
        str(tmp_path / "out"),
        "torch,avalanche,scipy.stats,matplotlib",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.split() == ["imported:"]
