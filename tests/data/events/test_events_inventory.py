"""What is said of sets of recordings that are here, in part or not at all."""

import dataclasses
import subprocess
import sys

from made_events import write_nmnist

from hpbench.data.events.catalogue import EVENT_SETS
from hpbench.data.events.inventory import event_inventory


def test_missing_partial_and_complete(tmp_path, monkeypatch):
    names = {one.name: one for one in event_inventory(None)}
    assert list(names) == [*EVENT_SETS, "shd", "ntidigits", "n_omniglot"]
    assert {one.status for one in names.values()} == {"missing"}
    assert (names["nmnist"].train, names["nmnist"].test) == (60_000, 10_000)
    assert "put train.zip" in names["nmnist"].how_to_get
    assert "since January 2026" in names["dvs_gesture"].how_to_get
    write_nmnist(tmp_path / "data")
    [found, *_] = event_inventory(tmp_path / "data")
    assert (found.status, found.train, found.test) == ("a part: 30 recordings", 20, 10)
    assert found.path == tmp_path / "data" / "NMNIST"
    monkeypatch.setitem(EVENT_SETS, "nmnist", dataclasses.replace(EVENT_SETS["nmnist"], sizes=(20, 10)))
    [found, *_] = event_inventory(tmp_path / "data")
    assert (found.status, found.how_to_get) == ("complete", "nothing to do")


def test_listing_imports_neither_torch_nor_tonic():
    code = (
        "import sys, hpbench.data.events.inventory as i; i.event_inventory(None); "
        "assert not {'torch', 'tonic'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
