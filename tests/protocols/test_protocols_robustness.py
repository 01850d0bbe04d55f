"""The robustness protocol: what is measured, for whom, and what is kept."""

from typing import Any

import numpy as np
import pytest
import torch
from toy_noise import noisy_task, strategy

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.levels import as_text, from_text
from hpbench.core.outcome import Outcome
from hpbench.core.stream import refuse
from hpbench.learning.adapting import adapting
from hpbench.learning.scores import Scores
from hpbench.learning.train_once import trained
from hpbench.learning.watch import Predictions
from hpbench.protocols.robustness import ROBUSTNESS
from hpbench.runs.robustness import run

STRATEGIES = [one.name for one in registry.entries("strategies") if "robustness" in one.protocols]


def outcome(
    name: str = "ann", key: str = "key", *, anew: bool = True, changes: Any = None, **scenario: Any
) -> Outcome:
    builder, settings = strategy(name, **(changes or {}))
    return run(builder, settings, noisy_task(key, anew=anew, **scenario), lambda progress: None)


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_can_be_put_through_noise_and_attacks(name: str) -> None:
    row = outcome(name, key=name, disturbances=["gaussian", "occlusion", "fgsm"], attack_steps=2).row
    assert {column.name for column in ROBUSTNESS.columns} <= set(row)
    found = from_text(row["by_level"])
    assert list(found) == ["gaussian", "occlusion", "fgsm"]
    assert found["gaussian"][0.0] == found["fgsm"][0.0] == pytest.approx(row["clean_accuracy"], abs=1e-6)
    assert row["clean_accuracy"] > 0.5
    assert row["disturbance"] == "gaussian"


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("prototypes", [False, True])
def test_scores_that_are_asked_for_are_those_of_evaluation(name: str, prototypes: bool) -> None:
    changes = {"prototypes": True, "prototype_read_out": "nearest"} if prototypes else {}
    try:
        builder, settings = strategy(name, **changes)
    except TypeError:  # it has none
        return
    task = noisy_task("scores", anew=True)
    try:
        found = trained(builder, settings, task, lambda progress: None)
    except InputError as refused:
        assert prototypes and "prototypes=" in str(refused)  # rules with a loop of their own
        return
    predictions = Predictions(4)
    found.strategy.plugins.append(predictions)
    found.strategy.eval(found.benchmark.evaluated)
    with Scores(found.strategy).asked() as scores, torch.no_grad():
        ours = torch.cat([scores(some).argmax(1) for some in task.tested.inputs.split(10)])
    pairs = torch.bincount(task.tested.targets * 4 + ours, minlength=16).view(4, 4)
    assert torch.equal(pairs, predictions.matrices()[0])


def test_the_figures_follow_from_the_accuracies_by_level() -> None:
    row = outcome(disturbances=["gaussian", "salt"]).row
    found = from_text(row["by_level"])
    gaussian, salt = (list(found[name].values()) for name in ("gaussian", "salt"))
    assert row["accuracy"] == pytest.approx(np.mean(gaussian), abs=1e-6)
    assert row["mean_accuracy"] == pytest.approx(np.mean(gaussian + salt), abs=1e-6)
    assert row["relative_drop"] == pytest.approx(1 - gaussian[-1] / row["clean_accuracy"], abs=1e-5)
    assert row["area_under_curve"] == pytest.approx(
        (sum(gaussian) - (gaussian[0] + gaussian[-1]) / 2) / 6, abs=1e-6
    )


def test_confusions_are_kept_for_every_level() -> None:
    found = outcome(disturbances=["salt"], levels=[0.0, 0.5])
    matrices = {level: np.array(one) for level, one in found.details["confusion"]["salt"].items()}
    assert set(matrices) == {"0", "0.5"}
    assert all(matrix.sum() == 100 for matrix in matrices.values())
    salt = from_text(found.row["by_level"])["salt"]
    assert np.trace(matrices["0.5"]) / 100 == pytest.approx(salt[0.5])


def test_all_strategies_meet_the_same_noise() -> None:
    one, other = noisy_task("one"), noisy_task("other")
    assert torch.equal(one.disturbed("gaussian", 0.02), other.disturbed("gaussian", 0.02))
    assert not torch.equal(one.disturbed("gaussian", 0.02), one.disturbed("gaussian", 0.03))
    assert not torch.equal(
        one.disturbed("gaussian", 0.02), noisy_task(noise_seed=1).disturbed("gaussian", 0.02)
    )


