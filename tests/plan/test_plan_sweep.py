"""Override texts to combinations."""

import pytest

from hpbench.core.errors import InputError
from hpbench.plan.sweep import combinations


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("seed=3", ["3"]),
        ("seed=0,1,2", ["0", "1", "2"]),
        ("seed=range(3)", ["0", "1", "2"]),
        ("seed=range(2,6,2)", ["2", "4"]),
        ("seed=choice(4,7)", ["4", "7"]),
        ("strategy.hidden=[8,4]", ["[8,4]"]),
        ("strategy.hidden=[8,4],[6]", ["[8,4]", "[6]"]),
        ("strategy.word='a b','c,d'", ["'a b'", "'c,d'"]),
    ],
)
def test_one_override_stands_for_its_values(text: str, values: list[str]) -> None:
    key = text.partition("=")[0]
    assert combinations([text]) == [{key: value} for value in values]


def test_two_sweeps_give_all_combinations_and_the_last_varies_fastest() -> None:
    found = combinations(["strategy=hp,gp", "device=cpu", "seed=range(2)"])
    assert [(one["strategy"], one["seed"]) for one in found] == [
        ("hp", "0"),
        ("hp", "1"),
        ("gp", "0"),
        ("gp", "1"),
    ]
    assert {one["device"] for one in found} == {"cpu"}


@pytest.mark.parametrize("text", ["~seed", "~seed=1", "+x=1", "++x=1", "seed", "=3", "a@b=c", "a/b=c", ""])
def test_what_is_no_change_of_a_setting_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"is not an override: write key=value"):
        combinations([text])


@pytest.mark.parametrize("text", ["seed=1,", "seed={a", "strategy.word=it's"])
def test_text_outside_the_grammar_is_refused_with_a_way_to_quote_it(text: str) -> None:
    with pytest.raises(InputError, match=r"not in the override grammar .* in quotes"):
        combinations([text])


@pytest.mark.parametrize("text", ["seed=", "seed=null", "data_root="])
def test_a_key_without_a_value_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="has no value"):
        combinations([text])


@pytest.mark.parametrize(
    "text", ["seed=range(0)", "seed=range(5,2)", "seed=interval(0,1)", "seed=glob(*)", "seed=range(3),7"]
)
def test_a_sweep_without_values_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="names no values: write a comma list"):
        combinations([text])


def test_a_key_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"seed is given twice: write a comma list"):
        combinations(["seed=1", "strategy=hp", "seed=2"])
