"""Spoken digits in files: read as they were written, named for what they are, and what is refused."""

import dataclasses
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import tonic.datasets
from file_server import serving
from made_spoken import WORDS, write_ntidigits, write_shd

from hpbench.core.errors import InputError
from hpbench.data.download import MissingError
from hpbench.data.events.catalogue import Archive
from hpbench.data.events.source import Events
from hpbench.data.events.spoken import load
from hpbench.data.events.spoken.catalogue import NTIDIGITS, SHD
from hpbench.data.events.spoken.hdf5_files import spikes
from hpbench.data.events.spoken.load import load_spoken


def literal(when: Any, which: Any) -> list[tuple[int, int, int, bool]]:
    """Events x, y, t, p in the order of times, then channels."""
    rows = sorted((round(float(time) * 1e6), int(unit)) for time, unit in zip(when, which, strict=True))
    return [(unit, 0, time, True) for time, unit in rows]


def rows(events: Events) -> list[tuple[int, int, int, bool]]:
    found: list[tuple[int, int, int, bool]] = events.tolist()
    return found


def test_shd_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = write_shd(tmp_path)
    lines: list[str] = []
    data = load_spoken(SHD, "recorded", tmp_path, lines.append)
    assert (data.name, data.classes) == ("shd-60", 20)
    assert "60 of 10,420 recordings of Spiking Heidelberg Digits" in lines[0]
    assert data.train.sensor_size == (700, 1, 1)
    assert data.train.labels.tolist() == [one % 20 for one in range(40)]
    for source, part in ((data.train, "train"), (data.test, "test")):
        assert [rows(one) for one in source.chunk(0, len(source))] == [literal(*one) for one in written[part]]
    assert [rows(one) for one in data.train.chunk(7, 9)] == [literal(*one) for one in written["train"][7:9]]


def test_all_of_shd_has_its_name(tmp_path: Path) -> None:
    write_shd(tmp_path)
    entry = dataclasses.replace(SHD, sizes=(40, 20))
    assert load_spoken(entry, "auto", tmp_path, pytest.fail).name == "shd"


def test_n_tidigits_has_its_single_digits_in_tonic_s_numbers(tmp_path: Path) -> None:
    written = write_ntidigits(tmp_path)
    data = load_spoken(NTIDIGITS, "recorded", tmp_path, print)
    assert (data.name, data.classes, len(data.train), len(data.test)) == ("ntidigits", 11, 22, 22)
    theirs = tonic.datasets.NTIDIGITS18.class_map
    singles = [name for name in written["test"] if name[-2] == "-"]
    assert data.test.labels.tolist() == [theirs[name[-1]] for name in singles]
    assert [rows(one) for one in data.test.chunk(0, 22)] == [
        literal(*written["test"][name]) for name in singles
    ]


def test_words_that_are_left_out_are_not_numbered(tmp_path: Path) -> None:
    write_ntidigits(tmp_path)
    data = load_spoken(NTIDIGITS, "recorded", tmp_path, print, left_out=("o",))
    assert (data.name, data.classes) == ("ntidigits_without_o", 10)
    assert data.train.labels.tolist() == 2 * list(range(10))
    whole = load_spoken(NTIDIGITS, "recorded", tmp_path, print)
    kept = [row for row, label in enumerate(whole.train.labels) if WORDS[label] != "o"]
    every = whole.train.chunk(0, 22)
    for own, other in zip(data.train.chunk(0, 20), kept, strict=True):
        assert np.array_equal(own, every[other])
    assert data.train.sha256 != whole.train.sha256


@pytest.mark.parametrize("entry", [SHD, NTIDIGITS])
def test_without_a_file_generated_words_are_used_and_named(
    entry: Any, tmp_path: Path, isolated: Path
) -> None:
    lines: list[str] = []
    data = load_spoken(entry, "auto", tmp_path, lines.append)
    assert data.name == ("formant_words_700" if entry is SHD else "formant_words_64_11")
    assert (data.classes, data.train.sensor_size) == (len(entry.words), (entry.units, 1, 1))
    assert f"using formant_words, generated words. They are not {entry.title}" in lines[0]
    with pytest.raises(MissingError, match=r"is not in .*To get it, put "):
        load_spoken(entry, "recorded", tmp_path, print)
    assert load_spoken(entry, "formant_words", tmp_path, pytest.fail).name == data.name


