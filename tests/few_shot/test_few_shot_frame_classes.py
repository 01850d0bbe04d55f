"""Classes of recordings: which frames a place has, and turns, against a literal loop."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hpbench.data.events.source import EVENT
from hpbench.few_shot.frame_classes import FrameClasses
from hpbench.frames.representation import RepresentationSettings, represent
from hpbench.frames.sparse_frames import pack

EACH, SET = 3, 5
"""Samples of a class, and classes of the set."""


def made(members: list[int], turns: list[int], *, sparse: bool) -> tuple[FrameClasses, torch.Tensor]:
    dense = torch.randint(0, 4, (SET * EACH, 2, 2, 4, 4), generator=torch.Generator().manual_seed(0)).float()
    frames = pack(dense.numpy(), (2, 2, 4, 4)) if sparse else dense
    return FrameClasses(frames, EACH, torch.tensor(members), torch.tensor(turns)), dense


@settings(deadline=None)
@given(
    chosen=st.lists(st.tuples(st.integers(0, SET - 1), st.integers(0, 3)), min_size=1, max_size=6),
    asked=st.lists(st.integers(0, 1000), min_size=1, max_size=8),
    sparse=st.booleans(),
)
def test_a_place_has_the_frames_of_its_class_s_sample_in_its_turn(
    chosen: list[tuple[int, int]], asked: list[int], sparse: bool
) -> None:
    members, turns = map(list, zip(*chosen, strict=True))
    classes, dense = made(members, turns, sparse=sparse)
    assert classes.shape == (len(members), EACH, 2, 2, 4, 4)
    assert (len(classes), classes.samples) == (len(members), EACH)
    places = [one % (len(members) * EACH) for one in asked]
    found = classes.at(torch.tensor([places, places]))
    assert found.shape == (2, len(places), 2, 2, 4, 4)
    for number, place in enumerate(places):
        which, sample = divmod(place, EACH)
        expected = dense[members[which] * EACH + sample].clone()
        for _ in range(turns[which]):
            turned = torch.empty_like(expected)
            for row in range(4):
                for column in range(4):
                    turned[..., 3 - column, row] = expected[..., row, column]
            expected = turned
        assert torch.equal(found[0, number], expected)
        assert torch.equal(found[1, number], expected)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_frames_are_the_frames_of_turned_events(turns: int) -> None:
    random, side = torch.Generator().manual_seed(1), 6
    events = torch.randint(0, side, (30, 2), generator=random).numpy()
    recording = np.zeros(30, EVENT)
    recording["x"], recording["y"] = events.T
    recording["t"] = range(0, 300_000, 10_000)
    shown = RepresentationSettings(time_steps=3)
    frames = torch.from_numpy(represent(recording, shown, (side, side, 2)))
    for _ in range(turns):
        recording["x"], recording["y"] = recording["y"].copy(), side - 1 - recording["x"]
    turned = torch.from_numpy(represent(recording, shown, (side, side, 2)))
    alone = torch.zeros(1, dtype=torch.long)
    classes = FrameClasses(frames.float()[None], 1, alone, alone + turns)
    assert torch.equal(classes.at(torch.tensor([0]))[0], turned.float())


def test_the_stored_frames_are_not_changed_by_turning() -> None:
    classes, dense = made([0, 1], [1, 2], sparse=False)
    before = dense.clone()
    classes.at(torch.arange(6))
    assert torch.equal(dense, before)
