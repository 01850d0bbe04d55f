"""What a trial must reach not to be given up."""

import pytest

from hpbench.core.stages import PrunedError, Stages
from hpbench.tuning.bars import NEEDED, seed_bar, stage_bars


def test_after_seeds_the_bar_is_the_median_of_the_means_of_as_many_seeds() -> None:
    others = [[0.1, 0.9], [0.2, 0.0], [0.3, 0.1], [0.4, 0.2], [0.5, 0.3]]
    assert seed_bar(others, 1) == pytest.approx(0.3)
    assert seed_bar(others, 2) == pytest.approx(0.3)
    assert seed_bar(others[:-1], 1) is None, "too few to compare with"


def test_within_a_run_the_bar_is_the_lower_quartile_and_the_first_stage_has_none() -> None:
    others = [[0.9, place / 10] for place in range(5)]
    assert stage_bars(others) == [None, pytest.approx(0.1)]
    assert stage_bars([]) == []
    shorter = [[0.9, 0.5]] * NEEDED + [[0.9, 0.5, 0.5]]
    assert stage_bars(shorter) == [None, 0.5, None], "too few runs had a third stage"


def test_after_the_last_stage_nothing_is_given_up() -> None:
    stages = Stages((0.5,))
    stages.add(0.1, last=True)
    assert stages.reached == [0.1]


def test_a_run_is_given_up_below_its_bar_and_not_at_it() -> None:
    stages = Stages((None, 0.5))
    for accuracy in (0.1, 0.5, 0.0):  # the third has no bar
        stages.add(accuracy)
    assert stages.reached == [0.1, 0.5, 0.0]
    with pytest.raises(PrunedError, match=r"49\.00% after stage 2, below 50\.00%") as pruned:
        for accuracy in (0.9, 0.49):
            Stages((None, 0.5), [0.9][: accuracy < 0.9]).add(accuracy)
    assert pruned.value.reached == (0.9, 0.49)
