"""Episodes: what they hold, that they are drawn apart from all other draws, and what is refused."""

import random

import pytest
import torch
from toy_characters import classes

from hpbench.core.errors import InputError
from hpbench.core.seeded_draws import seeded_draws
from hpbench.few_shot.episodes import EpisodeSource
from hpbench.tasks.few_shot import Shape


def drawn(shape: Shape, number: int = 20, seed: int = 0) -> torch.Tensor:
    source = EpisodeSource(classes(12), shape, "test")
    with seeded_draws(python=seed):
        episodes = source.draw(number)
    return torch.cat([episodes.support, episodes.query], 1)


def test_samples_go_round_the_classes() -> None:
    source = EpisodeSource(classes(12), Shape(5, 2, 3), "test")
    with seeded_draws(python=0):
        episodes = source.draw(20)
    assert episodes.support.shape == (20, 10)
    assert episodes.query.shape == (20, 15)
    assert episodes.support_labels.tolist() == [0, 1, 2, 3, 4] * 2
    assert episodes.query_labels.tolist() == [0, 1, 2, 3, 4] * 3
    of_class = torch.cat([episodes.support, episodes.query], 1).unflatten(1, (5, 5)) // 8
    assert (of_class == of_class[:, :1]).all()  # the n-th of each round is of one class
    assert all(len(set(found.tolist())) == 5 for found in of_class[:, 0])


def test_no_sample_is_taken_twice() -> None:
    for episode in drawn(Shape(4, 3, 5)):
        assert len(set(episode.tolist())) == 32


def test_labels_are_dealt_out_anew() -> None:
    firsts = drawn(Shape(12, 1, 1), number=50)[:, 0] // 8
    assert len(set(firsts.tolist())) > 8


def test_one_seed_draws_the_same_episodes_and_leaves_the_generator_alone() -> None:
    random.seed(7)
    before = random.getstate()
    first = drawn(Shape(4, 1, 2), seed=3)
    assert random.getstate() == before
    random.random()
    assert torch.equal(drawn(Shape(4, 1, 2), seed=3), first)
    assert not torch.equal(drawn(Shape(4, 1, 2), seed=4), first)


def test_pieces_make_up_the_whole() -> None:
    with seeded_draws(python=0):
        episodes = EpisodeSource(classes(12), Shape(4, 1, 2), "test").draw(7)
    pieces = list(episodes.pieces(3))
    assert [len(piece) for piece in pieces] == [3, 3, 1]
    assert torch.equal(torch.cat([piece.query for piece in pieces]), episodes.query)


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (Shape(13, 1, 1), "13 ways need as many classes, the test part has 12"),
        (Shape(5, 6, 3), "6 shots and 3 queries need 9 samples of each class, the test part has 8"),
    ],
)
def test_too_few_classes_or_samples_are_refused(shape: Shape, told: str) -> None:
    with pytest.raises(InputError, match=told):
        EpisodeSource(classes(12), shape, "test")
