"""Sets of recordings on disk: complete or partial, in tonic's layout; what is missing, damaged or unknown."""

import dataclasses
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from made_events import as_bin, made, random_events, write_clip, write_nmnist

from hpbench.core.errors import InputError
from hpbench.data.download import MissingError
from hpbench.data.events import files, load
from hpbench.data.events.catalogue import EVENT_SETS
from hpbench.data.events.load import ClipSettings, load_recordings

REAL = Path(os.environ.get("HPBENCH_DATA", "/nowhere"))  # read before the fixtures hide it

DEFAULT = ClipSettings()

SKIP = ClipSettings(skip_damaged=True)


def a_set(monkeypatch, name: str, **changed: object) -> None:
    """Change a set of the catalogue."""
    monkeypatch.setitem(EVENT_SETS, name, dataclasses.replace(EVENT_SETS[name], **changed))


@pytest.fixture
def root(tmp_path, isolated) -> Path:
    return tmp_path / "data"


def test_a_part_of_a_set_is_named_with_its_size_and_keeps_its_order(root):
    written, lines = write_nmnist(root, 20, 10), []
    data = load_recordings("nmnist", DEFAULT, root, lines.append)
    assert (data.name, data.classes, data.skipped) == ("nmnist-30", 10, 0)
    assert (data.train.name, data.train.sensor_size) == ("nmnist-30", (34, 34, 2))
    assert (len(data.train), len(data.test)) == (20, 10)
    # By folder, then by number: 1 and 11 are of digit 0.
    assert data.train.labels.tolist() == [digit for digit in range(10) for _ in range(2)]
    assert data.train.labels.dtype == np.int64
    for found, number in zip(data.train.chunk(0, 4), (0, 10, 1, 11), strict=True):
        assert np.array_equal(found, written[number])
    assert np.array_equal(data.test.chunk(9, 10)[0], written[29])
    assert data.source == f"a part of N-MNIST in {root / 'NMNIST'}"
    assert "holds 30 of 70,000 recordings of N-MNIST: the set is named nmnist-30" in lines[0]


def test_a_complete_set_comes_before_a_part_of_it(root, isolated, monkeypatch):
    a_set(monkeypatch, "nmnist", sizes=(20, 10))
    write_nmnist(root, 10, 10)
    write_nmnist(isolated, 20, 10)
    lines = []
    data = load_recordings("nmnist", DEFAULT, root, lines.append)
    assert (data.name, data.source, lines) == ("nmnist", f"complete N-MNIST in {isolated / 'NMNIST'}", [])


def test_fingerprint_follows_from_events_and_labels(root, tmp_path):
    write_nmnist(root)
    write_nmnist(tmp_path / "copy")
    first = load_recordings("nmnist", DEFAULT, root, print)
    assert load_recordings("nmnist", DEFAULT, tmp_path / "copy", print).sha256 == first.sha256
    folder = root / "NMNIST" / "Train"
    (folder / "3" / "00004.bin").rename(folder / "4" / "00004.bin")
    moved = load_recordings("nmnist", DEFAULT, root, print)
    assert moved.sha256 != first.sha256
    (folder / "3" / "00014.bin").write_bytes(as_bin(random_events(50, seed=999)))
    other = load_recordings("nmnist", DEFAULT, root, print)
    assert other.sha256 not in (first.sha256, moved.sha256)
    assert other.test.sha256 == first.test.sha256


def test_fingerprint_is_remembered_until_a_file_changes(root, isolated, monkeypatch):
    write_nmnist(root)
    first = load_recordings("nmnist", DEFAULT, root, print).sha256
    read = []
    real = files._file_sha256
    monkeypatch.setattr(files, "_file_sha256", lambda path: read.append(path) or real(path))
    assert load_recordings("nmnist", DEFAULT, root, print).sha256 == first
    assert read == []
    for kept in (isolated / "event_files").iterdir():
        kept.write_text("{damaged")
    assert load_recordings("nmnist", DEFAULT, root, print).sha256 == first
    assert len(read) == 30
    path = root / "NMNIST" / "Test" / "3" / "00004.bin"
    path.write_bytes(as_bin(random_events(51)))
    assert load_recordings("nmnist", DEFAULT, root, print).sha256 != first
    assert len(read) == 40


def test_without_a_cache_all_is_read_each_time(root, isolated):
    write_nmnist(root)
    first = load_recordings("nmnist", DEFAULT, root, print).sha256
    shutil.rmtree(isolated)
    isolated.write_text("a file where the folder should be")
    assert load_recordings("nmnist", DEFAULT, root, print).sha256 == first


def spoil(root) -> Path:
    """One recording in training and one in test."""
    (root / "NMNIST" / "Test" / "2" / "00003.bin").write_bytes(b"")
    path = root / "NMNIST" / "Train" / "5" / "00016.bin"
    path.write_bytes(as_bin(made((99, 1, 1, 1))))
    return path


def test_a_damaged_recording_ends_the_run_when_it_is_read(root):
    write_nmnist(root)
    path = spoil(root)
    data = load_recordings("nmnist", DEFAULT, root, print)
    assert len(data.sha256) == 64
    data.train.chunk(0, 11)
    with pytest.raises(InputError, match=f"{path}: event 0 is at x = 99.*skip_damaged=true"):
        data.train.chunk(0, 20)


