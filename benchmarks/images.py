"""A training step of the authors' network for images, in this project and in other libraries, in one run.

Three 3x3 convolutions with spiking neurons, each with means over 2x2 places, 512 hidden neurons and 10
outputs; 50 images of 28x28 pixels held for T = 10 steps; forward, squared error, backward and Adam in
float32, one thread. Ways take turns in every round. `convolutions` repeats those of our step, forward and
backward, and nothing else. The other libraries are used as their documentation does, SpikingJelly a layer at
a time for all steps; their first convolution is computed in every step, ours once, as the input is constant.
They have neither dropout nor weights that decay in the window, and their scores are spike rates. Prints a
table and writes `images.csv` beside this file. Run: `uv run --group benchmark python -m benchmarks.images`

`ms` and `cpu_ms`: the clock and the processor's time; `ours_times_quicker` is of `cpu_ms`, the median of the
rounds' own ratios to `gp`.
"""

import statistics
from argparse import Namespace

import pandas as pd
import torch
from torch import Tensor

from benchmarks.images_others import others
from benchmarks.kernels import parts_of
from benchmarks.options import options_of
from benchmarks.timing import Way, interleaved_by_both, ratio
from hpbench.runs.processor import prepare_processor
from hpbench.runs.seeding import seed_everything
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.fused.adam import Adam
from hpbench.spiking.network import Convolution, SpikingNetwork
from hpbench.spiking.parameters import RELEASE

STEPS, HIDDEN, CLASSES, SIDE = 10, 512, 10, 28


def main(words: list[str] | None = None) -> None:
    """Measure, print and write."""
    options = _options(words)
    prepare_processor(threads=1)
    seed_everything(0)
    kernels = [2, 2, 2] if options.quick else options.kernels
    batch = 4 if options.quick else 50
    images, targets = torch.rand(batch, SIDE * SIDE), torch.rand(batch, CLASSES)
    ways: dict[str, Way] = {
        f"hpbench, {one}": _step(_ours(one, kernels), images, targets) for one in ("gp", "hp")
    }
    ways["convolutions of gp"] = parts_of(ways["hpbench, gp"])
    for name, network in others(kernels, STEPS, HIDDEN, CLASSES).items():
        ways[name] = _step(network, images.view(batch, 1, SIDE, SIDE), targets)
    times = interleaved_by_both(ways, options.rounds)
    ours = times["hpbench, gp"].cpu_ms
    rows = [
        {
            "step": name,
            "ms": round(statistics.median(one.ms), 1),
            "cpu_ms": round(statistics.median(one.cpu_ms), 1),
            "ours_times_quicker": round(ratio(one.cpu_ms, ours), 2),
        }
        for name, one in times.items()
    ]
    table = pd.DataFrame(rows)
    table.to_csv(options.out, index=False)
    print(f"kernels {kernels}, medians of {options.rounds} interleaved rounds, one thread")
    print(table.to_string(index=False))


def _options(words: list[str] | None) -> Namespace:
    parser = options_of("Time a training step on images.", __file__, rounds=5)
    parser.add_argument("--kernels", type=int, nargs=3, default=[32, 64, 64], help="authors: 128 256 256")
    return parser.parse_args(words)


def _ours(learner: str, kernels: list[int]) -> torch.nn.Module:
    torch.manual_seed(0)
    return SpikingNetwork(
        [SIDE * SIDE, HIDDEN, CLASSES],
        Encoder("direct", STEPS, 500.0),
        learner,
        RELEASE._replace(threshold=0.45, membrane_decay=0.75, reset="zero"),
        convolutions=[Convolution(one, 3, 1, 2) for one in kernels],
        image=(1, SIDE, SIDE),
        trace_in="hidden",
    )


def _step(network: torch.nn.Module, images: Tensor, targets: Tensor) -> Way:
    optimizer = Adam(network.parameters(), 5e-4)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(network(images), targets).backward()
        optimizer.step()

    return step


if __name__ == "__main__":
    main()
