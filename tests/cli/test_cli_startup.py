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
TRAINING = ["torch", "optuna", "torchvision", "avalanche", "norse", "learn2learn", "tonic", "matplotlib"]

SCRIPT = """
import sys
from hpbench.cli.main import main
heavy = sys.argv.pop().split(",")
try:
    main()
finally:
    print("imported:", *(name for name in heavy if name in sys.modules), file=sys.stderr)
"""

SHOW = """
import sys
from click.testing import CliRunner
from hpbench import registry
from hpbench.cli.main import cli
for kind in ("strategies", "scenarios"):
    for one in registry.shipped(kind):
        shown = CliRunner().invoke(cli, ["show", f"{one.singular}={one.name}"])
        assert shown.exit_code == 0 and one.version in shown.output, one.name
print("imported:", *(name for name in sys.argv[1:] if name in sys.modules))
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["list"],
        ["run", "--help"],
        ["evaluate", "--help"],
        ["export", "--help"],
        ["tune", "--help"],
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


@pytest.mark.parametrize(
    "words",
    [
        ["run", "scenario=split_mnist", "strategy=hp:prototypes", "--dry-run"],
        ["run", "scenario=omniglot", "strategy=maml,protonet", "scenario.n_way=5,20", "--dry-run"],
        ["run", "scenario=noisy_nmnist", "strategy=decolle", "scenario.folds=5", "--dry-run"],
        ["show", "scenario=noisy_mnist", "strategy=icarl"],
        ["tune", "scenario=split_mnist", "strategy=ewc", "strategy.lr=log(1e-4,1e-2)", "--dry-run"],
    ],
)
def test_runs_are_listed_without_torch(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words, ",".join(TRAINING)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert done.stderr.split() == ["imported:"]


def test_all_that_is_shipped_is_shown_without_torch() -> None:
    done = subprocess.run([sys.executable, "-c", SHOW, *TRAINING], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["imported:"]


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
