"""Speed of HP layers against literal implementations, other libraries, and matrix products alone.

A step is forward, mean squared error, backward and Adam on an n-m-10 network in float32, with one thread on
the CPU: one batch of static input over T steps. First it is checked that ours and the literal forms give the
same losses and gradients from the same weights; else nothing is timed. Prints tables and writes
`engine.csv` beside this file. Run: `uv run --group benchmark python -m benchmarks.engine --compile`

Rows (`form`): `literal`, `ours` (the form chosen by shapes), `ours stepwise`, `gp` (our network without the
local path), `… +compile`, the GP network in other libraries, and `matrix_products …`, which repeats only the
products of a step. `axis` says which of B, n, T was changed, for growth. `ms` is the median of interleaved
rounds; ratios are medians of the rounds' own ratios: `ratio_to_literal` = literal / this form (how many times
quicker), `ratio_to_gp` = this form / gp of its dialect (of `release` for the libraries), `products_share` =
its matrix products / its step. `peak_mb`: tensors alive at once during a step, gradients and the optimizer's
work included, above parameters and Adam's state (see `timing.peak_mb`). A step is as in `engine_step.py`.
"""

import statistics
from argparse import Namespace
from typing import Any

import pandas as pd
import torch

from benchmarks.engine_literal import LiteralNetwork, check
from benchmarks.engine_others import others
from benchmarks.engine_products import products_of
from benchmarks.engine_step import Size, Step, draw, network
from benchmarks.options import options_of
from benchmarks.timing import interleaved, peak_mb, ratio
from hpbench.runs.processor import prepare_processor

PRODUCTS = "matrix_products"
LITERAL_TENSORS = 3
"""Tensors of B, n, m that a literal form may hold at once (measured: 1.3 and 2.3)."""

Key = tuple[str, str]
"""Form and dialect."""


def main(words: list[str] | None = None) -> None:
    """Check, measure, print and write."""
    options = _options(words)
    prepare_processor(threads=1)
    size = Size(30, 16, 8, 4) if options.quick else Size()
    rounds, span = (2, 0.0) if options.quick else (options.rounds, 0.2)
    for dialect in ("release", "paper"):
        batches = [draw(size, "cpu", seed) for seed in range(3)]
        print(
            f"{dialect}: ours and literal differ by {check(network(size, dialect, 'hp', 'cpu'), batches):.1e}"
        )
    rows: list[dict[str, Any]] = []
    for device in ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]:
        steps, missing = compared(size, device)
        for line in missing:
            print(line)
        if options.compile:
            steps |= compiled(size, device)
        rows += measured(size, device, steps, rounds, span)
        for axis, changed in growth(size):
            steps = family(changed, device, options.memory_gb)
            rows += measured(changed, device, steps, min(rounds, 2), span / 2, axis)
    table = pd.DataFrame(rows)
    table.to_csv(options.out, index=False)
    print(f"medians of {rounds} interleaved rounds ({min(rounds, 2)} for growth), one thread")
    print(table.to_string(index=False, na_rep=""))


def _options(words: list[str] | None) -> Namespace:
    parser = options_of("Time the HP engine.", __file__, rounds=5)
    parser.add_argument("--compile", action="store_true", help="also our networks through torch.compile")
    parser.add_argument("--memory-gb", type=float, default=8.0, help="literal forms above this are left out")
    return parser.parse_args(words)


def family(size: Size, device: str, memory_gb: float) -> dict[Key, Step]:
    """In each dialect: literal (where its tensors fit into the memory), ours, and gp."""
    steps = {}
    for dialect in ("release", "paper"):
        if 4e-9 * size.batch * size.n * size.m * LITERAL_TENSORS <= memory_gb:
            literal = LiteralNetwork(network(size, dialect, "hp", device))
            steps["literal", dialect] = Step(literal, draw(size, device))
        steps["ours", dialect] = Step(network(size, dialect, "hp", device), draw(size, device))
        steps["gp", dialect] = Step(network(size, dialect, "gp", device), draw(size, device))
    return steps


def compared(size: Size, device: str) -> tuple[dict[Key, Step], list[str]]:
    """All comparisons at the main size, and a line for each library that is not installed."""
    steps = family(size, device, float("inf"))
    stepwise = network(size, "release", "hp", device, "stepwise")
    steps["ours stepwise", "release"] = Step(stepwise, draw(size, device))
    made, missing = others(size)
    steps |= {(form, ""): Step(model.to(device), draw(size, device)) for form, model in made.items()}
    return steps, missing


def compiled(size: Size, device: str) -> dict[Key, Step]:
    """Ours and gp with torch.compile; a message instead of a row where it fails."""
    steps = {}
    for dialect in ("release", "paper"):
        for form, learner in (("ours", "hp"), ("gp", "gp")):
            model = network(size, dialect, learner, device)
            step = Step(model, draw(size, device), torch.compile(model))
            try:
                step()
            except Exception as error:  # a missing compiler, or code that it does not take: many types
                print(f"{form}, {dialect}: torch.compile failed ({type(error).__name__}), run without it")
                continue
            steps[f"{form} +compile", dialect] = step
    return steps


def growth(size: Size) -> list[tuple[str, Size]]:
    """Each of B, n, T over a decade around the main size, and B and n together at their largest."""
    low, high = 0.32, 3.2
    batches, inputs, steps = (
        [round(value * factor) for factor in (low, high)]
        for value in (size.batch, size.n * 0.78125, size.steps * 1.25)
    )
    return [
        *(("B", size._replace(batch=value)) for value in batches),
        *(("n", size._replace(n=value)) for value in inputs),
        *(("T", size._replace(steps=value)) for value in steps),
        ("B and n", size._replace(batch=batches[1], n=inputs[1])),
    ]


def measured(
    size: Size, device: str, steps: dict[Key, Step], rounds: int, span: float, axis: str = ""
) -> list[dict[str, Any]]:
    """A row for each step, and for the matrix products of ours and of gp."""
    ways: dict[Key, Any] = dict(steps)
    for form, dialect in steps:
        if form in ("ours", "gp"):
            ways[f"{PRODUCTS} {form}", dialect] = products_of(steps[form, dialect])
    names = {" | ".join(key): key for key in ways}
    timed = interleaved({name: ways[key] for name, key in names.items()}, rounds, span, device)
    times = {key: timed[name] for name, key in names.items()}
    rows = []
    for key, way in ways.items():
        form, dialect = key
        literal = times.get(("literal", dialect))
        products = times.get((f"{PRODUCTS} {form.removesuffix(' +compile')}", dialect))
        memory = None
        if isinstance(way, Step):
            way.rest()
            memory = round(peak_mb(way, device), 2)
        rows.append(
            {
                "form": form,
                "dialect": dialect,
                "device": device,
                **size._asdict(),
                "axis": axis,
                "ms": round(statistics.median(times[key]), 3),
                "peak_mb": memory,
                "ratio_to_literal": round(ratio(literal, times[key]), 1) if literal else None,
                "ratio_to_gp": round(ratio(times[key], times["gp", dialect or "release"]), 2),
                "products_share": round(ratio(products, times[key]), 2) if products else None,
            }
        )
    return rows


if __name__ == "__main__":
    main()
