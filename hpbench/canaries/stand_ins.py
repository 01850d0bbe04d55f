"""Tiny generated recordings in the file formats of the real event sets, and generated sensor noise."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hpbench.data.characters.n_omniglot import FOLDER as N_OMNIGLOT
from hpbench.data.events.catalogue import EVENT_SETS
from hpbench.data.events.source import EVENT, Events
from hpbench.data.events.spoken.catalogue import SPOKEN_SETS, SpokenSet


def write_stand_ins(root: Path) -> Path:
    """Write a few recordings of every set below `root`, if they are missing; returns the folder."""
    for name, write in _WRITERS.items():
        folder = EVENT_SETS[name].folder(root)
        if not folder.exists():
            write(folder)
    for entry in SPOKEN_SETS.values():
        if not entry.folder(root).exists():
            _SPOKEN_WRITERS[entry.layout](entry, entry.folder(root))
    if not (root / N_OMNIGLOT).exists():
        _n_omniglot(root / N_OMNIGLOT)
    if not (root / "dvs_noise").exists():
        _write_noise(root / "dvs_noise" / "made.npz")
    return root


def random_events(number: int, width: int, height: int, duration: int, seed: int) -> Events:
    """Events anywhere within `duration` microseconds, sorted in time."""
    random = np.random.RandomState(seed)
    events = np.empty(number, EVENT)
    events["x"], events["y"] = random.randint(width, size=number), random.randint(height, size=number)
    events["t"], events["p"] = np.sort(random.randint(duration, size=number)), random.randint(2, size=number)
    return events


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _as_bin(events: Events) -> bytes:
    """40 bits per event: 8 bits x, 8 bits y, 1 bit polarity, 23 bits time."""
    return b"".join(
        bytes([x, y]) + (p << 23 | t).to_bytes(3, "big") for x, y, t, p in map(tuple, events.tolist())
    )


def _nmnist(folder: Path) -> None:
    """Two recordings of each digit for training and one for test."""
    for part, number in (("Train", 20), ("Test", 10)):
        for index in range(number):
            events = random_events(60, 34, 34, 300_000, seed=index + (100 if part == "Test" else 0))
            _write(folder / part / str(index % 10) / f"{index + 1:05d}.bin", _as_bin(events))


def _gesture(folder: Path) -> None:
    """Three clips for training, none for test, so that they are cut into windows."""
    for number in range(3):
        events = random_events(400, 128, 128, 400_000, seed=number)
        columns = (events["x"], events["y"], events["p"], events["t"] // 1000)
        path = folder / "ibmGestureTrain" / "user01_led" / f"{number}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.stack([one.astype(np.int32) for one in columns], 1))


def _cifar10(folder: Path) -> None:
    """One recording of each class."""
    for seed, name in enumerate(EVENT_SETS["cifar10_dvs"].class_names or ()):
        events = random_events(60, 128, 128, 1_000_000, seed)
        _write(folder / name / f"cifar10_{name}_0.aedat4", _as_aedat4(events))


def _caltech(folder: Path) -> None:
    """Five recordings of each of two classes."""
    for number in range(10):
        label = "ant" if number % 2 else "barrel"
        events = random_events(60, 200, 150, 300_000, seed=number)
        _write(folder / "Caltech101" / label / f"image_{number}.bin", _as_bin(events))


def _n_omniglot(folder: Path) -> None:
    """Five characters of each of eight alphabets, the last two for evaluation: 20 recordings of 60 events."""
    for number in range(40):
        part = "background" if number < 30 else "evaluation"
        alphabet, character = divmod(number, 5)
        stem = folder / f"dvs_{part}" / f"alphabet{alphabet}" / f"character{character + 1:02d}" / "0001"
        events = random_events(20 * 60, 346, 260, 4_000_000, seed=number)
        _write(stem.with_suffix(".aedat4"), _as_aedat4(events))
        times = [10**15 + time for time in range(0, 4_000_001, 200_000)]
        rows = [f"{one},{times[one]},{times[one + 1]}" for one in range(20)]
        _write(stem.with_suffix(".csv"), "\n".join([",start,end", *rows]).encode())


def _spoken(entry: SpokenSet, seed: int, per_word: int) -> list[tuple[int, Events]]:
    """Labels and spikes."""
    labels = [word for _ in range(per_word) for word in range(len(entry.words))]
    return [
        (label, random_events(50, entry.units, 1, 900_000, seed=seed + number))
        for number, label in enumerate(labels)
    ]


def _shd(entry: SpokenSet, folder: Path) -> None:
    """Two recordings of each word for training and one for test."""
    import h5py

    folder.mkdir(parents=True)
    for name, seed, per_word in zip(entry.files, (0, 100), (2, 1), strict=True):
        made = _spoken(entry, seed, per_word)
        with h5py.File(folder / name, "w") as file:
            file["labels"] = np.array([label for label, _ in made], np.uint16)
            times = file.create_dataset("spikes/times", len(made), h5py.vlen_dtype(np.float16))
            units = file.create_dataset("spikes/units", len(made), h5py.vlen_dtype(np.uint16))
            for number, (_, events) in enumerate(made):
                times[number], units[number] = events["t"] / 1e6, events["x"]


def _ntidigits(entry: SpokenSet, folder: Path) -> None:
    """Two recordings of each word for training and one for test, and a sequence of digits in each part."""
    import h5py

    folder.mkdir(parents=True)
    with h5py.File(folder / entry.files[0], "w") as file:
        for part, seed, per_word in (("train", 0, 2), ("test", 100, 1)):
            made = _spoken(entry, seed, per_word)
            names = [f"man-{number}-{entry.words[label]}" for number, (label, _) in enumerate(made)]
            file[f"{part}_labels"] = [one.encode() for one in (*names, "man-0-12z")]
            for name, (_, events) in zip((*names, "man-0-12z"), (*made, made[0]), strict=True):
                file[f"{part}_addresses/{name}"] = events["x"].astype(np.int64)
                file[f"{part}_timestamps/{name}"] = events["t"] / 1e6


_SPOKEN_WRITERS: dict[str, Callable[[SpokenSet, Path], None]] = {"shd": _shd, "ntidigits": _ntidigits}

_WRITERS: dict[str, Callable[[Path], None]] = {
    "nmnist": _nmnist,
    "dvs_gesture": _gesture,
    "cifar10_dvs": _cifar10,
    "ncaltech101": _caltech,
}

_STREAMS = """<dv version="2.0"><node name="outInfo" path="/mainloop/Recorder/outInfo/">
<node name="0" path="/mainloop/Recorder/outInfo/0/"><attr key="compression" type="string">NONE</attr>
<attr key="typeIdentifier" type="string">EVTS</attr>
<node name="info" path="/mainloop/Recorder/outInfo/0/info/">
<attr key="sizeX" type="int">128</attr><attr key="sizeY" type="int">128</attr></node></node></node></dv>"""


def _as_aedat4(events: Events, start: int = 10**15) -> bytes:
    """AEDAT 4, uncompressed: a header and one packet, as flatbuffers; times are counted from `start` (us).

    An event has 16 bytes: its time, x, y, the polarity, and 3 of padding.
    """
    rows = [struct.pack("<qhhb3x", start + t, x, y, p) for x, y, t, p in map(tuple, events.tolist())]
    packet = _with_size(_flatbuffer(b"EVTS", len(rows), b"".join(rows)))
    text = _STREAMS.encode()
    header = _with_size(_flatbuffer(b"IOHE", len(text), text + b"\0", slot=2))
    return b"#!AER-DAT4.0\r\n" + header + struct.pack("<ii", 0, len(packet)) + packet


def _with_size(buffer: bytes) -> bytes:
    return struct.pack("<I", len(buffer)) + buffer


def _flatbuffer(identifier: bytes, length: int, content: bytes, slot: int = 0) -> bytes:
    """A table whose one field, in this slot, is a vector (or text) of `length` items.

    The layout is: offset of the table, identifier, vtable, table, vector. The content begins at a multiple of
    8 bytes after the size that precedes the buffer.
    """
    vtable = struct.pack("<HH", 4 + 2 * (slot + 1), 8) + struct.pack("<H", 0) * slot + struct.pack("<H", 4)
    vtable += b"\0" * (-len(vtable) % 4)
    table_at = 8 + len(vtable)
    vector_at = table_at + 8
    vector_at += -(4 + vector_at + 4) % 8
    table = struct.pack("<iI", len(vtable), vector_at - (table_at + 4))
    gap = b"\0" * (vector_at - table_at - 8)
    body = vtable + table + gap + struct.pack("<I", length) + content
    return struct.pack("<I", table_at) + identifier + body + b"\0" * (-len(body) % 4)


def _write_noise(path: Path) -> None:
    """Two excerpts of 5 x 4 pixels and 1 s: 30 and 10 events, so 1 Hz per pixel."""
    random = np.random.RandomState(0)
    events = np.zeros(40, [("x", "<i2"), ("y", "<i2"), ("t", "<i4"), ("p", "u1")])
    events["x"], events["y"] = random.randint(5, size=40), random.randint(4, size=40)
    events["t"] = np.concatenate([np.sort(random.randint(10**6, size=size)) for size in (30, 10)])
    events["p"] = random.randint(2, size=40)
    clip = np.repeat([0, 1], [30, 10]).astype(np.uint8)
    path.parent.mkdir(parents=True)
    np.savez(path, events=events, clip=clip, duration_us=np.int32(10**6), sensor_size=[5, 4, 2])
