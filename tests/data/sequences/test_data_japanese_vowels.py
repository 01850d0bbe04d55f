"""Japanese Vowels: the file as it was converted, its parts, and how sequences are held over time steps."""

import gzip
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpbench.core.errors import InputError
from hpbench.data.sequences import japanese_vowels
from hpbench.data.sequences.japanese_vowels import SHA256, converted, load_japanese_vowels, shipped_file
from hpbench.data.sequences.sequence_data import SequenceData, Sequences, held

BY_SPEAKER = [31, 35, 88, 44, 29, 24, 40, 50, 29]
"""Test utterances, as the set's description has them (size_ae.test)."""


def test_the_licence_is_beside_the_file() -> None:
    file = Path(str(shipped_file()))
    assert hashlib.sha256(file.read_bytes()).hexdigest() == SHA256
    notice = file.with_name("japanese_vowels.LICENSE").read_text()
    assert "https://creativecommons.org/licenses/by/4.0/" in notice and "Kudo" in notice


def test_the_parts_are_those_of_the_description() -> None:
    data = load_japanese_vowels()
    assert data.train.values.shape == (270, 29, 12) and data.test.values.shape == (370, 29, 12)
    assert np.bincount(data.train_labels).tolist() == [30] * 9
    assert np.bincount(data.test_labels).tolist() == BY_SPEAKER
    lengths = np.concatenate([data.train.lengths, data.test.lengths])
    assert (lengths.min(), lengths.max()) == (7, 29)
    assert len({*data.train_labels[:60].tolist()}) == 9, "mixed"


def test_is_the_same_for_ever() -> None:
    """Rows on leaderboards carry this fingerprint: another one is another data set."""
    assert load_japanese_vowels().sha256 == "952aa709b7a98044d13c1d4370802cb5489826312f4f6a67bc6a2537902470a6"


def test_values_are_the_coefficients_scaled_by_the_training_part() -> None:
    lines = gzip.decompress(shipped_file().read_bytes()).decode().splitlines()
    found: dict[tuple[str, int], list[list[float]]] = {}
    speakers: dict[tuple[str, int], int] = {}
    for line in lines:
        part, number, speaker, *values = line.split(",")
        found.setdefault((part, int(number)), []).append([float(one) for one in values])
        speakers[part, int(number)] = int(speaker) - 1
    learned = [frame for (part, _), frames in found.items() if part == "train" for frame in frames]
    low, high = np.min(learned, 0), np.max(learned, 0)
    data = load_japanese_vowels()
    for part, of in (("train", data.train), ("test", data.test)):
        expected = set()
        for key, frames in found.items():
            if key[0] == part:
                scaled = np.clip((np.array(frames) - low) / (high - low), 0, 1).astype(np.float32)
                expected.add((speakers[key], scaled.tobytes()))
        made = {(int(label), values[:length].tobytes()) for values, length, label in zip(*of, strict=True)}
        assert made == expected


def test_a_file_is_converted_digit_for_digit() -> None:
    text = "@classLabel true 1 2\n@data\n1.50,2:0.1,-0.2:1\n3.000001:4:2\n"
    made = gzip.decompress(converted({"train": text, "test": text})).decode().splitlines()
    of_part = ["0,1,1.50,0.1", "0,1,2,-0.2", "1,2,3.000001,4"]
    assert made == [f"{part},{line}" for part in ("train", "test") for line in of_part]


def test_a_damaged_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(b"x")
    monkeypatch.setattr(japanese_vowels, "shipped_file", lambda: damaged)
    with pytest.raises(InputError, match="is damaged"):
        load_japanese_vowels.__wrapped__()


@given(st.integers(1, 9), st.integers(1, 30))
def test_frames_are_held_at_one_pace(frames: int, steps: int) -> None:
    values = np.arange(frames, dtype=np.float32).reshape(1, frames, 1)
    shown = held(values, steps)[0, :, 0].tolist()
    assert shown == [int(step * frames / steps + 1e-9) for step in range(steps)]


def part(**changes: Any) -> Sequences:
    values = np.zeros((2, 4, 3), dtype=np.float32)
    values[0, :2] = 0.5
    values[1] = 1.0
    return Sequences(values, np.array([2, 4]), np.array([0, 1]))._replace(**changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lengths": np.array([1, 4])}, "after a sequence's end must be 0"),
        ({"labels": np.array([0])}, "expected values"),
        ({"values": np.full((2, 4, 3), np.nan, dtype=np.float32)}, "from 0 to 1"),
        ({"values": np.zeros((2, 5, 3), dtype=np.float32)}, "the same frames and values"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes: dict[str, Any], said: str) -> None:
    SequenceData("made", part(), part(), "made here")
    with pytest.raises(InputError, match=said):
        SequenceData("made", part(), part(**changes), "made here")