def test_shd_is_unpacked_from_a_server_by_tonic(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, isolated: Path
) -> None:
    monkeypatch.delenv("HPBENCH_OFFLINE")
    written = write_shd(tmp_path)
    contents = {}
    for part in ("train", "test"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            file.write(tmp_path / "SHD" / f"shd_{part}.h5", f"shd_{part}.h5")
        contents[f"shd_{part}.h5.zip"] = buffer.getvalue()
    with serving(dict(contents)) as server:
        url = f"http://127.0.0.1:{server.server_port}/"
        archives = [
            Archive(name, hashlib.md5(content).hexdigest(), url + name) for name, content in contents.items()
        ]
        monkeypatch.setattr(tonic.datasets.SHD, "base_url", url)
        for part, one in zip(("train", "test"), archives, strict=True):
            monkeypatch.setattr(tonic.datasets.SHD, f"{part}_md5", one.md5)
        lines: list[str] = []
        data = load_spoken(dataclasses.replace(SHD, archives=tuple(archives)), "recorded", None, lines.append)
    assert lines[0] == f"Unpacked Spiking Heidelberg Digits into {isolated / 'SHD'}."
    assert rows(data.test.chunk(3, 4)[0]) == literal(*written["test"][3])
    assert sorted(one.name for one in (isolated / "SHD").iterdir()) == ["shd_test.h5", "shd_train.h5"]


@pytest.mark.parametrize(
    ("units", "seconds", "told"),
    [
        ([0, 1], [0.1], "2 channels and 1 times"),
        ([0, 64], [0.1, 0.2], "event 1 is at x = 64"),
        ([0], [float("nan")], "times that are no numbers"),
        ([0], [-0.5], "times from -500000"),
        ([], [], "there are no events"),
    ],
)
def test_recordings_that_cannot_be_are_refused(units: Any, seconds: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        spikes(np.array(units), np.array(seconds), 64)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:500])


def _without_labels(path: Path) -> None:
    with h5py.File(path, "a") as file:
        del file["labels"]


def _with_label(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["labels"][3] = 20


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_cut, "shd_train.h5 is damaged or has another layout"),
        (_without_labels, "shd_train.h5 is damaged or has another layout"),
        (_with_label, "shd_train.h5: labels from 0 to 20: expected 0 to 19"),
    ],
)
def test_damaged_files_are_named(damage: Callable[[Path], None], told: str, tmp_path: Path) -> None:
    write_shd(tmp_path)
    damage(tmp_path / "SHD" / "shd_train.h5")
    with pytest.raises(InputError, match=told):
        load_spoken(SHD, "auto", tmp_path, print)


def test_a_part_without_single_words_is_refused(tmp_path: Path) -> None:
    write_shd(tmp_path, test=0)
    with pytest.raises(InputError, match=r"shd_test.h5 holds no recordings of single words for test"):
        load_spoken(SHD, "auto", tmp_path, print)


QUICK = ("scenario.passes=1", "strategy.hidden=[8]")


@pytest.mark.parametrize(
    ("scenario", "write", "name", "more"),
    [
        ("split_shd", write_shd, "shd-60", ("scenario.experiences=5",)),
        ("noisy_shd", write_shd, "shd-60", ("scenario.levels=[0,5]",)),
        ("split_ntidigits", write_ntidigits, "ntidigits_without_o", ()),
        ("noisy_ntidigits", write_ntidigits, "ntidigits", ("scenario.disturbances=[dead_pixels]",)),
    ],
)
@pytest.mark.parametrize("strategy", ["hp", "ann"])
def test_recordings_become_a_row(
    hpbench: Callable[..., Any],
    tmp_path: Path,
    scenario: str,
    write: Callable[[Path], Any],
    name: str,
    more: tuple[str, ...],
    strategy: str,
) -> None:
    write(tmp_path)
    words = (f"scenario={scenario}", f"strategy={strategy}", *QUICK, *more, f"data_root={tmp_path}")
    ended = hpbench("run", *words, "--out", tmp_path / "board")
    assert ended.code == 0, ended.err
    [row] = pd.read_csv(tmp_path / "board" / f"{scenario}.csv").to_dict("records")
    assert row["dataset"] == name


@pytest.mark.parametrize(
    "name", ["drop_area", "occlusion", "spatial_jitter", "polarity_flip", "recorded_noise"]
)
def test_what_needs_an_area_or_polarities_is_refused(hpbench: Callable[..., Any], name: str) -> None:
    ended = hpbench(
        "run", "scenario=noisy_shd", "strategy=hp", f"scenario.disturbances=[{name}]", "--dry-run"
    )
    assert ended.code == 2
    assert f"scenario.disturbances={name}" in ended.err


def test_experiences_must_divide_the_classes(hpbench: Callable[..., Any], tmp_path: Path) -> None:
    write_shd(tmp_path)
    ended = hpbench(
        "run",
        "scenario=split_shd",
        "strategy=hp",
        "scenario.experiences=3",
        f"data_root={tmp_path}",
        "--out",
        tmp_path / "board",
    )
    assert ended.code == 2
    assert "20 classes cannot be divided into 3 equal experiences" in ended.err


def test_a_set_is_found_in_the_first_place_that_has_both_parts(tmp_path: Path) -> None:
    write_shd(tmp_path / "whole")
    write_shd(tmp_path / "half")
    (tmp_path / "half" / "SHD" / "shd_test.h5").unlink()
    assert load.find(SHD, [tmp_path / "half", tmp_path / "whole"]) == tmp_path / "whole"
    assert load.find(SHD, [tmp_path / "half"]) is None
