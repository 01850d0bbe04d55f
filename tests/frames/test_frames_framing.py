"""Frames of a source: kept on disk by all that shapes them, the same however they were made."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
import torch
from made_events import Generated
from made_noise import write_noise

from hpbench.core.errors import InputError
from hpbench.disturb.events.disturbances import DisturbedBy
from hpbench.frames import cache, framing
from hpbench.frames.framing import frames_of
from hpbench.frames.representation import RepresentationSettings, represent

pytestmark = pytest.mark.usefixtures("isolated")

SETTINGS = RepresentationSettings(time_steps=4)

ALL = torch.arange(7)


def entries(isolated) -> list:
    folder = isolated / "event_frames"
    return sorted(folder.iterdir()) if folder.is_dir() else []


@pytest.mark.parametrize("kind", ["frames", "voxel_grid", "time_surface"])
def test_frames_are_those_of_each_recording_and_come_from_the_cache_next_time(isolated, kind):
    settings = dataclasses.replace(SETTINGS, representation=kind)
    source, lines = Generated(), []
    frames = frames_of(source, settings, say=lines.append)
    expected = [represent(events, settings, source.sensor_size) for events in source.chunk(0, 7)]
    assert frames.shape == (7, *expected[0].shape)
    assert np.array_equal(frames[ALL].numpy(), np.stack(expected).astype(np.float32))
    assert lines[0].startswith(f"Made {kind} of 7 recordings of made in ")
    asked = len(source.asked)
    again = frames_of(source, settings, say=lines.append)
    assert torch.equal(again[ALL], frames[ALL])
    assert (len(source.asked), len(lines), len(entries(isolated))) == (asked, 1, 1)


def test_few_recordings_lie_in_memory_at_a_time(monkeypatch):
    monkeypatch.setattr(framing, "CHUNK", 3)
    source = Generated()
    frames_of(source, SETTINGS)
    assert source.asked == [(0, 3), (3, 6), (6, 7)]


@pytest.mark.parametrize("name", ["background_activity", "drop_events", "spatial_jitter"])
def test_disturbed_frames_do_not_depend_on_chunks(isolated, monkeypatch, name):
    found = []
    for chunk in (1, 3, 100):
        monkeypatch.setattr(framing, "CHUNK", chunk)
        shutil.rmtree(isolated, ignore_errors=True)
        found.append(frames_of(Generated(), SETTINGS, (name, 2.0 if name != "drop_events" else 0.2, 5))[ALL])
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])
    assert not torch.equal(found[0], frames_of(Generated(), SETTINGS)[ALL])


def test_the_key_holds_all_that_shapes_frames(isolated, monkeypatch, tmp_path):
    noise = write_noise(tmp_path / "data")
    monkeypatch.setenv("HPBENCH_DATA", str(tmp_path / "data"))
    source = Generated()
    frames_of(source, SETTINGS)
    frames_of(source, SETTINGS, ("drop_events", 0.0, 3))  # the same
    assert len(entries(isolated)) == 1
    for field in dataclasses.fields(RepresentationSettings):
        old = getattr(SETTINGS, field.name)
        other = [one for one in field.metadata["choices"] if one != old][-1:] or [old + 1]
        frames_of(source, dataclasses.replace(SETTINGS, **{field.name: other[0]}))
    number = 1 + len(dataclasses.fields(RepresentationSettings))
    assert len(entries(isolated)) == number
    for disturbance in (
        ("drop_events", 0.1, 3),
        ("drop_events", 0.2, 3),
        ("drop_events", 0.1, 4),
        ("drop_time", 0.1, 3),
        ("recorded_noise", 1.0, 3),
        DisturbedBy("drop_events", 0.1, 3, tmp_path),  # the same as the first
    ):
        frames_of(source, SETTINGS, disturbance)
    number += 5
    assert len(entries(isolated)) == number
    write_noise(
        tmp_path / "other", clip=np.zeros(40, int), events=np.load(noise)["events"][np.arange(40) * 0]
    )
    source.sha256 = "other"
    frames_of(source, SETTINGS)
    frames_of(source, SETTINGS, DisturbedBy("recorded_noise", 1.0, 3, tmp_path / "other"))
    number += 2
    monkeypatch.setattr(framing.importlib.metadata, "version", lambda _: "0")
    frames_of(source, SETTINGS)
    framing._source_sha256.cache_clear()
    monkeypatch.setattr(framing, "_source_sha256", lambda: "of another version")
    frames_of(source, SETTINGS)
    assert len(entries(isolated)) == number + 2


def flip_a_bit(entry):
    path = entry / "cells.npy"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def cut_short(entry):
    path = entry / "values.npy"
    path.write_bytes(path.read_bytes()[:-1])


def lose_a_file(entry):
    (entry / "offsets.npy").unlink()


def spoil_the_header(entry):
    (entry / "cells.npy").write_bytes(b"\x93NUMPY garbage")


def spoil_the_entry(entry):
    (entry / "entry.json").write_text("{")


def empty_it(entry):
    shutil.rmtree(entry)
    entry.write_text("a file where the folder should be")


@pytest.mark.parametrize(
    "damage", [flip_a_bit, cut_short, lose_a_file, spoil_the_header, spoil_the_entry, empty_it]
)
def test_a_damaged_entry_is_made_anew(isolated, damage):
    expected, lines = frames_of(Generated(), SETTINGS)[ALL].clone(), []
    [entry] = entries(isolated)
    damage(entry)
    assert torch.equal(frames_of(Generated(), SETTINGS, say=lines.append)[ALL], expected)
    assert torch.equal(frames_of(Generated(), SETTINGS, say=lines.append)[ALL], expected)
    assert len(lines) == (1 if entry.is_dir() else 2)
    assert entries(isolated) == [entry]


def test_a_cache_that_cannot_be_written_loses_no_run(isolated, caplog):
    isolated.write_text("a file where the folder should be")
    frames = frames_of(Generated(), SETTINGS)
    assert frames[ALL].sum() == 7 * 40
    assert "Frames could not be cached, they will be made again" in caplog.text


def test_a_full_disk_leaves_nothing_and_loses_no_run(isolated, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "save", full)
    assert frames_of(Generated(), SETTINGS)[ALL].sum() == 7 * 40
    assert entries(isolated) == []
    assert "No space left on device" in caplog.text


def test_an_entry_tells_what_it_is(isolated):
    frames_of(Generated(), SETTINGS)
    [entry] = entries(isolated)
    assert json.loads((entry / "entry.json").read_text())["frame"] == [4, 2, 6, 10]
    assert cache.read(entry.name, (4, 2, 6, 10)) is not None
    assert cache.read(entry.name, (4, 2, 10, 6)) is None


def test_recordings_without_events_left_are_frames_of_zeros():
    frames = frames_of(Generated(), SETTINGS, ("drop_events", 1.0, 0))
    assert not frames[ALL].any()


def test_bad_settings_and_disturbances_are_refused_before_anything_is_made():
    source = Generated()
    with pytest.raises(InputError, match="time_steps=0: expected a value between 1"):
        frames_of(source, RepresentationSettings(time_steps=0))
    with pytest.raises(InputError, match="level 2 of drop_events"):
        frames_of(source, SETTINGS, ("drop_events", 2.0, 0))
    assert source.asked == []


def test_settings_of_a_scenario_beyond_the_representation_change_nothing(isolated):
    @dataclasses.dataclass
    class Wider(RepresentationSettings):
        passes: int = 3

    source = Generated()
    frames_of(source, Wider())
    asked = len(source.asked)
    frames_of(source, Wider(passes=9))
    frames_of(source, RepresentationSettings())
    assert len(source.asked) == asked
