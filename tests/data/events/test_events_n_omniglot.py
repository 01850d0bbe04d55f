"""N-Omniglot in its published layout, from stand-in files: what is read, in which order, what is refused."""

from pathlib import Path

import numpy as np
import pytest
from made_aedat4 import write_aedat4
from made_events import random_events

from hpbench.core.errors import InputError
from hpbench.data.characters.n_omniglot import load_n_omniglot, read_character
from hpbench.data.download import MissingError
from hpbench.data.events.inventory import event_inventory
from hpbench.data.events.source import Events

START, LENGTH = 1_600_000_000_000_000, 10_000
pytest.importorskip("aedat")


def write_character(folder: Path, seed: int = 0, gap: int = 500) -> tuple[Path, Events]:
    """0001.aedat4 and 0001.csv of 20 recordings with a pause between them; also all their events."""
    folder.mkdir(parents=True)
    events = random_events(1000, 346, 260, 20 * LENGTH, seed)
    write_aedat4(folder / "0001.aedat4", START, events[:400], events[400:])
    rows = [f"{one},{START + one * LENGTH + gap},{START + (one + 1) * LENGTH}" for one in range(20)]
    (folder / "0001.csv").write_text("\n".join([",start,end", *rows]))
    return folder / "0001.aedat4", events


def write_set(root: Path, *names: str) -> None:
    for seed, name in enumerate(names):
        write_character(root / "NOmniglot" / name, seed)


def test_a_file_holds_twenty_recordings_of_what_the_square_saw(tmp_path: Path) -> None:
    path, events = write_character(tmp_path / "character01")
    found = read_character(path)
    assert len(found) == 20
    for number, recording in enumerate(found):
        expected = []
        first = None
        for x, y, t, p in events.tolist():
            if number * LENGTH + 500 <= t < (number + 1) * LENGTH:
                first = t if first is None else first
                if 54 <= x < 304 and 4 <= y < 254:
                    expected.append((x - 54, y - 4, t - first, p))
        assert recording.tolist() == expected
        assert expected


def test_classes_come_in_omniglot_s_order_background_first(tmp_path: Path) -> None:
    names = (
        "dvs_evaluation/Angelic/character02",
        "dvs_background_2/Latin/character01",
        "dvs_background_1/Greek/character02",
        "dvs_background_1/Greek/character01",
    )
    write_set(tmp_path, *names)
    lines: list[str] = []
    found = load_n_omniglot(tmp_path, lines.append)
    assert found.name == "n_omniglot-4"
    assert found.alphabets.tolist() == ["Greek", "Greek", "Latin", "Angelic"]
    assert found.background.tolist() == [True, True, True, False]
    assert "holds 4 of 1,623 characters" in lines[0]
    assert found.source.labels.tolist() == [one // 20 for one in range(80)]
    expected = [one for name in reversed(names) for one in _recordings(tmp_path, name)]
    for start, stop in ((0, 80), (13, 47), (20, 21), (79, 100)):
        for own, other in zip(found.source.chunk(start, stop), expected[start:stop], strict=True):
            assert np.array_equal(own, other)


def _recordings(root: Path, name: str) -> list[Events]:
    return read_character(root / "NOmniglot" / name / "0001.aedat4")


def test_the_fingerprint_is_of_both_files(tmp_path: Path) -> None:
    write_set(tmp_path, "dvs_background/Greek/character01")
    before = load_n_omniglot(tmp_path, print).source.sha256
    assert load_n_omniglot(tmp_path, print).source.sha256 == before
    times = tmp_path / "NOmniglot/dvs_background/Greek/character01/0001.csv"
    times.write_text(times.read_text().replace("0,", "0, ", 1))
    assert load_n_omniglot(tmp_path, print).source.sha256 != before


def test_where_there_is_none_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"N-Omniglot is not in .* To get it, unpack .*saccade_glyphs"):
        load_n_omniglot(tmp_path, print)


def test_two_files_of_a_character_are_refused(tmp_path: Path) -> None:
    write_set(tmp_path, "dvs_background_1/Greek/character01", "dvs_background_2/Greek/character01")
    with pytest.raises(InputError, match="expected one AEDAT 4 file for each character of Greek"):
        load_n_omniglot(tmp_path, print)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "0001.csv"),
        ("no,times,here\n1,2", "0001.csv has no first and last times"),
        ("number,first,last\n0,1,2", "expected 20 rows number, first time, last time; it has 1"),
        ("\n".join(["n,a,b", *["0,5,9"] * 20]), "0001.aedat4: recording 1 has no events"),
    ],
)
def test_damaged_times_are_refused_and_the_file_is_named(
    tmp_path: Path, content: str | None, told: str
) -> None:
    path, _ = write_character(tmp_path / "character01")
    times = path.with_suffix(".csv")
    times.unlink()
    if content is not None:
        times.write_text(content)
    with pytest.raises(InputError, match=told):
        read_character(path)


def test_a_damaged_recording_is_refused(tmp_path: Path) -> None:
    path, _ = write_character(tmp_path / "character01")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match=r"0001.aedat4: it is truncated or no AEDAT 4"):
        read_character(path)


def test_the_inventory_counts_recordings(tmp_path: Path, isolated: Path) -> None:
    write_set(tmp_path, "dvs_background/Greek/character01", "dvs_evaluation/Keble/character01")
    [found] = [one for one in event_inventory(tmp_path) if one.name == "n_omniglot"]
    assert (found.status, found.train, found.test) == ("a part: 40 recordings", 20, 20)
    [missing] = [one for one in event_inventory(None) if one.name == "n_omniglot"]
    assert (missing.status, missing.train + missing.test) == ("missing", 32_460)