def test_an_image_has_the_same_noise_however_many_are_tested() -> None:
    every, few = noisy_task(), noisy_task(tested_samples=20)
    for name, level in (("gaussian", 0.05), ("salt_and_pepper", 0.3), ("occlusion", 4.0)):
        assert torch.equal(few.disturbed(name, level), every.disturbed(name, level)[:20])


def test_in_the_order_of_the_classes_each_sample_has_the_noise_that_it_has_otherwise() -> None:
    plain, by_class = noisy_task(), noisy_task(test_order="class")
    assert by_class.tested.targets.tolist() == sorted(plain.tested.targets.tolist())
    for inputs in (lambda task: task.tested.inputs, lambda task: task.disturbed("gaussian", 0.05)):
        assert sorted(map(tuple, inputs(plain).tolist())) == sorted(map(tuple, inputs(by_class).tolist()))
    assert plain.order == "data" and by_class.order == "class"


def test_order_matters_to_a_trace_that_adapts_and_to_no_other() -> None:
    for trace, same in (("frozen", True), ("batch", False)):
        changes = {"trace_at_test": trace, "hidden": [32]}
        found = [
            outcome("hp", changes=changes, test_order=order, passes=5, levels=[0, 0.3]).row["by_level"]
            for order in ("data", "class")
        ]
        assert (found[0] == found[1]) is same


def test_a_streaming_trace_depends_on_the_order_and_on_no_batches() -> None:
    builder, settings = strategy("hp", trace_at_test="stream", trace_decay_at_test=0.5)
    task = noisy_task("stream", anew=True)
    made = trained(builder, settings, task, lambda progress: None).strategy

    def answers(rows: torch.Tensor, size: int) -> torch.Tensor:
        with Scores(made).asked() as scores, adapting(made.model, scores), torch.no_grad():
            return torch.cat([scores(task.tested.inputs[some]) for some in rows.split(size)])

    as_they_are, by_class = torch.arange(100), task.tested.targets.argsort(stable=True)
    whole = answers(as_they_are, 100)
    assert torch.allclose(answers(as_they_are, 7), whole) and torch.allclose(answers(as_they_are, 1), whole)
    assert not torch.allclose(answers(by_class, 100), whole[by_class])
    with Scores(made).asked() as scores, torch.no_grad():
        assert not torch.allclose(scores(task.tested.inputs), whole)


@pytest.mark.parametrize("name", ["hp", "ewc"])
def test_the_continual_protocol_has_no_stream_for_a_trace(name: str) -> None:
    builder, settings = strategy(name, trace_at_test="stream", **({} if name == "hp" else {"network": "hp"}))
    with pytest.raises(InputError, match="trace_at_test=stream adapts a trained network"):
        refuse(builder, settings, noisy_task().learned.stream("continual"))
    refuse(builder, settings, noisy_task().learned.stream("robustness"))


def test_what_differs_at_test_alone_is_not_trained_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = outcome("hp", key="kept", anew=False)
    monkeypatch.setattr("hpbench.learning.templates.ContinualTemplate.train", _never)
    again = outcome("hp", key="kept", anew=False, changes={"trace_at_test": "zero"}, disturbances=["salt"])
    assert again.row["train_seconds"] == first.row["train_seconds"]
    assert again.details["curve"] == first.details["curve"]
    assert again.row["trace_at_test"] == "zero"
    same = outcome("hp", key="kept", anew=False)
    assert same.row["by_level"] == first.row["by_level"]
    with pytest.raises(AssertionError, match="trained"):
        outcome("hp", key="another", anew=False)


