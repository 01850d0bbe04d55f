"""Sets unpacked into the cache by tonic: from a server on this machine, or from archives placed by hand."""

import dataclasses
import hashlib
import io
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
import tonic.datasets
from file_server import serving
from made_events import random_events, write_clip, write_nmnist

from hpbench.core.errors import InputError
from hpbench.data.download import MissingError
from hpbench.data.events.catalogue import EVENT_SETS, Archive
from hpbench.data.events.load import RecordingSettings, load_recordings

DEFAULT = RecordingSettings()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("HPBENCH_OFFLINE")
    with serving({}) as one:
        yield one


def zipped(folder: Path, below: str = "") -> bytes:
    """A folder as a zip file, with paths from its parent, or from `below` it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(folder if below else folder.parent))
    return buffer.getvalue()


def tarred(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        file.add(folder, folder.name)
    return buffer.getvalue()


def offered(monkeypatch, name: str, contents: list[bytes], url: str) -> list[Archive]:
    """Tonic's class and the catalogue take these for the archives of a set."""
    entry = EVENT_SETS[name]
    theirs = getattr(tonic.datasets, entry.class_name)
    made = [
        Archive(one.file, hashlib.md5(content).hexdigest(), f"{url}/{one.file}")
        for one, content in zip(entry.archives, contents, strict=True)
    ]
    for prefix, one in zip(("",) if entry.test_every else ("train_", "test_"), made, strict=True):
        monkeypatch.setattr(theirs, f"{prefix or 'file_'}md5", one.md5)
        monkeypatch.setattr(theirs, f"{prefix}url", one.url)
    monkeypatch.setitem(EVENT_SETS, name, dataclasses.replace(entry, archives=tuple(made)))
    return made


@pytest.fixture
def nmnist(monkeypatch, server, tmp_path) -> list[Archive]:
    """N-MNIST with 20 + 10 recordings on the server."""
    write_nmnist(tmp_path / "made")
    contents = [zipped(tmp_path / "made" / "NMNIST" / part) for part in ("Train", "Test")]
    url = f"http://127.0.0.1:{server.server_port}"
    archives = offered(monkeypatch, "nmnist", contents, url)
    server.files.update({one.file: content for one, content in zip(archives, contents, strict=True)})
    return archives


def left(cache: Path) -> list[str]:
    """What is in the cache but for lock files."""
    return sorted(path.name for path in cache.iterdir() if path.suffix != ".lock") if cache.is_dir() else []


def test_download(nmnist, server, isolated, capfd):
    lines = []
    data = load_recordings("nmnist", DEFAULT, None, lines.append)
    assert (data.name, len(data.train), len(data.test)) == ("nmnist-30", 20, 10)
    assert len(data.train.chunk(0, 20)) == 20
    assert lines[0] == f"Unpacked N-MNIST into {isolated / 'NMNIST'}."
    assert left(isolated) == ["NMNIST"]
    assert left(isolated / "NMNIST") == ["Test", "Train"]  # the archives are gone
    assert capfd.readouterr() == ("", "")
    asked = len(server.asked)
    load_recordings("nmnist", DEFAULT, None, print)
    assert len(server.asked) == asked


def test_another_archive_than_tonic_expects_leaves_nothing(nmnist, server, isolated):
    server.files["test.zip"] = b"another file"
    with pytest.raises(MissingError, match=r"could not be downloaded \(.*corrupted"):
        load_recordings("nmnist", DEFAULT, None, print)
    assert left(isolated) == []


def test_archives_without_recordings_leave_nothing(monkeypatch, server, isolated, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "read.me").write_text("moved")
    contents = [zipped(tmp_path / "elsewhere")] * 2
    offered(monkeypatch, "nmnist", contents, f"http://127.0.0.1:{server.server_port}")
    server.files.update({"train.zip": contents[0], "test.zip": contents[1]})
    with pytest.raises(MissingError, match="the archives hold no recordings in the layout"):
        load_recordings("nmnist", DEFAULT, None, print)
    assert left(isolated) == []


def test_a_cut_connection_leaves_nothing(nmnist, server, isolated):
    server.cut_short = True
    with pytest.raises(MissingError):
        load_recordings("nmnist", DEFAULT, None, print)
    assert left(isolated) == []


