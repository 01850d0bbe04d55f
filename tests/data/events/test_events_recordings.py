"""Files of recordings: as tonic reads them, and what is wrong with damaged ones."""

import os
from pathlib import Path

import numpy as np
import pytest
from made_aedat4 import write_aedat4
from made_events import as_bin, made, random_events, write_clip

from hpbench.core.errors import InputError
from hpbench.data.events.files import EventFiles
from hpbench.data.events.recordings import LAYOUTS, gesture_duration, read_recording
from hpbench.data.events.source import EVENT

REAL = Path(os.environ.get("HPBENCH_DATA", "/nowhere"))  # read before the fixtures hide it

SENSOR = (34, 34, 2)


def damaged(tmp_path: Path, content: bytes, layout: str = "bin") -> str:
    """What is said of a file with this content."""
    path = tmp_path / "00007.bin"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_recording(path, layout, SENSOR)
    assert str(error.value).startswith(f"{path}: ")
    return str(error.value)


def test_forty_bits_an_event(tmp_path):
    path = tmp_path / "one.bin"
    path.write_bytes(bytes([3, 33, 0x80, 0x01, 0x02, 4, 0, 0x7F, 0xFF, 0xFF]))
    events = read_recording(path, "bin", SENSOR)
    assert events.dtype == EVENT
    assert events.tolist() == [(3, 33, 258, True), (4, 0, 2**23 - 1, False)]


def test_a_clip_of_milliseconds_begins_at_its_first_event(tmp_path):
    path = tmp_path / "3.npy"
    write_clip(path, made((1, 2, 5_000, 1), (3, 4, 405_000, 0)))
    events = read_recording(path, "npy", (128, 128, 2))
    assert events.tolist() == [(1, 2, 0, True), (3, 4, 400_000, False)]
    assert gesture_duration(path) == 400_000


@pytest.mark.parametrize(
    ("times", "says"),
    [
        ((0, 1_450_000), "its events span 1,450,000 ms, .* in milliseconds, not in microseconds"),
        ((7, 60_008), "its events span 60,001 ms, .* last 100 to 60,000 ms: .* not in microseconds"),
        ((3, 9), "its events span 6 ms, .* in milliseconds, not in seconds"),
        ((5, 5), "its events span 0 ms"),
    ],
)
def test_times_in_another_unit_are_refused(tmp_path, times, says):
    path = tmp_path / "3.npy"
    np.save(path, np.array([[1, 2, 0, one] for one in times]))
    with pytest.raises(InputError, match=f"3.npy: {says}"):
        read_recording(path, "npy", (128, 128, 2))
    with pytest.raises(InputError, match=f"3.npy: {says}"):
        gesture_duration(path)


def test_an_archive_in_place_of_an_array_is_named(tmp_path):
    path = tmp_path / "3.npy"
    with path.open("wb") as file:
        np.savez(file, rows=np.zeros((3, 4), int))
    with pytest.raises(InputError, match=r"3.npy: it is an archive of arrays \(.npz\), expected one array"):
        gesture_duration(path)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("make", "what"),
    [(Path.mkdir, "a folder"), (os.mkfifo, "no regular file")],
    ids=["folder", "pipe"],
)
def test_what_is_no_file_is_named(tmp_path, layout, make, what):
    path = tmp_path / "00007.bin"
    make(path)
    source = EventFiles("made", SENSOR, np.zeros(1, int), [path], layout)
    for read in (lambda: read_recording(path, layout, SENSOR), lambda: source.sha256):
        with pytest.raises(InputError, match=f"00007.bin is {what}.*, expected a file: remove it"):
            read()


def test_larger_recordings_are_moved_into_the_corner_as_tonic_does(tmp_path):
    path = tmp_path / "image.bin"
    path.write_bytes(as_bin(made((9, 5, 0, 1), (7, 8, 1, 0))))
    assert read_recording(path, "shifted_bin", (240, 180, 2)).tolist() == [(2, 0, 0, True), (0, 3, 1, False)]


