"""Scenarios of recorded events, from files in tonic's layouts to rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_aedat4 import write_aedat4
from made_events import as_bin, random_events, write_clip, write_nmnist

from hpbench.data.events.catalogue import EVENT_SETS

QUICK = ("scenario.passes=1", "scenario.time_steps=2", "scenario.levels=[0,5]", "strategy.hidden=[8]")


def nmnist(root: Path) -> str:
    """Thirty recordings."""
    write_nmnist(root)
    return "nmnist-30"


def gesture(root: Path) -> str:
    """Clips of training without a test part."""
    for number in range(3):
        events = random_events(400, 128, 128, duration=400_000, seed=number)
        write_clip(root / "DVSGesture" / "ibmGestureTrain" / "user01_led" / f"{number}.npy", events)
    return "dvs_gesture-3clips"


def cifar10(root: Path) -> str:
    """Two recordings a class."""
    for seed in range(20):
        name = (EVENT_SETS["cifar10_dvs"].class_names or ())[seed // 2]
        path = root / "CIFAR10DVS" / name / f"cifar10_{name}_{seed % 2}.aedat4"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_aedat4(path, 10**15, random_events(60, 128, 128, duration=1_000_000, seed=seed))
    return "cifar10_dvs-20"


def caltech(root: Path) -> str:
    """Ten recordings of two classes."""
    for number in range(10):
        label = "ant" if number % 2 else "barrel"
        path = root / "NCALTECH101" / "Caltech101" / label / f"image_{number}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_bin(random_events(60, 200, 150, seed=number)))
    return "ncaltech101-10"


@pytest.mark.parametrize(
    ("scenario", "write"),
    [
        ("noisy_nmnist", nmnist),
        ("noisy_dvs_gesture", gesture),
        ("noisy_cifar10_dvs", cifar10),
        ("noisy_ncaltech101", caltech),
    ],
)
def test_recordings_become_a_row(
    hpbench: Callable[..., Any], tmp_path: Path, scenario: str, write: Callable[[Path], str]
) -> None:
    name = write(tmp_path)
    words = (f"scenario={scenario}", "strategy=hp", "strategy.kernels=[2,2]", *QUICK)
    ended = hpbench("run", *words, f"data_root={tmp_path}", "--out", tmp_path / "board")
    assert ended.code == 0, ended.err
    [row] = pd.read_csv(tmp_path / "board" / f"{scenario}.csv").to_dict("records")
    assert row["dataset"] == name
    assert row["by_level"].startswith("background_activity:0:")