def test_a_refusing_server_is_named_and_asked_once(nmnist, server, isolated):
    server.files.clear()
    for _ in range(2):
        with pytest.raises(MissingError, match=r"127\.0\.0\.1:.*: HTTP status 404\)\. To get it, put train"):
            load_recordings("nmnist", DEFAULT, None, print)
    assert server.asked == ["train.zip"]
    assert left(isolated) == []


def test_offline_asks_nobody(nmnist, server, monkeypatch):
    monkeypatch.setenv("HPBENCH_OFFLINE", "1")
    with pytest.raises(MissingError, match="HPBENCH_OFFLINE is set"):
        load_recordings("nmnist", DEFAULT, None, print)
    assert server.asked == []


@pytest.fixture
def gestures(monkeypatch, tmp_path) -> Path:
    """A data root with both archives of DVS Gesture, placed by hand; links lead nowhere."""
    contents = []
    for part, user in (("ibmGestureTrain", "user01_led"), ("ibmGestureTest", "user24_lab")):
        folder = tmp_path / "made" / part
        write_clip(folder / user / "4.npy", random_events(300, 128, 128))
        contents.append(tarred(folder))
    home = tmp_path / "data" / "DVSGesture"
    home.mkdir(parents=True)
    archives = offered(monkeypatch, "dvs_gesture", contents, "http://127.0.0.1:9")
    for one, content in zip(archives, contents, strict=True):
        (home / one.file).write_bytes(content)
    return tmp_path / "data"


def test_archives_placed_by_hand_are_unpacked_into_the_cache(gestures, isolated):
    before = sorted((gestures / "DVSGesture").iterdir())
    data = load_recordings("dvs_gesture", DEFAULT, gestures, print)
    assert (data.name, data.source) == (
        "dvs_gesture-2",
        f"a part of DVS Gesture in {isolated / 'DVSGesture'}",
    )
    assert data.test.labels.tolist() == [4]
    assert len(data.train.chunk(0, 1)[0]) == 300
    assert sorted((gestures / "DVSGesture").iterdir()) == before
    assert left(isolated / "DVSGesture") == ["ibmGestureTest", "ibmGestureTrain"]


def test_archives_may_lie_in_the_cache_itself(gestures, isolated):
    shutil.copytree(gestures, isolated)
    data = load_recordings("dvs_gesture", DEFAULT, None, print)
    assert data.name == "dvs_gesture-2"


def test_another_archive_placed_by_hand_is_refused_and_stays(gestures, isolated):
    path = gestures / "DVSGesture" / "ibmGestureTest.tar.gz"
    path.write_bytes(b"<html>the link is broken</html>")
    with pytest.raises(InputError, match=f"{path} is not DVS Gesture's archive: 31 bytes with MD5"):
        load_recordings("dvs_gesture", DEFAULT, gestures, print)
    assert path.read_bytes() == b"<html>the link is broken</html>"
    assert left(isolated) == []


def test_one_archive_placed_by_hand_leaves_the_other_to_be_got(gestures, isolated):
    (gestures / "DVSGesture" / "ibmGestureTest.tar.gz").unlink()
    with pytest.raises(MissingError, match="HPBENCH_OFFLINE is set"):
        load_recordings("dvs_gesture", DEFAULT, gestures, print)
    assert left(isolated) == []


def test_nested_archives_of_cifar10_dvs(monkeypatch, server, isolated, tmp_path):
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as file:
        for name in EVENT_SETS["cifar10_dvs"].class_names:
            path = tmp_path / "made" / name / f"cifar10_{name}_0.aedat4"
            path.parent.mkdir(parents=True)
            path.write_bytes(b"recording")
            file.writestr(f"{name}.zip", zipped(path.parent))
    offered(monkeypatch, "cifar10_dvs", [outer.getvalue()], f"http://127.0.0.1:{server.server_port}")
    server.files["CIFAR10DVS.zip"] = outer.getvalue()
    data = load_recordings("cifar10_dvs", DEFAULT, None, print)
    assert (data.name, data.train.labels.tolist(), data.test.labels.tolist()) == (
        "cifar10_dvs-10",
        list(range(9)),
        [9],
    )