def test_aedat4_begins_at_its_first_event(tmp_path):
    path = tmp_path / "cifar10_cat_1.aedat4"
    start = 1_500_000_000_000_000  # us since 1970
    first = made((1, 2, 0, 1), (3, 4, 7, 0), (127, 0, 7, 1))
    write_aedat4(path, start, first, made((5, 6, 90_000, 0)))
    events = read_recording(path, "aedat4", (128, 128, 2))
    assert events.tolist() == [*first.tolist(), (5, 6, 90_000, False)]


@pytest.mark.parametrize("kept", [0, 100, -20])
def test_truncated_aedat4(tmp_path, kept):
    path = tmp_path / "cifar10_cat_1.aedat4"
    write_aedat4(path, 0, random_events(50))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"cifar10_cat_1.aedat4: it is truncated or no AEDAT 4"):
        read_recording(path, "aedat4", (128, 128, 2))


def test_damaged_files_name_themselves(tmp_path):
    good = as_bin(random_events(20))
    assert "99 bytes are no whole number of events of 5 bytes: it is truncated" in damaged(
        tmp_path, good[:-1]
    )
    assert "there are no events in it" in damaged(tmp_path, b"")
    outside = as_bin(made((1, 1, 5, 0), (40, 3, 6, 1)))
    assert "event 1 is at x = 40, y = 3, outside of the sensor of 34 x 34" in damaged(tmp_path, outside)
    unsorted = as_bin(made((1, 1, 5, 0), (1, 1, 9, 0), (1, 1, 8, 1)))
    assert "times are not sorted: event 2 is at 8 us, after 9 us" in damaged(tmp_path, unsorted)


def test_a_file_that_is_not_there_names_itself(tmp_path):
    with pytest.raises(InputError, match=r"gone.bin: cannot be read \(No such file"):
        read_recording(tmp_path / "gone.bin", "bin", SENSOR)


def test_damaged_clips_name_themselves(tmp_path):
    path = tmp_path / "0.npy"
    write_clip(path, random_events(20))
    whole = path.read_bytes()
    for content in (b"", whole[:60], whole[:-5], b"PK\x03\x04", b"\x80\x04garbage"):
        assert "it is truncated or no array" in damaged(tmp_path, content, "npy")
    for rows, words in (
        (np.zeros((3, 5), int), "expected rows of four whole numbers"),
        (np.zeros((3, 4)), "expected rows of four whole numbers"),
        (np.zeros((0, 4), int), "there are no events in it"),
        (np.array([[1, 1, 2, 0], [1, 1, 2, 400]]), "polarities from 2 to 2: expected 0 and 1"),
        (np.array([[-1, 1, 0, 0], [1, 1, 0, 400]]), "x = -1"),
        (np.array([[1, 1, 0, 400], [1, 1, 0, 0]]), "times are not sorted"),
    ):
        np.save(path, rows)
        assert words in damaged(tmp_path, path.read_bytes(), "npy")
    np.save(path, np.zeros((0, 4), int))
    with pytest.raises(InputError, match=r"0.npy: there are no events"):
        gesture_duration(path)


@pytest.mark.skipif(not (REAL / "NMNIST").is_dir(), reason="HPBENCH_DATA does not hold N-MNIST")
def test_real_recordings_are_what_tonic_reads():
    from tonic.datasets import NMNIST

    ours = type("NMNIST", (NMNIST,), {"_check_exists": lambda _: True})
    test = ours(str(REAL), train=False)
    for path, (events, _) in zip(test.data, test, strict=False):
        read = read_recording(Path(path), "bin", SENSOR)
        for name in "xytp":
            assert np.array_equal(read[name], events[name])


@pytest.mark.skipif(not (REAL / "DVSGesture").is_dir(), reason="HPBENCH_DATA does not hold DVS Gesture")
def test_real_clips_are_what_tonic_reads():
    from tonic.datasets import DVSGesture

    ours = type("DVSGesture", (DVSGesture,), {"_check_exists": lambda _: True})
    [path, *_] = (clips := ours(str(REAL))).data
    events, _ = clips[0]
    read = read_recording(Path(path), "npy", (128, 128, 2))
    for name in "xytp":
        assert np.array_equal(read[name], events[name] - (events["t"][0] if name == "t" else 0))