@pytest.mark.parametrize(
    ("name", "changes", "scenario"),
    [
        ("hp", {}, {"selection": "validation", "validation_share": 0.2}),
        ("ncm", {"network": "hp", "features": "network"}, {}),
        ("icarl", {"network": "hp"}, {}),
        ("hp", {"prototypes": True, "prototype_read_out": "nearest", "feature_drift": "refreshed"}, {}),
    ],
)
def test_what_tests_itself_in_training_is_trained_again_for_another_test(
    monkeypatch: pytest.MonkeyPatch, name: str, changes: dict[str, Any], scenario: dict[str, Any]
) -> None:
    key = f"judged {name} {changes} {scenario}"
    first = outcome(name, key, anew=False, changes=changes, **scenario)
    other = outcome(name, key, anew=False, changes={**changes, "trace_at_test": "batch"}, **scenario)
    anew = outcome(name, key, anew=True, changes={**changes, "trace_at_test": "batch"}, **scenario)
    assert other.row["by_level"] == anew.row["by_level"]
    monkeypatch.setattr("hpbench.learning.templates.ContinualTemplate.train", _never)
    again = outcome(name, key, anew=False, changes={**changes, "trace_at_test": "batch"}, **scenario)
    assert again.row["by_level"] == other.row["by_level"]
    with pytest.raises(AssertionError, match="trained"):
        outcome(name, key, anew=False, changes=changes, **scenario)
    assert first.row["trace_at_test"] == "frozen"


def test_random_spikes_of_a_test_are_the_same_whatever_came_before() -> None:
    scenario = {"encoding": "poisson", "disturbances": ["gaussian", "fgsm"]}
    first = outcome("hp", key="spikes", anew=False, **scenario)
    again = outcome("hp", key="spikes", anew=False, **scenario)  # as kept: nothing was drawn in training
    assert again.row["train_seconds"] == first.row["train_seconds"]
    different = ("test_seconds", "train_seconds")
    assert [first.row[one] for one in first.row if one not in different] == [
        again.row[one] for one in again.row if one not in different
    ]
    alone = outcome("hp", key="spikes", anew=False, encoding="poisson", levels=[0.05]).row
    assert (
        from_text(alone["by_level"])["gaussian"][0.05] == from_text(first.row["by_level"])["gaussian"][0.05]
    )


def _never(*_: Any, **__: Any) -> None:
    raise AssertionError("trained")


def test_a_damaged_kept_state_is_made_anew() -> None:
    first = outcome("hp", key="damaged", anew=False)
    task = noisy_task("damaged")
    whole = task.kept.read_bytes()
    for content in (b"", b"not a state", whole[: len(whole) // 2]):
        task.kept.write_bytes(content)
        assert outcome("hp", key="damaged", anew=False).row["by_level"] == first.row["by_level"]
        assert len(task.kept.read_bytes()) > 1000


def test_what_keeps_a_part_of_itself_elsewhere_is_not_kept() -> None:
    builder, settings = strategy("ann")
    biases = iter([0.0, 1.0])

    def forgetful(settings: Any, task: Any) -> Any:
        made = builder(settings, task)
        bias = next(biases)
        made.model.register_forward_hook(lambda module, arguments, scores: scores + bias)
        return made

    task = noisy_task("elsewhere")
    trained(forgetful, settings, task, lambda progress: None)
    assert not task.kept.exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"disturbances": []}, "name at least one"),
        ({"disturbances": ["salt", "salt"]}, "none twice"),
        ({"disturbances": ["salt", "pepper"], "levels": [0.1]}, "levels belong to one disturbance"),
        ({"disturbances": ["salt"], "levels": [1.5]}, "level 1.5 of salt: expected a value between 0 and 1"),
        ({"disturbances": ["occlusion"], "levels": [29.0]}, "between 0 and 28 pixels"),
        ({"disturbances": ["occlusion"], "levels": [1.5]}, "level 1.5 of occlusion: expected a whole number"),
        ({"levels": [0.1, 0.1000000001]}, "must differ in their first six digits"),
        ({"disturbances": ["pgd"], "encoding": "latency"}, "first spikes pass no gradient"),
        ({"tested_samples": 101}, "there are 100 samples"),
        ({"evaluate_on": "validation"}, "leaves no validation data"),
    ],
)
def test_bad_input_is_refused_in_words(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        noisy_task(**settings)


def test_tests_on_the_validation_part_are_no_tests_on_the_test_part() -> None:
    task = noisy_task(evaluate_on="validation", validation_share=0.25)
    assert len(task.tested.targets) == 60
    assert torch.equal(task.tested.inputs, task.learned.validation[0].inputs)
    row = outcome(evaluate_on="validation", validation_share=0.25, selection="validation").row
    assert (row["evaluated_on"], row["selection"], row["tested_samples"]) == ("validation", "validation", 60)


def test_levels_survive_as_text() -> None:
    found = {"salt": {0.0: 0.5, 0.1: 0.25}, "occlusion": {4.0: 0.125}}
    assert from_text(as_text(found)) == found
    assert from_text("") == {}
