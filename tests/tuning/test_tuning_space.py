"""The searched settings: what can be written, and the messages for what cannot."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from toy import light_strategy_text, write_file

from hpbench.core.errors import InputError
from hpbench.plan.compose import plan
from hpbench.tuning.names import command_on_test_part, search_name
from hpbench.tuning.space import Space, space_of

SETTINGS = (
    'lr: float = setting(0.1, "rate", low=0, high=1)',
    'depth: int = setting(2, "layers", low=1, high=9)',
    'kind: str = setting("a", "kind", choices=("a", "b"))',
    'wide: bool = setting(False, "whether it is wide")',
    'width: float = setting(1.0, "width", low=0, acts_with={"wide": True})',
)


@pytest.fixture
def tuned(toy_path: Path) -> Callable[..., Space]:
    write_file(toy_path / "strategies" / "light.py", light_strategy_text(*SETTINGS))
    return lambda *words: space_of(["scenario=toy", "strategy=light", *words])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "there is nothing to search: write a setting as log(1e-4,1e-1)"),
        (["strategy.lr=log(0,1)"], "a logarithmic scale begins above 0"),
        (["strategy.lr=log(0.1,0.01)"], "the lower bound first"),
        (["strategy.lr=log(0.1)"], "expected two numbers"),
        (["strategy.lr=log(0.1,inf)"], "expected finite bounds"),
        (["strategy.lr=uniform(0,a)"], "expected two numbers"),
        (["strategy.lr=uniform(0,2)"], "strategy.lr=2.0: expected a value between 0 and 1 (rate)"),
        (["strategy.lr=int(0,1)"], "write strategy.lr=uniform(0,1)"),
        (["strategy.lr=lgo(0.01,1)"], "no such search. Write log(1e-4,1e-1)"),
        (["strategy.lr=range(5)"], "no such search"),
        (["strategy.lr=0.1,0.2"], "write strategy.lr=choice(0.1,0.2) to search, or one value"),
        (["strategy.depth=uniform(1,3)"], "write strategy.depth=int(1,3)"),
        (["strategy.depth=int(1,99)"], "strategy.depth=99: expected a value between 1 and 9"),
        (["strategy.depth=int(1.5,3)"], "expected two whole numbers"),
        (["strategy.kind=log(1,2)"], "strategy.kind is no number but str"),
        (["strategy.kind=choice(a,bb)"], "did you mean 'b'?"),
        (["strategy.kind=choice(a)"], "at least two different values"),
        (["strategy.wide=uniform(0,1)"], "write strategy.wide=choice(on,off)"),
        (["strategy.lrr=log(0.01,1)"], "has no setting 'lrr': did you mean 'lr'?"),
        (["lr=log(0.01,1)"], "did you mean strategy.lr?"),
        (["strategy.lr=log(0.01,1)", "strategy.lr=0.1"], "strategy.lr is given twice"),
        (["strategy.lr=log(0.01,1)", "trails=3"], "unknown setting 'trails': did you mean 'trials'?"),
        (["strategy.lr=log(0.01,1)", "strategy.deph=3"], "did you mean depth"),
        (["strategy.lr=log(0.01,1)", "seed=3"], "seeds=3 says how many"),
        (["seed=int(0,3)"], "seeds=3 says how many"),
        (["strategy.lr=log(0.01,1)", "scenario.evaluate_on=test"], "never on the test part"),
        (["scenario.evaluate_on=choice(test,validation)"], "choose the easiest test"),
        (["scenario.regime=choice(class,task)"], "choose the easiest test"),
        (["scenario.validation_share=uniform(0.1,0.5)"], "choose the easiest test"),
        (["strategy.lr=log(0.01,1)", "scenario.validation_share=0"], "set a share such as 0.1"),
    ],
)
def test_what_cannot_be_searched_is_told_before_anything_starts(
    words: list[str], said: str, tuned: Callable[..., Space]
) -> None:
    with pytest.raises(InputError) as raised:
        tuned(*words)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scenario=toy", "strategy=light,gp", "strategy.lr=log(0.01,1)"], "one strategy is tuned at a time"),
        (["scenario=toy", "strategy=choice(light,gp)"], "one is tuned at a time"),
        (["scenario=toy", "strategy=ligth", "strategy.lr=log(0.01,1)"], "did you mean 'light'?"),
        (["strategy=light", "strategy.lr=log(0.01,1)"], "scenario= is missing"),
        (["scenario=glyphs", "strategy=ncm", "scenario.n_way=int(2,5)"], "choose the easiest test"),
        (["scenario=noisy_mnist", "strategy=gp", "strategy.lr=log(1e-4,1e-2)"], "set a share such as 0.1"),
    ],
)
def test_one_scenario_and_one_strategy_are_tuned(
    words: list[str], said: str, tuned: Callable[..., Space]
) -> None:
    with pytest.raises(InputError) as raised:
        space_of(words)
    assert said in str(raised.value)


def test_every_run_is_on_the_validation_part_with_the_seeds_from_0_on(tuned: Callable[..., Space]) -> None:
    space = tuned("strategy.lr=log(0.01,1)", "strategy.kind=choice(a,b)", "scenario.passes=2")
    runs, reason = space.runs({"strategy.lr": 0.0234567, "strategy.kind": "b"}, 3)
    assert not reason
    assert [one.seed for one in runs] == [0, 1, 2]
    assert {one.overrides for one in runs} == {
        "scenario.evaluate_on=validation scenario.passes=2 strategy.kind=b strategy.lr=0.02346"
    }


def test_the_first_point_is_the_defaults_if_they_are_inside(tuned: Callable[..., Space]) -> None:
    space = tuned("strategy.lr=log(0.01,1)", "strategy.depth=int(1,4)", "strategy.wide=choice(on,off)")
    assert space.first == {"strategy.lr": 0.1, "strategy.depth": 2, "strategy.wide": "off"}
    assert space.runs(space.first, 1)[0][0].overrides == "scenario.evaluate_on=validation"
    assert tuned("strategy.lr=log(0.2,1)", "strategy.depth=int(1,4)").first == {}


def test_sampled_numbers_are_rounded_but_stay_inside(tuned: Callable[..., Space]) -> None:
    [lr] = tuned("strategy.lr=uniform(0.123412,0.654321)").searched
    assert [lr.typed(one) for one in (0.123412, 0.33333333, 0.654321)] == ["0.123412", "0.3333", "0.6543"]


def test_a_setting_without_effect_beside_others_is_left_out(tuned: Callable[..., Space]) -> None:
    space = tuned("strategy.wide=choice(on,off)", "strategy.width=uniform(0,5)")
    words, planned = space.planned({"strategy.wide": "off", "strategy.width": 3.0})
    assert (words, planned.reason) == ({"strategy.wide": "off"}, "")
    words, _ = space.planned({"strategy.wide": "on", "strategy.width": 3.0})
    assert words == {"strategy.wide": "on", "strategy.width": "3.0"}


def test_a_search_is_named_by_what_is_searched_and_measured(tuned: Callable[..., Space]) -> None:
    two = ("strategy.lr=log(0.01,1)", "strategy.depth=int(1,4)")
    name = search_name(tuned(*two), 3)
    assert name.startswith("toy-light-")
    assert search_name(tuned(*two[::-1], "scenario.passes=1"), 3) == name
    others = [
        search_name(tuned(*two), 2),
        search_name(tuned(*two, "scenario.passes=2"), 3),
        search_name(tuned("strategy.lr=uniform(0.01,1)", two[1]), 3),
        search_name(tuned("strategy.lr=log(0.01,0.9)", two[1]), 3),
    ]
    assert len({name, *others}) == 5


def test_the_command_at_the_end_is_of_the_same_settings_on_the_test_part(
    tuned: Callable[..., Space],
) -> None:
    space = tuned("strategy.lr=log(0.01,1)", "scenario.passes=2", "scenario.evaluate_on=validation")
    command = shlex.split(command_on_test_part(space, {"strategy.lr": "0.5"}, 3))
    assert command[:2] == ["hpbench", "run"]
    runs = plan(command[2:])
    assert [one.seed for one in runs] == [0, 1, 2]
    assert {one.overrides for one in runs} == {"scenario.passes=2 strategy.lr=0.5"}
