"""What must answer at once imports no heavy library."""

import subprocess
import sys

import pytest

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
    "words", [["--help"], ["list"], ["run", "--help"], ["board", "--help"], ["completion", "bash"]]
)
def test_light_commands_import_no_heavy_library(words: list[str]) -> None:
    command = [sys.executable, "-c", SCRIPT, *words, ",".join(HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout
    assert done.stderr.split() == ["imported:"]
