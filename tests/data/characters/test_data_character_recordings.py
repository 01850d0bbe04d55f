"""Characters as recordings: the same whatever the split, and what their tasks hold."""

import numpy as np
import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.data.characters.characters import Characters
from hpbench.data.characters.recordings import saccade_characters
from hpbench.data.characters.splits import divide
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.few_shot.recorded_characters import EventEpisodeSettings, recorded_character_task
from hpbench.frames.representation import represent
from hpbench.tasks.few_shot import FewShotTask
from hpbench.tasks.resources import Resources

CLASSES, DRAWERS = 24, 5


def characters(name: str = "made_up", side: int = 28) -> Characters:
    images = np.random.RandomState(0).randint(0, 256, (CLASSES, DRAWERS, side, side)).astype(np.uint8)
    images[:, :, :9] = 0
    alphabets = np.array([f"alphabet{one // 4}" for one in range(CLASSES)])
    names = np.array([f"character{one:02d}" for one in range(CLASSES)])
    return Characters(name, images, alphabets, names, np.arange(CLASSES) < 16, "made up")


def task(**changes: object) -> FewShotTask:
    asked = {"n_way": 4, "queries": 2, "split": "alphabets", **changes}
    data = saccade_characters(characters(), SaccadeSettings())
    return recorded_character_task(
        data, EventEpisodeSettings(**asked), Resources(None, "cpu", lambda _: None)
    )  # type: ignore[arg-type]


def test_every_drawing_is_recorded_class_after_class() -> None:
    data = characters()
    found = saccade_characters(data, SaccadeSettings())
    assert found.name == found.source.name == "saccade_made_up"
    assert len(found.source) == CLASSES * DRAWERS
    assert found.source.labels.tolist() == [one // DRAWERS for one in range(CLASSES * DRAWERS)]
    assert divide(found, "alphabets")._asdict().keys() == divide(data, "alphabets")._asdict().keys()
    for own, other in zip(divide(found, "alphabets"), divide(data, "alphabets"), strict=True):
        assert np.array_equal(own, other)


def test_omniglot_s_lists_are_those_of_its_recordings() -> None:
    """A set of 1,623 characters by the name that generated recordings of Omniglot have."""
    images = np.zeros((1623, 1, 28, 28), np.uint8)
    names = np.arange(1623).astype(str)
    data = Characters("omniglot", images, names, names, np.arange(1623) < 964, "made up")
    recorded = saccade_characters(data, SaccadeSettings())
    assert recorded.name == "saccade_omniglot"
    for own, other in zip(divide(recorded, "characters"), divide(data, "characters"), strict=True):
        assert np.array_equal(own, other)


@pytest.mark.parametrize("rotations", [True, False])
def test_the_task_s_samples_are_the_frames_of_the_drawings_events(rotations: bool) -> None:
    made = task(rotations=rotations)
    data = saccade_characters(characters(), SaccadeSettings())
    division = divide(data, "alphabets")
    [events] = data.source.chunk(7, 8)
    frames = torch.from_numpy(represent(events, EventEpisodeSettings(), (34, 34, 2))).float()
    which = division.train.tolist().index(7 // DRAWERS)
    place = torch.tensor([which * DRAWERS + 7 % DRAWERS])
    assert torch.equal(made.train.at(place)[0], frames)
    assert len(made.train) == len(division.train) * (4 if rotations else 1)
    assert made.input_shape == (6, 2, 17, 17)
    assert made.shown_steps == 6
    assert made.stream().encoding == "frames"
    if rotations:
        turned = made.train.at(place + 2 * len(division.train) * DRAWERS)[0]
        assert torch.equal(turned, frames.flip(-1).flip(-2))
    assert made.test.alphabets == tuple(data.alphabets[division.test])


def test_episodes_within_an_alphabet_are_drawn_from_recordings_as_well() -> None:
    assert task(within="alphabet").tested.one_alphabet
    with pytest.raises(InputError, match="5 ways within an alphabet need as many classes in each"):
        task(within="alphabet", n_way=5)


def test_drawings_of_another_size_are_refused() -> None:
    with pytest.raises(InputError, match="events are generated from images"):
        saccade_characters(characters(side=30), SaccadeSettings())
