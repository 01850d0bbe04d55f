"""What runs note after their stages under each protocol, and that one below its bar is given up."""

from pathlib import Path
from typing import Any

import pytest
from toy import QUICK

from hpbench.core.stages import PrunedError
from hpbench.data.places import states_folder
from hpbench.plan.compose import plan
from hpbench.runs.perform import Performed, perform

FEW_SHOT = (
    "scenario=glyphs",
    "strategy=protonet",
    "scenario.episodes=600",
    "strategy.filters=[4,4,4]",
    "strategy.meta_steps=4",
    "strategy.validate_every=2",
    "strategy.validation_episodes=10",
)
STREAM = (
    "scenario=split_mnist",
    "strategy=ann",
    "strategy.hidden=[16]",
    "scenario.dataset=mnist5k",
    "scenario.evaluate_on=validation",
)
NOISY = (
    "scenario=noisy_mnist",
    "strategy=ann",
    "strategy.hidden=[16]",
    "scenario.dataset=mnist5k",
    "scenario.passes=2",
    "scenario.validation_share=0.1",
    "scenario.selection=validation",
    "scenario.evaluate_on=validation",
)


def performed(*words: str, bars: Any = ()) -> Performed:
    [run] = plan(words)
    return perform(run, say=lambda line: None, report=lambda progress: None, bars=bars)


def test_a_stream_notes_the_mean_over_experiences_so_far(toy_path: Path) -> None:
    found = performed("scenario=toy", "strategy=ann", *QUICK)
    [[first, _], last] = found.details["R"]
    assert found.details["stages"] == [first, sum(last) / 2]
    assert found.row["accuracy"] == found.details["stages"][-1]
    assert "stages" not in performed("scenario=toy", "strategy=ann", *QUICK, bars=None).details


def test_a_stream_that_has_been_learned_to_its_end_is_not_given_up(toy_path: Path) -> None:
    assert len(performed("scenario=toy", "strategy=ann", *QUICK, bars=(None, 1.01)).details["stages"]) == 2


def test_meta_training_notes_the_best_validation_so_far() -> None:
    found = performed(*FEW_SHOT, "seed=11")
    first, second = (one["accuracy"] for one in found.details["training"]["looks"])
    assert found.details["stages"] == [first, max(first, second)]
    with pytest.raises(PrunedError, match="after stage 2, below"):
        performed(*FEW_SHOT, "seed=12", bars=(None, 1.01))


def test_training_at_once_notes_its_passes_if_the_best_is_selected(isolated: Path) -> None:
    found = performed(*NOISY)
    first, second = found.details["stages"]
    assert second >= first
    assert second == found.row["clean_accuracy"], "the best pass is the one that is tested"


@pytest.mark.parametrize("words", [STREAM, NOISY])
def test_a_run_below_its_bar_is_given_up_and_its_state_removed(
    words: tuple[str, ...], isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hpbench.states.states._SELDOM", 0.0)
    monkeypatch.setattr("hpbench.states.states._WORTH", 0.0)
    with pytest.raises(PrunedError, match="after stage 2, below") as pruned:
        performed(*words, bars=(None, 1.01))
    assert len(pruned.value.reached) == 2
    assert list(states_folder().rglob("*.state")) == []
