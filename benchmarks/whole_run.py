"""A user's whole run: split MNIST, complete, one pass, trained and tested after each experience.

Ours is `hpbench run scenario=split_mnist strategy=…` with all that it does: data, training, tests, costs,
record, picture and row. The others are Avalanche with a network of another library
(`whole_run_avalanche.py`). All have 784-512-10 neurons, 10 time steps, batches of 100 and Adam. Imports are
done before; they are counted apart, by a process that only imports. Ways take turns, one thread.
Prints a table and writes `whole_run.csv` beside this file.
Run: `uv run --group benchmark python -m benchmarks.whole_run`

`seconds` and `cpu_s`: median over rounds of the clock and of the processor's time, the latter being steadier
on a machine that others use too. `times_quicker_than_snntorch`: median of the rounds' own ratios of `cpu_s`.
"""

import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pandas as pd

from benchmarks.engine_others import LIBRARIES
from benchmarks.options import options_of
from benchmarks.timing import ratio
from benchmarks.whole_run_avalanche import NETWORKS, whole_run
from hpbench.cli.main import main as hpbench
from hpbench.data.places import places
from hpbench.runs.processor import prepare_processor
from hpbench.spiking.fused.library import library, plain_form

OURS = ("gp", "hp")
REFERENCE = "Avalanche + snnTorch"


def main(words: list[str] | None = None) -> None:
    """Measure, print and write."""
    options = options_of("Time whole runs.", __file__, rounds=3).parse_args(words)
    prepare_processor(threads=1)
    library()
    table = pd.DataFrame(measured(ways(quick=options.quick), options.rounds))
    table.to_csv(options.out, index=False)
    print(f"medians of {options.rounds} interleaved rounds, one thread")
    print(table.to_string(index=False, na_rep=""))
    for name, line in {"hpbench": "hpbench.learning.templates", "Avalanche": "avalanche.training"}.items():
        print(f"importing {name} takes {_importing(line):.1f} s of processor time, not counted above")


def ways(*, quick: bool) -> dict[str, Callable[[], object]]:
    """Whole runs by name; a line is printed for a library that is not installed."""
    found: dict[str, Callable[[], object]] = {}
    for strategy in OURS:
        found[f"hpbench, {strategy}"] = partial(ours, strategy, quick)
        found[f"hpbench, {strategy}, plain form"] = partial(plainly, strategy, quick)
    root = None if quick else _complete_mnist()
    for name in NETWORKS:
        if importlib.util.find_spec(name) is None:
            print(f"{LIBRARIES[name]} is not installed (uv sync --group benchmark): no row of it")
        else:
            found[f"Avalanche + {LIBRARIES[name]}"] = partial(whole_run, name, root)
    return found


def ours(strategy: str, quick: bool) -> None:
    """`hpbench run`, as from the shell; RuntimeError if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        data = ["scenario.dataset=mnist5k"] if quick else ["scenario.dataset=mnist"]
        words = ["hpbench", "run", "scenario=split_mnist", f"strategy={strategy}", "--quiet", *data]
        with patch.object(sys, "argv", [*words, "--out", folder]):
            try:
                hpbench()
            except SystemExit as ended:
                if ended.code:
                    raise RuntimeError(f"hpbench run ended with code {ended.code}") from ended


def plainly(strategy: str, quick: bool) -> None:
    """The same in torch's operations."""
    with plain_form():
        ours(strategy, quick)


def measured(runs: dict[str, Callable[[], object]], rounds: int) -> list[dict[str, object]]:
    """A row for each way, from interleaved rounds."""
    clock: dict[str, list[float]] = {name: [] for name in runs}
    processor: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start, used = time.perf_counter(), time.process_time()
            run()
            clock[name].append(time.perf_counter() - start)
            processor[name].append(time.process_time() - used)
    reference = processor.get(REFERENCE)
    return [
        {
            "way": name,
            "seconds": round(statistics.median(clock[name]), 2),
            "cpu_s": round(statistics.median(processor[name]), 2),
            "times_quicker_than_snntorch": round(ratio(reference, processor[name]), 2) if reference else None,
        }
        for name in runs
    ]


def _complete_mnist() -> Path:
    """The folder of complete MNIST. Raises FileNotFoundError without one."""
    found = [folder for folder in places(None) if (folder / "MNIST" / "raw").is_dir()]
    if not found:
        raise FileNotFoundError("complete MNIST was not found: name its folder by HPBENCH_DATA")
    return found[0]


def _importing(module: str) -> float:
    line = f"import time, {module}; print(time.process_time())"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