def test_a_link_that_leads_nowhere_is_named(root):
    write_nmnist(root)
    (root / "NMNIST" / "Train" / "5" / "00099.bin").symlink_to(root / "nowhere")
    with pytest.raises(InputError, match=r"00099.bin is listed but not there \(No such file"):
        _ = load_recordings("nmnist", DEFAULT, root, print).sha256


def test_damaged_recordings_are_skipped_and_counted(root, monkeypatch):
    write_nmnist(root)
    whole = load_recordings("nmnist", DEFAULT, root, print)
    path, lines = spoil(root), []
    data = load_recordings("nmnist", SKIP, root, lines.append)
    assert (data.name, data.skipped, len(data.train), len(data.test)) == ("nmnist-28", 2, 19, 9)
    assert data.train.labels.tolist() == [label for n, label in enumerate(whole.train.labels) if n != 11]
    assert len(data.train.chunk(0, 19)) == 19
    why = "event 0 is at x = 99, y = 1, outside of the sensor of 34 x 34"
    assert lines[0] == f"2 damaged recordings are left out, first {path}: {why}."
    monkeypatch.setattr(files, "read_recording", lambda *_: pytest.fail("read again"))
    assert load_recordings("nmnist", SKIP, root, print).sha256 == data.sha256


def test_a_part_without_recordings(root):
    write_nmnist(root, 20, 0)
    with pytest.raises(InputError, match=r"NMNIST holds no recordings for test: .* Test/\*/\*.bin"):
        load_recordings("nmnist", DEFAULT, root, print)
    write_nmnist(root, 20, 1)
    (root / "NMNIST" / "Test" / "0" / "00001.bin").write_bytes(b"")
    with pytest.raises(InputError, match="holds no recordings for test"):
        load_recordings("nmnist", SKIP, root, print)


def test_unknown_layouts_and_classes(root):
    folder = root / "NMNIST"
    folder.mkdir(parents=True)
    (folder / "nmnist.h5").write_bytes(b"")
    with pytest.raises(InputError, match=r"NMNIST holds nmnist.h5, but no recordings in tonic's layout"):
        load_recordings("nmnist", DEFAULT, root, print)
    write_nmnist(root)
    (folder / "Train" / "9").rename(folder / "Train" / "nine")
    with pytest.raises(InputError, match=r"00010.bin: 'nine' is no class of N-MNIST"):
        load_recordings("nmnist", DEFAULT, root, print)


def test_what_is_not_to_be_had_says_how_to_get_it(root, tmp_path):
    root.mkdir()
    with pytest.raises(MissingError) as error:
        load_recordings("nmnist", DEFAULT, root, print)
    for words in ("N-MNIST is not in", "HPBENCH_OFFLINE is set", "To get it, put train.zip", "data_root="):
        assert words in str(error.value)
    with pytest.raises(MissingError, match=r"since January 2026 .* broken, put ibmGestureTrain.tar.gz \(MD5"):
        load_recordings("dvs_gesture", DEFAULT, root, print)
    with pytest.raises(InputError, match="'mnist' is unknown: did you mean 'nmnist'"):
        load_recordings("mnist", DEFAULT, root, print)
    with pytest.raises(InputError, match="there is no such folder"):
        load_recordings("nmnist", DEFAULT, tmp_path / "nowhere", print)


def test_hidden_files_are_no_recordings(root):
    write_nmnist(root, 20, 10)
    before = load_recordings("nmnist", DEFAULT, root, print)
    (root / "NMNIST" / "Train" / "0" / "._00001.bin").write_bytes(b"\0\5\26\7")
    (root / "NMNIST" / "Train" / "._0").mkdir()
    (root / "NMNIST" / "Train" / "._0" / "00001.bin").write_bytes(b"\0\5\26\7")
    after = load_recordings("nmnist", DEFAULT, root, print)
    assert (after.name, after.sha256) == (before.name, before.sha256)


def test_clips_in_another_unit_end_in_no_windows(root):
    for label in (0, 1):
        write_gestures(root, "ibmGestureTrain", ("user01_lab", label))
    path = root / "DVSGesture" / "ibmGestureTrain" / "user01_lab" / "1.npy"
    rows = np.load(path)
    rows[:, 3] *= 1000
    np.save(path, rows)
    with pytest.raises(InputError, match=r"1.npy: .* not in microseconds.*skip_damaged=true"):
        load_recordings("dvs_gesture", DEFAULT, root, print)
    data = load_recordings("dvs_gesture", SKIP, root, print)
    assert data.skipped == 1


def write_gestures(root: Path, part: str, *clips: tuple[str, int]) -> None:
    """Clips of 400 ms, by user and class."""
    for user, label in clips:
        events = random_events(400, 128, 128, 400_000, seed=label)
        write_clip(root / "DVSGesture" / part / user / f"{label}.npy", events)


