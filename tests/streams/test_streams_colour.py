"""Colour images keep their shape on the way to networks, disturbances, attacks and pictures."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy_colour import HERE, SIDE, colour_data, colour_task

from hpbench.disturb.images import IMAGE_DISTURBANCES
from hpbench.disturb.seeded import level_generator
from hpbench.learning.benchmark import Benchmark
from hpbench.networks.family import build_network
from hpbench.networks.settings import DenseSettings, TraceSettings
from hpbench.plan.compose import plan
from hpbench.report.disturbed_sample import sample_picture
from hpbench.runs.execute import execute
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.streams.permuted import PermutedSettings, permutation, permuted

SCENARIO = """
from dataclasses import dataclass
from toy_colour import colour_data
from hpbench.learning.settings import StreamSettings
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.streams.split import split_by_class

VERSION = "1"
PROTOCOL = "{protocol}"

@dataclass
class Settings({settings}):
    pass

def build(settings, resources):
    return {build}
"""


@pytest.fixture
def colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scenarios `colours` and `noisy_colours`."""
    for name, *words in (
        ("colours", "continual", "StreamSettings", "split_by_class(colour_data(), 2, settings, resources)"),
        (
            "noisy_colours",
            "robustness",
            "ImageRobustnessSettings",
            "image_task(colour_data(), settings, resources)",
        ),
    ):
        text = SCENARIO.format(**dict(zip(("protocol", "settings", "build"), words, strict=True)))
        (tmp_path / f"{name}.py").write_text(f'"""Colours."""\n{text}')
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path))


def row_of(tmp_path: Path, *words: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    [run] = plan(list(words))
    execute(run, tmp_path / "out", force=True, say=print, report=lambda _: None)
    from hpbench.boards.table import read

    rows = read(tmp_path / "out" / f"{run.scenario}.csv").to_dict("records")
    return rows[-1]


def test_inputs_are_the_images_themselves() -> None:
    data, task = colour_data(), colour_task(validation_share=0.0)
    assert task.input_shape == (3, SIDE, SIDE)
    own = data.train_labels < 2
    assert np.array_equal(np.asarray(task.train[0].inputs), data.train_images[own])


def test_grey_and_colour_are_two_sets_and_bytes_two_from_floats() -> None:
    data = colour_data()
    grey = replace(data, train_images=data.train_images[:, 0], test_images=data.test_images[:, 0])
    whole = replace(
        data,
        train_images=(255 * data.train_images).astype(np.uint8),
        test_images=(255 * data.test_images).astype(np.uint8),
    )
    assert len({data.sha256, grey.sha256, whole.sha256}) == 3


@pytest.mark.parametrize("kind", ["hp", "ann"])
def test_a_dense_network_sees_all_three_channels(kind: str) -> None:
    settings = TraceSettings(hidden=[16]) if kind == "hp" else DenseSettings(hidden=[16])
    network = build_network(kind, settings, colour_task()).eval()
    shown = torch.rand(5, 3, SIDE, SIDE)
    with torch.no_grad():
        before = network(shown)
        for channel in range(3):
            changed = shown.clone()
            changed[:, channel] = 1 - changed[:, channel]
            assert not torch.equal(network(changed), before)


def test_a_convolution_has_three_channels() -> None:
    network = build_network("hp", TraceSettings(kernels=[4], kernel_size=3), colour_task())
    first, *_ = (one for one in network.modules() if isinstance(one, torch.nn.Conv2d))
    assert first.weight.shape == (4, 3, 3, 3)


def test_permutations_go_over_all_channels() -> None:
    data = colour_data()
    task = permuted(data, PermutedSettings(tasks=2, validation_share=0.0), HERE)
    order = permutation(1, 3 * SIDE**2)
    benchmark = Benchmark(task)
    rows = torch.arange(len(data.train_labels), len(data.train_labels) + 4)
    kept = task.train[1].inputs[torch.arange(4)]
    assert order is not None and task.input_shape == (3 * SIDE**2,)
    assert torch.equal(benchmark.store.batch(rows)[0], kept[:, torch.from_numpy(order)])


@pytest.mark.parametrize(
    "words",
    [
        ("strategy=hp", "strategy.kernels=[8]", "strategy.kernel_size=3"),
        ("strategy=hp", "strategy.prototypes=on"),
        ("strategy=decolle",),
        ("strategy=icarl",),
        ("strategy=slda",),
    ],
    ids=" ".join,
)
def test_strategies_learn_colours(colours: None, tmp_path: Path, words: tuple[str, ...]) -> None:
    passes = () if "strategy=slda" in words else ("scenario.passes=8",)
    assert row_of(tmp_path, "scenario=colours", *words, *passes)["accuracy"] > 0.45


def test_columns_are_refused_in_one_sentence(
    colours: None, hpbench: Callable[..., Any], tmp_path: Path
) -> None:
    ended = hpbench("run", "scenario=colours", "strategy=hp:prototypes", "--out", tmp_path / "out")
    assert ended.code != 0 and "Traceback" not in ended.err
    assert "strategy.columns: 192 values in a row are no square image of one channel" in ended.err


def test_attacks_and_disturbances_of_colours(colours: None, tmp_path: Path) -> None:
    words = ("scenario.passes=8", "scenario.attack_steps=3", "scenario.attack_queries=5")
    names = "[gaussian,occlusion,centre_crop,fgsm,pgd,square,random_sign]"
    row = row_of(tmp_path, "scenario=noisy_colours", "strategy=hp", f"scenario.disturbances={names}", *words)
    assert row["clean_accuracy"] > 0.6 and row["mean_accuracy"] < row["clean_accuracy"]


@pytest.mark.parametrize("name", sorted(IMAGE_DISTURBANCES))
def test_a_disturbance_of_colours_keeps_their_shape(name: str) -> None:
    data = colour_data()
    task = image_task(data, ImageRobustnessSettings(disturbances=[name]), HERE)
    level = IMAGE_DISTURBANCES[name].levels[1]
    found = task.disturbed(name, level)
    expected = IMAGE_DISTURBANCES[name].apply(data.test_images, level, level_generator(0, name, level))
    assert tuple(found.shape) == (60, 3, SIDE, SIDE) and np.array_equal(np.asarray(found), expected)
    assert not np.array_equal(expected, data.test_images)


def test_what_is_cut_out_of_a_colour_image_is_cut_out_of_all_channels() -> None:
    data = colour_data()
    images = np.maximum(data.test_images, 0.01)
    for name in ("occlusion", "centre_crop"):
        gone = IMAGE_DISTURBANCES[name].apply(images, 3.0, np.random.default_rng(0)) == 0
        assert (
            gone.any() and np.array_equal(gone[:, 0], gone[:, 1]) and np.array_equal(gone[:, 0], gone[:, 2])
        )


def test_a_picture_of_a_colour_sample() -> None:
    png = sample_picture("colours", image_task(colour_data(), ImageRobustnessSettings(), HERE))
    assert png.startswith(b"\x89PNG") and len(png) > 5000
