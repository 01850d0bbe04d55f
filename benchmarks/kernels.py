"""The compiled kernels beside the plain form, which is the code that they replaced, in one run.

Steps are forward, loss, backward and Adam in float32, one thread: `gp` and `hp` as in `engine_step.py`
(784-512-10, 100 images, T = 10), spiking conv-4 on 360 images with T = 4, and a step of `hp`'s few-shot
meta-training (8 episodes, 5-way 1-shot, 5 queries, drawing and distortion included). `plain` has torch's
operations, the same matrix products and torch's Adam; `as before` also fills every new tensor with NaN, as
torch's deterministic mode did in all runs until there were kernels. `convolutions and norms` repeats those of
a convolutional step and nothing else, `matrix products` those of a dense one, as they are computed and all by
`torch.matmul`. Ways take turns in every round. Prints a table and writes `kernels.csv` beside this file.
Run: `uv run python -m benchmarks.kernels`

`ms` and `cpu_ms`: the clock and the processor's time, the latter being steadier on a machine that others use.
Ratios are of `cpu_ms`, medians of the rounds' own: how many times quicker `than_plain` and `than_before`;
`plain_gp_steps` and `of_convolutions_and_norms`.
"""

import statistics
from typing import Any
from unittest.mock import patch

import pandas as pd
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.engine_products import products_of
from benchmarks.engine_step import Size, Step, draw, network
from benchmarks.few_shot import FIVE, META_BATCH, built
from benchmarks.options import options_of
from benchmarks.timing import Way, interleaved_by_both, ratio
from hpbench import registry
from hpbench.few_shot.episodes import EpisodeSource
from hpbench.few_shot.meta_training import meta_step
from hpbench.runs.processor import prepare_processor
from hpbench.runs.seeding import seed_everything
from hpbench.spiking.conv_features import SpikingConvFeatures
from hpbench.spiking.fused.adam import Adam
from hpbench.spiking.fused.library import library, plain_form
from hpbench.spiking.hybrid import product
from hpbench.spiking.parameters import RELEASE
from hpbench.tasks.resources import Resources

CONVOLUTIONAL = ("conv-4", "few-shot meta-training")
PARTS, PRODUCTS = "convolutions and norms", "matrix products"
_PARTS = {
    torch.ops.aten.convolution.default,
    torch.ops.aten.convolution_backward.default,
    torch.ops.aten.native_batch_norm.default,
    torch.ops.aten.native_batch_norm_backward.default,
    torch.ops.aten._native_batch_norm_legit.default,
    torch.ops.aten._batch_norm_with_update.default,
    torch.ops.aten.batch_norm_backward.default,
}


def main(words: list[str] | None = None) -> None:
    """Measure, print and write."""
    options = options_of("Time the kernels.", __file__, rounds=9).parse_args(words)
    prepare_processor(threads=1)
    seed_everything(0)
    if library() is None:
        print("no C++ compiler was found, or the kernels do not load: both columns are the plain form")
    steps = {**dense(options.quick), "conv-4": conv(options.quick), "few-shot meta-training": few_shot()}
    ways: dict[str, Way] = {}
    for name, step in steps.items():
        ways |= {name: step, f"{name}, plain": _plainly(step), f"{name}, as before": _filling(_plainly(step))}
        if name in CONVOLUTIONAL:
            ways[f"{name}, {PARTS}"] = parts_of(step)
        else:
            ways[f"{name}, {PRODUCTS}"] = products_of(step)
            with patch.object(product, "_onednn_is_quicker", lambda: False):
                ways[f"{name}, {PRODUCTS}, torch.matmul"] = products_of(step)
    table = pd.DataFrame(measured(ways, options.rounds, 0.0 if options.quick else 0.3))
    table.to_csv(options.out, index=False)
    print(f"medians of {options.rounds} interleaved rounds, one thread")
    print(table.to_string(index=False, na_rep=""))


def dense(quick: bool) -> dict[str, Way]:
    """Steps of `gp` and `hp` in both dialects."""
    size = Size(30, 16, 8, 4) if quick else Size()
    return {
        f"{learner}, {dialect}": Step(network(size, dialect, learner, "cpu"), draw(size, "cpu"))
        for dialect in ("release", "paper")
        for learner in ("gp", "hp")
    }


def conv(quick: bool) -> Way:
    """A step of spiking conv-4, in the order of memory that few-shot learners give it."""
    torch.manual_seed(0)
    p = RELEASE._replace(threshold=1.0, membrane_decay=0.5)
    made = SpikingConvFeatures(1, [2, 4] if quick else [32, 64, 64, 128], 4, p)
    made = made.to(memory_format=torch.channels_last)
    images = torch.rand(4 if quick else 360, 1, 28, 28)
    optimizer = Adam(made.parameters(), 1e-3)

    def step() -> None:
        optimizer.zero_grad()
        made(images).square().sum().backward()
        optimizer.step()

    return step


def few_shot() -> Way:
    """A step of `hp`'s meta-training on complete Omniglot, else on glyphs."""
    scenario = registry.load(registry.find("scenarios", "omniglot"))
    task = scenario.build(scenario.Settings(), Resources(None, "cpu", print))
    learner = built("hp", task, "spiking")
    source = EpisodeSource(task.train, FIVE, "training")
    optimizer = Adam(learner.parameters(), 1e-3)
    return lambda: meta_step(learner.train(), optimizer, task.train, source.draw(META_BATCH), 0.5)


class _Recorder(TorchDispatchMode):
    """Keeps every convolution and norm with its operands."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _PARTS:
            self.calls.append((func, args, kwargs or {}))
        return func(*args, **(kwargs or {}))


def parts_of(step: Way) -> Way:
    """What repeats the convolutions and norms of a step, forward and backward, with their own operands."""
    with _Recorder() as recorder, torch.autograd.set_multithreading_enabled(False), plain_form():
        step()
    calls = [(func, [_plain(one) for one in args], kwargs) for func, args, kwargs in recorder.calls]

    def run() -> None:
        with torch.no_grad():
            for func, args, kwargs in calls:
                func(*args, **kwargs)

    return run


def _plain(one: Any) -> Any:
    return one.detach() if isinstance(one, Tensor) else one


def _plainly(step: Way) -> Way:
    def run() -> None:
        with plain_form():
            step()

    return run


def _filling(step: Way) -> Way:
    def run() -> None:
        torch.utils.deterministic.fill_uninitialized_memory = True  # type: ignore[attr-defined]
        try:
            step()
        finally:
            torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]

    return run


def measured(ways: dict[str, Way], rounds: int, span: float) -> list[dict[str, Any]]:
    """A row for each way, from interleaved rounds, after one that warms up."""
    times = interleaved_by_both(ways, rounds, span)
    processor = {name: one.cpu_ms for name, one in times.items()}
    rows = []
    for name, own in processor.items():
        plain, before = (processor.get(f"{name}, {form}") for form in ("plain", "as before"))
        parts = processor.get(f"{name.split(', ')[0]}, {PARTS}")
        steps = name.startswith(("gp", "hp"))
        rows.append(
            {
                "step": name,
                "ms": round(statistics.median(times[name].ms), 2),
                "cpu_ms": round(statistics.median(own), 2),
                "than_plain": round(ratio(plain, own), 2) if plain else None,
                "than_before": round(ratio(before, own), 2) if before else None,
                "plain_gp_steps": round(ratio(own, processor["gp, release, plain"]), 2) if steps else None,
                "of_convolutions_and_norms": round(ratio(own, parts), 2) if parts else None,
            }
        )
    return rows


if __name__ == "__main__":
    main()