def test_gestures_with_a_test_part_are_whole_clips_in_a_fixed_order(root):
    write_gestures(root, "ibmGestureTrain", ("user02_led", 10), ("user02_led", 9), ("user01_lab", 3))
    write_gestures(root, "ibmGestureTest", ("user24_led", 0))
    data = load_recordings("dvs_gesture", DEFAULT, root, print)
    assert (data.name, data.classes) == ("dvs_gesture-4", 11)
    assert data.train.labels.tolist() == [3, 9, 10]
    assert len(data.train.chunk(0, 1)[0]) == 400


def test_clips_for_training_alone_are_cut_into_windows(root):
    write_gestures(root, "ibmGestureTrain", ("user00_unknown", 0), ("user00_unknown", 1))
    lines = []
    data = load_recordings("dvs_gesture", ClipSettings(window=40.0), root, lines.append)
    assert (data.name, data.train.name, data.classes) == ("dvs_gesture-2clips", "dvs_gesture-2clips", 2)
    assert (len(data.train), len(data.test)) == (16, 4)
    assert "2 of 1,341 recordings of DVS Gesture: the set is named dvs_gesture-2clips" in lines[0]
    other = load_recordings("dvs_gesture", ClipSettings(window=50.0), root, print)
    assert (len(other.train), other.sha256 == data.sha256) == (12, False)
    (root / "DVSGesture" / "ibmGestureTrain" / "user00_unknown" / "0.npy").write_bytes(b"")
    with pytest.raises(InputError, match=r"0.npy: it is truncated or no array .*skip_damaged=true"):
        load_recordings("dvs_gesture", DEFAULT, root, print)
    data = load_recordings("dvs_gesture", SKIP, root, print)
    assert (data.name, data.skipped, set(data.train.labels)) == ("dvs_gesture-1clips", 1, {1})


def test_sets_that_are_not_divided_keep_every_so_manieth_recording_for_test(root):
    for label in ("Faces", "airplanes"):
        for number in range(1, 13):
            path = root / "NCALTECH101" / "Caltech101" / label / f"image_{number}.bin"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_bin(made((7, 7, number, 1))))
    data = load_recordings("ncaltech101", DEFAULT, root, print)
    # Sorted by class and number: 5, 10 of Faces, then 3, 8 of airplanes.
    assert [events["t"][0] for events in data.test.chunk(0, 9)] == [5, 10, 3, 8]
    assert data.test.labels.tolist() == [0, 0, 1, 1]
    assert [events["t"][0] for events in data.train.chunk(0, 4)] == [1, 2, 3, 4]
    assert (data.name, data.classes, len(data.train)) == ("ncaltech101-24", 2, 20)


@pytest.mark.parametrize("name", EVENT_SETS)
def test_the_catalogue_says_what_tonic_says(name):
    import tonic.datasets

    entry = EVENT_SETS[name]
    theirs = getattr(tonic.datasets, entry.class_name)
    prefixes = ("file_",) if entry.test_every else ("train_", "test_")
    for archive, prefix in zip(entry.archives, prefixes, strict=True):
        start = "" if entry.test_every else prefix
        assert archive.file == getattr(theirs, f"{start}filename")
        assert archive.md5 == getattr(theirs, f"{prefix}md5")
        assert archive.url == getattr(theirs, f"{start}url")
    if theirs.sensor_size is not None:
        assert entry.sensor_size == theirs.sensor_size
    if name == "cifar10_dvs":
        assert dict(zip(entry.class_names, range(10), strict=True)) == theirs.classes
    elif entry.class_names is not None:
        assert len(entry.class_names) == len(theirs.classes)


@pytest.mark.skipif(not (REAL / "NMNIST").is_dir(), reason="HPBENCH_DATA does not hold N-MNIST")
def test_real_nmnist():
    data = load_recordings("nmnist", DEFAULT, REAL, print)
    assert (data.name, len(data.train), len(data.test), data.classes) == ("nmnist-1100", 1000, 100, 10)
    assert np.bincount(data.train.labels).tolist() == [97, 116, 99, 93, 105, 92, 94, 117, 87, 100]
    assert np.bincount(data.test.labels).tolist() == [8, 14, 8, 11, 14, 7, 10, 15, 2, 11]
    assert load_recordings("nmnist", SKIP, REAL, print).skipped == 0


@pytest.mark.skipif(not (REAL / "DVSGesture").is_dir(), reason="HPBENCH_DATA does not hold DVS Gesture")
def test_real_gestures():
    data = load_recordings("dvs_gesture", DEFAULT, REAL, print)
    assert (data.name, data.classes) == ("dvs_gesture-10clips", 10)
    assert (len(data.train), len(data.test)) == (230, 60)
    clip = [len(events) for part in (data.train, data.test) for events in part.chunk(0, 300)]
    assert sum(clip) == 63471 + 84260 + 113063 + 151879 + 181179 + 124244 + 159617 + 101288 + 141773 + 85936


def test_settings_have_meanings():
    from hpbench.core.settings import check_settings, settings_of

    assert all(one.meaning for one in settings_of(ClipSettings))
    with pytest.raises(InputError, match="window=0"):
        check_settings(ClipSettings(window=0.0), "scenario")
    assert load.find(EVENT_SETS["nmnist"], []) is None
