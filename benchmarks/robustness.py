"""Speed of the robustness protocol: evaluation under noise, attacks, and events to frames.

Three comparisons, one thread, interleaved. `evaluation`: a noisy_fashion_mnist evaluation of one network (7
levels, 10,000 images), and its images per second against the cells stepped one after another with the trace
held as a tensor, on a part of the images. `fgsm`: batched against one image at a time. `events`: N-MNIST
recordings to frames, cold and warm, against tonic's own data set, transform and disk cache. Prints a table
and writes `robustness.csv` beside this file.
Run: `uv run python -m benchmarks.robustness`
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import torch
from torch import Tensor

from benchmarks.robustness_tonic import batch, tonic_frames
from benchmarks.timing import interleaved, ratio
from hpbench import registry
from hpbench.data.events.catalogue import EVENT_SETS
from hpbench.data.events.load import RecordingSettings, find, load_recordings
from hpbench.data.places import cache_folder, places
from hpbench.disturb.fgsm import fgsm
from hpbench.frames.framing import frames_of
from hpbench.frames.representation import RepresentationSettings
from hpbench.learning.losses import mean_squared_error
from hpbench.networks.settings import TraceSettings
from hpbench.runs.processor import prepare_processor
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.readout import read_out
from hpbench.tasks.resources import Resources

BATCH = 100


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    asked = parser.parse_args(words)
    prepare_processor(threads=1)
    rows = [*images(asked.rounds, asked.images), *events(asked.rounds)]
    table = pd.DataFrame(rows)
    table.to_csv(asked.out, index=False)
    print(f"Medians of {asked.rounds} interleaved rounds, one thread")
    print(table.to_string(index=False))


def network(trace_at_test: str) -> SpikingNetwork:
    """The published network of Fashion-MNIST, as drawn, with a trace that is not 0."""
    torch.manual_seed(0)
    settings = TraceSettings()
    made = SpikingNetwork(
        [784, *settings.hidden, 10], Encoder("direct", 10, 0.0), trace_at_test=trace_at_test
    )
    for one in made.layers:
        layer: Any = one
        layer.trace = 0.05 * torch.randn_like(layer.trace)
    return made.eval()


def stepped(made: SpikingNetwork, images: Tensor, trace_at_test: str) -> Tensor:
    """Scores by the cells, step by step."""
    window = [images] * made.encoder.steps
    for one in made.layers:
        layer: Any = one
        state = layer.cell.initial_state(window[0])._replace(trace=layer.trace)
        spikes, membranes = [], []
        for values in window:
            fired, moved = layer.cell(values, state)
            state = moved if trace_at_test == "batch" else moved._replace(trace=state.trace)
            spikes.append(fired)
            membranes.append(state.membrane)
        window = spikes
    return read_out(made.read_out, torch.stack(spikes), torch.stack(membranes), made.p.threshold)


def images(rounds: int, number: int) -> list[dict[str, Any]]:
    """Evaluation and attacks on images."""
    scenario = registry.load(registry.find("scenarios", "noisy_fashion_mnist"))
    task = scenario.build(scenario.Settings(), Resources(None, "cpu", print, "benchmark"))
    number = min(number, len(task.tested.targets))
    clean, targets = task.tested.inputs[torch.arange(number)], task.tested.targets[:number]
    part, rows = clean[: 5 * BATCH], []
    for mode in ("frozen", "batch"):
        made = network(mode)

        @torch.no_grad()
        def evaluate(made: SpikingNetwork = made) -> None:
            for name, levels in task.levels.items():
                for level in levels:
                    inputs = task.disturbed(name, level)[: len(clean)] if level else clean
                    for some in inputs.split(BATCH):
                        made(some).argmax(1)

        @torch.no_grad()
        def ours(made: SpikingNetwork = made) -> Tensor:
            return torch.cat([made(some) for some in part.split(BATCH)])

        @torch.no_grad()
        def literal(made: SpikingNetwork = made, mode: str = mode) -> Tensor:
            return torch.cat([stepped(made, some, mode) for some in part.split(BATCH)])

        torch.testing.assert_close(ours(), literal(), atol=1e-4, rtol=1e-4)
        times = interleaved({"ours": ours, "literal": literal}, rounds)
        whole = interleaved({"whole": evaluate}, 1)["whole"]
        rows.append(
            {
                "what": f"evaluation, {mode}",
                "samples_per_s": 1e3 * len(part) / min(times["ours"]),
                "times_faster": ratio(times["literal"], times["ours"]),
                "than": "cells stepped one after another",
                "whole_s": whole[0] / 1e3,
            }
        )
    made = network("frozen")
    few = slice(0, 20)

    def batched() -> Tensor:
        return fgsm(made, mean_squared_error, clean[:BATCH], targets[:BATCH], 0.1)

    def singly() -> Tensor:
        pairs = zip(clean[few].split(1), targets[few].split(1), strict=True)
        return torch.cat([fgsm(made, mean_squared_error, *pair, 0.1) for pair in pairs])

    torch.testing.assert_close(batched()[few], singly())
    times = interleaved({"batched": batched, "singly": singly}, rounds)
    by_image = [one / 20 for one in times["singly"]], [one / BATCH for one in times["batched"]]
    rows.append(
        {
            "what": "fgsm, frozen",
            "samples_per_s": 1e3 / min(by_image[1]),
            "times_faster": ratio(*by_image),
            "than": "one image at a time",
        }
    )
    return rows


def events(rounds: int) -> list[dict[str, Any]]:
    """Recordings of N-MNIST to dense batches, without and with what is kept on disk."""
    found = find(EVENT_SETS["nmnist"], places(None))
    if found is None:
        print("Events are not measured: there are no recordings of N-MNIST; see hpbench data")
        return []
    source = load_recordings("nmnist", RecordingSettings(), None, print).train
    settings = RepresentationSettings()
    with (
        tempfile.TemporaryDirectory() as temporary,
        # A cache of its own: what the user keeps is not touched.
        patch.dict(os.environ, {"XDG_CACHE_HOME": temporary}),
    ):
        folder = Path(temporary) / "tonic"
        tonic_set = tonic_frames(found.root, folder, settings.time_steps)

        def cold() -> None:
            shutil.rmtree(cache_folder(), ignore_errors=True)
            frames_of(source, settings)

        def tonic_cold() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for row in range(len(source)):
                tonic_set[row]

        def warm() -> None:
            frames = frames_of(source, settings)
            for rows in torch.randperm(len(source)).split(BATCH):
                frames[rows]

        def tonic_warm() -> None:
            for rows in torch.randperm(len(source)).split(BATCH):
                torch.from_numpy(batch(tonic_set, rows.tolist()))

        pairs = (("cold", cold, tonic_cold), ("warm", warm, tonic_warm))
        measured = [(what, interleaved({"ours": a, "theirs": b}, rounds)) for what, a, b in pairs]
    return [
        {
            "what": f"N-MNIST to frames, {what}",
            "samples_per_s": 1e3 * len(source) / min(times["ours"]),
            "times_faster": ratio(times["theirs"], times["ours"]),
            "than": "tonic's NMNIST, ToFrame and DiskCachedDataset",
        }
        for what, times in measured
    ]


if __name__ == "__main__":
    main()
