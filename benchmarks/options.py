"""The options that every benchmark has."""

from argparse import ArgumentParser
from pathlib import Path


def options_of(description: str, file: str, *, rounds: int) -> ArgumentParser:
    """A parser of the command line of the benchmark in `file`, beside which figures are written."""
    parser = ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="tiny sizes and few rounds, to see that it runs")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--out", type=Path, default=Path(file).with_suffix(".csv"))
    return parser
