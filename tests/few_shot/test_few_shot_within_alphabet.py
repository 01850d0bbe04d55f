"""Episodes within an alphabet, against a literal check of what they hold and how often."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_characters import classes, few_shot_task

from hpbench.core.errors import InputError
from hpbench.core.seeded_draws import seeded_draws
from hpbench.few_shot.episodes import Episodes, EpisodeSource, fixed_episodes
from hpbench.few_shot.settings import EpisodeSettings
from hpbench.runs.few_shot import test_episodes as episodes_of
from hpbench.tasks.few_shot import Classes, Shape

SAMPLES = 8


def of_alphabets(*sizes: int) -> Classes:
    """Classes of alphabets a, b, … of these sizes, one class of each in turn while there are any."""
    left = dict(zip("abcdefgh", sizes, strict=False))
    names = []
    while any(left.values()):
        for name in left:
            if left[name]:
                names.append(name)
                left[name] -= 1
    return Classes(classes(sum(sizes), SAMPLES).images, tuple(names))


def drawn(of: Classes, shape: Shape, number: int, seed: int = 0) -> Episodes:
    return fixed_episodes(of, shape, number, seed, "test")


def members(episodes: Episodes, episode: int) -> list[int]:
    """The classes of an episode, sample by sample, support before queries."""
    both = [*episodes.support[episode].tolist(), *episodes.query[episode].tolist()]
    return [place // SAMPLES for place in both]


@settings(max_examples=15, deadline=None)
@given(
    sizes=st.lists(st.integers(3, 7), min_size=1, max_size=4),
    ways=st.integers(2, 3),
    shots=st.integers(1, 3),
    queries=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_every_episode_has_n_classes_of_one_alphabet_and_other_samples_for_its_queries(
    sizes: list[int], ways: int, shots: int, queries: int, seed: int
) -> None:
    of = of_alphabets(*sizes)
    episodes = drawn(of, Shape(ways, shots, queries, one_alphabet=True), 20, seed)
    assert len(episodes) == 20
    for episode in range(20):
        found = members(episodes, episode)
        assert len({of.alphabets[one] for one in found}) == 1
        assert len(set(found)) == ways
        assert all(found[place] == found[place % ways] for place in range(len(found)))  # label s mod N
        samples = [*episodes.support[episode].tolist(), *episodes.query[episode].tolist()]
        assert len(set(samples)) == ways * (shots + queries)


def test_without_the_setting_classes_of_several_alphabets_meet() -> None:
    of = of_alphabets(6, 6, 6)
    episodes = drawn(of, Shape(4, 1, 1), 50)
    mixed = [len({of.alphabets[one] for one in members(episodes, number)}) > 1 for number in range(50)]
    assert sum(mixed) > 40  # 3 of 4 sets of four classes at least


def test_alphabets_are_drawn_alike_whatever_their_size_and_their_classes_alike() -> None:
    """3,000 draws of one of three alphabets, then of one pair out of 1, 3 or 10: within five deviations."""
    of, number = of_alphabets(2, 3, 5), 3000
    episodes = drawn(of, Shape(2, 1, 1, one_alphabet=True), number)
    pairs = Counter(tuple(sorted(set(members(episodes, one)))) for one in range(number))
    for name, share in zip("abc", (1 / 3, 1 / 9, 1 / 30), strict=True):
        own = [number for number, alphabet in enumerate(of.alphabets) if alphabet == name]
        for pair in combinations(own, 2):
            assert abs(pairs.pop(pair) - number * share) < 5 * (number * share * (1 - share)) ** 0.5
    assert not pairs


def test_the_same_seed_draws_the_same_episodes() -> None:
    of, shape = of_alphabets(4, 5), Shape(3, 1, 2, one_alphabet=True)
    assert torch.equal(drawn(of, shape, 10, 3).query, drawn(of, shape, 10, 3).query)
    assert not torch.equal(drawn(of, shape, 10, 3).query, drawn(of, shape, 10, 4).query)


def test_what_alphabets_classes_have_changes_no_other_episode() -> None:
    with seeded_draws(python=5):
        known = EpisodeSource(of_alphabets(6, 6), Shape(4, 1, 2), "test").draw(10)
    with seeded_draws(python=5):
        unknown = EpisodeSource(classes(12), Shape(4, 1, 2), "test").draw(10)
    assert torch.equal(known.support, unknown.support)


def test_classes_that_do_not_know_their_alphabets_are_refused() -> None:
    with pytest.raises(InputError, match="classes that know theirs, the test part's do not"):
        drawn(classes(12), Shape(4, 1, 1, one_alphabet=True), 1)


def test_an_alphabet_with_fewer_classes_than_ways_is_named() -> None:
    with pytest.raises(InputError, match=r"4 ways within an alphabet .*, b has 3 in the test part"):
        drawn(of_alphabets(6, 3, 5), Shape(4, 1, 1, one_alphabet=True), 1)


def test_the_task_s_test_episodes_follow_the_setting(tmp_path: Path) -> None:
    asked = EpisodeSettings(n_way=3, k_shot=1, queries=2, within="alphabet")
    assert asked.tested.one_alphabet
    assert not EpisodeSettings().tested.one_alphabet
    of = of_alphabets(5, 5, 5)
    episodes = episodes_of(few_shot_task(tmp_path, test=of, tested=asked.tested))
    assert all(len({of.alphabets[one] for one in members(episodes, number)}) == 1 for number in range(20))
