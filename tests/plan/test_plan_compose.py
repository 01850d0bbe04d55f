"""Combinations to typed runs, with strategies that import no library."""

from pathlib import Path

import pytest
from toy import light_strategy_text, write_file

from hpbench.core.errors import InputError
from hpbench.core.run import Run
from hpbench.plan.compose import plan

SCENARIO = '''"""A scenario that is never built."""

from dataclasses import dataclass

from hpbench.core.settings import setting

VERSION = "1"
PROTOCOL = "{protocol}"


@dataclass
class Settings:
    """Settings of a scenario that imports no library."""

    passes: int = setting(1, "passes", low=1)
    label: str = setting("", "a word that is in another column", shapes_run=False)


def build(settings, resources):
    """Never called."""
'''

COMMON = (
    'rate: float = setting(0.1, "step", low=0, high=1)',
    'widths: list[int] = setting([8], "neurons", unit="neurons", low=1)',
    'kind: str = setting("round", "shape", choices=("round", "square"))',
    'flag: bool = setting(False, "switch")',
)


@pytest.fixture(autouse=True)
def light(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder named by HPBENCH_PATH with light scenarios and strategies."""
    write_file(tmp_path / "scenarios" / "stream.py", SCENARIO.format(protocol="continual"))
    write_file(tmp_path / "scenarios" / "shots.py", SCENARIO.format(protocol="few_shot"))
    write_file(tmp_path / "strategies" / "plain.py", light_strategy_text(*COMMON))
    decay = 'decay: float = setting(0.5, "trace left", low=0)'
    write_file(tmp_path / "strategies" / "tracer.py", light_strategy_text(*COMMON, decay))
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path))
    return tmp_path


def planned(*words: str, strategy: str = "plain") -> list[Run]:
    return plan(["scenario=stream", f"strategy={strategy}", *words])


def refusal(*words: str, strategy: str = "plain") -> str:
    with pytest.raises(InputError) as refused:
        planned(*words, strategy=strategy)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_values_arrive_with_their_types() -> None:
    [run] = planned(
        "strategy.rate=1e-3", "strategy.widths=[16,4]", "strategy.flag=true", "seed=7", "scenario.passes=2"
    )
    assert run.strategy_settings.rate == 1e-3
    assert run.strategy_settings.widths == [16, 4]
    assert run.strategy_settings.flag is True
    assert (run.seed, run.scenario_settings.passes, run.device) == (7, 2, "auto")


def test_defaults_are_no_overrides() -> None:
    [run] = planned("strategy.rate=0.1", "strategy.widths=[8]")
    assert run.overrides == ""
    assert str(run) == "scenario=stream strategy=plain seed=0"


def test_the_order_of_overrides_changes_nothing() -> None:
    words = ("strategy.widths=[16, 4]", "scenario.passes=2", "strategy.rate=1e-3")
    [one], [other] = planned(*words), planned(*reversed(words))
    assert one.overrides == "scenario.passes=2 strategy.rate=0.001 strategy.widths=[16,4]"
    assert one.overrides == other.overrides


def test_the_overrides_of_a_run_give_the_same_run_again() -> None:
    [run] = planned("strategy.widths=[16, 4]", "strategy.rate=1e-3", "strategy.flag=true", "seed=4")
    assert planned(*run.overrides.split(), "seed=4") == [run]


@pytest.mark.parametrize("word", ["strategy.rate=0.2", "scenario.passes=2", "strategy.widths=[8,8]"])
def test_every_setting_that_shapes_a_run_names_it(word: str) -> None:
    assert planned(word)[0].overrides == word


@pytest.mark.parametrize("word", ["scenario.label=other", "seed=3", "device=cpu", "threads=2"])
def test_what_another_column_says_names_no_run(word: str) -> None:
    assert planned(word)[0].overrides == ""


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("strategy.rate=1e-1", ""),
        ("strategy.rate=1", "strategy.rate=1.0"),
        ("strategy.rate=-0.0", "strategy.rate=0.0"),
        ("strategy.rate=0", "strategy.rate=0.0"),
    ],
)
def test_a_value_has_one_form_however_it_is_written(word: str, name: str) -> None:
    assert planned(word)[0].overrides == name


def test_a_sweep_of_two_keys_gives_all_combinations_in_order() -> None:
    runs = planned("seed=range(2)", "strategy.rate=0.1,0.2", strategy="plain,tracer")
    assert [(run.strategy, run.seed, run.strategy_settings.rate) for run in runs] == [
        (name, seed, rate) for name in ("plain", "tracer") for seed in (0, 1) for rate in (0.1, 0.2)
    ]


def test_a_setting_of_one_of_two_swept_strategies_names_the_other() -> None:
    for strategies in ("plain,tracer", "tracer,plain"):
        message = refusal("strategy.decay=0.9", strategy=strategies)
        assert message == "strategy.decay is a setting of tracer, not of plain: run them in separate commands"


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("strategy.raet=1", ["'plain' has no setting 'raet'", "did you mean rate?"]),
        ("scenario.pases=1", ["'stream' has no setting 'pases'", "did you mean passes?"]),
        ("sed=1", ["unknown setting 'sed'", "'seed'"]),
        ("rate=1", ["unknown setting 'rate'", "did you mean strategy.rate?"]),
        ("hydra.verbose=true", ["unknown setting 'hydra.verbose'"]),
        ("strategy.rate.x=1", ["'plain' has no setting 'rate.x'"]),
        ("seed=1e3", ["seed=1000.0", "Integer", "whole numbers without"]),
        ("seed=one", ["seed=one", "Integer"]),
        ("seed=[1,2]", ["seed=[1,2]", "list"]),
        ("seed=null,1", ["seed=null", "not Optional"]),
        ("seed=???", ["seed=???"]),
        ("seed='${x}'", ["seed=", "'x' not found"]),
        ("strategy.rate=fast", ["strategy.rate=fast", "Float"]),
        ("strategy.widths=8", ["strategy.widths=8", "list"]),
        ("strategy.widths=[8,wide]", ["strategy.widths=[8,wide]", "'wide'", "Integer"]),
        ("strategy.widths=[[8]]", ["strategy.widths=[[8]]", "flat list"]),
        ("strategy.widths=[8,0]", ["strategy.widths=0", "at least 1 (neurons)"]),
        ("strategy.flag=perhaps", ["strategy.flag=perhaps", "bool"]),
        ("strategy.kind=squaer", ["strategy.kind=squaer", "'square'"]),
        ("strategy.rate=2", ["strategy.rate=2.0", "between 0 and 1", "(step)"]),
        ("strategy.rate=nan", ["strategy.rate=nan", "between 0 and 1"]),
        ("scenario.passes=0", ["scenario.passes=0", "at least 1"]),
        ("seed=-1", ["seed=-1", "between 0 and"]),
        ("seed=99999999999", ["seed=99999999999", "between 0 and"]),
        ("threads=0", ["threads=0", "between 1 and 1024"]),
        ("device=gpu", ["device=gpu", "'cpu'"]),
    ],
)
def test_a_bad_setting_is_refused_with_its_key_and_what_was_expected(word: str, parts: list[str]) -> None:
    message = refusal(word)
    assert [part for part in parts if part not in message] == [], message


def test_one_bad_combination_refuses_the_whole_sweep() -> None:
    assert "strategy.rate=5.0" in refusal("strategy.rate=0.1,5")


@pytest.mark.parametrize("kind", ["scenario", "strategy"])
def test_a_missing_scenario_or_strategy_is_asked_for(kind: str) -> None:
    words = [word for word in ("scenario=stream", "strategy=plain") if not word.startswith(kind)]
    with pytest.raises(InputError, match=f"{kind}= is missing: there are: "):
        plan(words)


def test_a_strategy_without_the_scenarios_protocol_is_refused() -> None:
    with pytest.raises(
        InputError, match="'plain' cannot be run on 'shots', which needs the protocol 'few_shot'"
    ):
        plan(["scenario=shots", "strategy=plain"])


@pytest.mark.parametrize("folder", ["a b", "a,b", "it's", r"back\slash", "[x]{y}", "a=b", "end\\"])
def test_data_root_may_hold_what_the_grammar_gives_a_meaning(folder: str, tmp_path: Path) -> None:
    [run] = planned(f"data_root={tmp_path / folder}")
    assert run.data_root == tmp_path / folder


def test_a_settings_class_checks_its_values_together(light: Path) -> None:
    check = """def check(self):
        from hpbench.core.errors import InputError
        raise InputError("these two cannot go together")"""
    write_file(light / "strategies" / "picky.py", light_strategy_text(*COMMON, check))
    assert refusal(strategy="picky") == "these two cannot go together"


@pytest.mark.parametrize("line", ["needed: int", 'odd: dict = setting(None, "a mapping")'])
def test_settings_must_be_simple_and_have_defaults(light: Path, line: str) -> None:
    path = write_file(light / "strategies" / "odd.py", light_strategy_text(line))
    message = refusal(strategy="odd")
    assert message.startswith(f"{path}: Settings must be a dataclass of bool, int, float, str")
