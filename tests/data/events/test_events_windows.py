"""Clips cut into windows: earlier ones train, later ones test, and no event is lost between them."""

import numpy as np
import pytest
from made_events import made, random_events, write_clip

from hpbench.core.errors import InputError
from hpbench.data.events.files import EventFiles
from hpbench.data.events.windows import cut_by_time, window_of


def clips(tmp_path, *durations: int) -> EventFiles:
    """One clip of each duration in ms, of classes 0, 1, …, with an event every ms."""
    paths = []
    for number, duration in enumerate(durations):
        events = random_events(duration, 128, 128, seed=number)
        events["t"] = 1000 * np.arange(duration) + 5_000  # a clip need not begin at 0
        paths.append(tmp_path / f"{number}.npy")
        write_clip(paths[-1], events)
    return EventFiles("clips", (128, 128, 2), np.arange(len(paths)), paths, "npy")


def test_window_of_a_clip():
    clip = made((1, 1, 9, 0), (2, 2, 10, 1), (3, 3, 19, 0), (4, 4, 20, 1))
    assert window_of(clip, 1, 10).tolist() == [(2, 2, 0, True), (3, 3, 9, False)]
    assert clip["t"].tolist() == [9, 10, 19, 20]
    assert len(window_of(clip, 7, 10)) == 0


def test_earlier_windows_train_and_later_ones_test(tmp_path):
    # 1,000 ms: 10 windows, of which 2 test. 151 ms: the half of a second window counts; 149 ms: it does not.
    train, test = cut_by_time(clips(tmp_path, 1000, 151), 100_000, "cut")
    assert train.windows.tolist() == [[0, window] for window in range(8)] + [[1, 0]]
    assert test.windows.tolist() == [[0, 8], [0, 9], [1, 1]]
    assert (len(train), train.labels.tolist(), test.labels.tolist()) == (9, [0] * 8 + [1], [0, 0, 1])
    assert [len(events) for events in train.chunk(0, 9)] == [100] * 9
    assert [len(events) for events in test.chunk(0, 3)] == [100, 100, 51]
    assert train.name == "cut"
    with pytest.raises(InputError, match=r"0.npy lasts 148 ms, less than two windows of 100 ms: choose"):
        cut_by_time(clips(tmp_path, 149), 100_000, "cut")


def test_chunks_are_the_same_windows_and_read_each_clip_once(tmp_path, monkeypatch):
    train, _ = cut_by_time(clips(tmp_path, 300, 300), 50_000, "cut")
    whole = train.chunk(0, len(train))
    for start, stop in ((0, 1), (3, 7), (len(train) - 1, len(train))):
        for one, other in zip(train.chunk(start, stop), whole[start:stop], strict=True):
            assert np.array_equal(one, other)
    read = []
    chunk = EventFiles.chunk
    monkeypatch.setattr(EventFiles, "chunk", lambda *asked: read.append(asked[1]) or chunk(*asked))
    train.chunk(0, len(train))
    assert read == [0, 1]


def test_fingerprint_follows_from_the_clips_and_the_cut(tmp_path):
    found = clips(tmp_path, 300, 300)
    train, test = cut_by_time(found, 50_000, "cut")
    assert train.sha256 == cut_by_time(found, 50_000, "cut")[0].sha256
    assert len({train.sha256, test.sha256, cut_by_time(found, 40_000, "cut")[0].sha256}) == 3
    (tmp_path / "other").mkdir()
    other = clips(tmp_path / "other", 300, 299)
    assert cut_by_time(other, 50_000, "cut")[0].sha256 != train.sha256
