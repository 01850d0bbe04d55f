"""Settings without effect, and combinations that cannot be run, are told before anything starts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from toy import light_strategy_text, write_file, write_toy

from hpbench import registry
from hpbench.core.acting import conditions_of
from hpbench.core.errors import InputError
from hpbench.plan.compose import plan, sweep

ON = ("strategy.prototypes=on",)
REFUSED = [
    ("split_mnist", "hp", "strategy.mix=0.5", "strategy.prototypes=on"),
    ("split_mnist", "hp", "strategy.expansion=64", "strategy.prototypes=on"),
    ("split_mnist", "hp", "strategy.columns=64", "strategy.prototypes=on"),
    ("split_mnist", "hp", "strategy.feature_drift=slow", "strategy.prototypes=on"),
    ("split_mnist", "hp", "strategy.slow_factor=0.5", "strategy.feature_drift=slow"),
    ("split_mnist", "hp", "strategy.prototype_shrinkage=0.5", "strategy.prototypes=on"),
    ("split_mnist", "hp", "strategy.kernel_size=3", "strategy.kernels"),
    ("split_mnist", "hp", "strategy.stride=1", "strategy.kernels"),
    ("split_mnist", "hp", "strategy.theta_inner_step=0.5", "strategy.theta_gradient=exact, stop_gradient or"),
    ("split_mnist", "hp", "strategy.theta_pairing=halves", "strategy.theta_gradient=exact"),
    ("split_mnist", "hp", "scenario.max_rate=100", "scenario.encoding=poisson"),
    ("split_mnist", "ann", "scenario.time_steps=5", "spiking neurons in the strategy"),
    ("split_mnist", "ann", "scenario.encoding=poisson", "a spiking network"),
    ("split_mnist", "ewc", "strategy.trace_decay=0.5", "strategy.network=hp or lp"),
    ("split_mnist", "ncm", "strategy.lr=0.5", "strategy.features=network"),
    ("split_mnist", "ncm", "strategy.learning_experiences=0", "strategy.features=network"),
    ("split_mnist", "ncm", "scenario.passes=3", "a strategy that learns in passes"),
    ("split_mnist", "gdumb", "scenario.passes=3", "a strategy that learns in passes"),
    ("split_mnist", "decolle", "strategy.padding=1", "strategy.kernels"),
    ("split_mnist", "decolle", "strategy.refractory_tau=5.0", "strategy.refractory_weight"),
    ("noisy_mnist", "ewc", "strategy.ewc_lambda=5", "several experiences"),
    ("noisy_mnist", "gp", "scenario.attack_steps=5", "scenario.disturbances=pgd"),
    ("noisy_mnist", "gp", "scenario.attack_queries=5", "scenario.disturbances=square"),
    ("noisy_nmnist", "gp", "scenario.tau=5", "scenario.representation=time_surface"),
    ("noisy_saccade_mnist", "gp", "scenario.skip_damaged=on", "scenario.tested_on=nmnist"),
    ("omniglot", "hp", "strategy.inner_lr=0.1", "strategy.inner_steps"),
    ("omniglot", "protonet", "strategy.threshold=0.5", "strategy.network=spiking"),
    ("omniglot", "ncm", "scenario.rotations=off", "meta-training"),
]


@pytest.mark.parametrize(("scenario", "strategy", "word", "needs"), REFUSED)
def test_a_setting_without_effect_is_refused_with_what_it_needs(
    scenario: str, strategy: str, word: str, needs: str
) -> None:
    with pytest.raises(InputError, match="has no effect without") as refused:
        plan([f"scenario={scenario}", f"strategy={strategy}", word])
    message = str(refused.value)
    assert message.startswith(word.split("=")[0]) and needs in message and "leave it out" in message


@pytest.mark.parametrize(
    "words",
    [
        ("strategy=hp", *ON, "strategy.mix=0.5", "strategy.mix_samples=5", "strategy.slow_factor=0.01"),
        ("strategy=hp", *ON, "strategy.feature_drift=slow", "strategy.slow_factor=0.1"),
        ("strategy=hp", "strategy.kernels=[4]", "strategy.kernel_size=3"),
        ("strategy=ann", *ON, "strategy.expansion=64", "scenario.time_steps=5"),
        ("strategy=ncm", "strategy.features=network", "strategy.lr=0.1", "scenario.passes=3"),
        ("strategy=ewc", "strategy.network=hp", "strategy.trace_decay=0.5"),
        ("strategy=decolle", "strategy.preset=published", "strategy.padding=1"),
        ("strategy=gp", "scenario.encoding=poisson", "scenario.max_rate=100"),
    ],
)
def test_it_is_taken_beside_what_it_needs(words: tuple[str, ...]) -> None:
    assert len(plan(["scenario=split_mnist", *words])) == 1


def test_what_a_scenario_presets_is_never_refused() -> None:
    [run] = plan(["scenario=permuted_mnist", "strategy=ncm"])
    assert run.overrides == ""
    plan(["scenario=noisy_nmnist", "strategy=ncm"])  # has kernels, though ncm is on pixels


def test_settings_that_never_act_are_not_there() -> None:
    without = {"decolle", "der", "icarl", "ncm", "slda"}
    for name in without:
        found = conditions_of(registry.settings_class(registry.find("strategies", name), "continual"))
        assert [one for one in found if one.startswith("prototype")] == []
    for name in ("maml", "protonet", "gp"):
        assert "theta_lr" not in conditions_of(
            registry.settings_class(registry.find("strategies", name), "few_shot")
        )


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a strategy `own` with this function `skip` beside the toy scenario."""
    monkeypatch.setenv("HPBENCH_PATH", str(write_toy(tmp_path)))

    def write(body: str) -> None:
        text = light_strategy_text('rate: float = setting(0.1, "step")')
        write_file(tmp_path / "strategies" / "own.py", f"{text}\n\ndef skip(settings, stream):\n    {body}\n")

    return write


def test_a_strategy_of_ones_own_says_why_it_cannot_be_run(own: Callable[..., None]) -> None:
    own('return "not today" if stream.regime == "task" and settings.rate > 1 else ""')
    words = ["scenario=toy", "strategy=own", "strategy.rate=0.5,2", "scenario.regime=task,class"]
    planned = sweep(words)
    assert [one.reason for one in planned] == ["", "", "not today", ""]
    with pytest.raises(InputError, match="not today"):
        plan(words)


@pytest.mark.parametrize(("body", "name"), [("return 1 / 0", "ZeroDivisionError"), ("exit(0)", "SystemExit")])
def test_a_skip_that_fails_is_told_with_its_file(own: Callable[..., None], body: str, name: str) -> None:
    own(body)
    with pytest.raises(InputError, match=rf"own\.py: skip\(\) failed: {name}"):
        sweep(["scenario=toy", "strategy=own"])


SCENARIOS = [one.name for one in registry.shipped("scenarios")]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_strategy_can_be_planned_on_every_scenario_or_says_why_not(scenario: str) -> None:
    protocol = registry.find("scenarios", scenario).protocols[0]
    able = [one.name for one in registry.shipped("strategies") if protocol in one.protocols]
    planned = sweep([f"scenario={scenario}", f"strategy={','.join(able)}"])
    cannot = {one.run.strategy for one in planned if one.reason}
    boundaries = {"agem", "der", "ewc", "gdumb", "gem", "icarl", "lwf", "si"}
    expected = {
        **{one: boundaries for one in SCENARIOS if one.startswith("online")},
        "permuted_mnist": {"decolle", "icarl"},  # the former for its windows of 3 steps
        "online_permuted_mnist": boundaries | {"decolle"},
        # Passes are compared on validation data by default; these have none to compare.
        **{one: {"icarl", "ncm", "slda"} for one in ("mnist", "fashion_mnist", "cifar10")},
        # It learns against attacks by gradient, which the code delta does not pass on.
        **{one: {"hp_fgsm"} for one in ("split_japanese_vowels", "noisy_japanese_vowels")},
    }
    assert cannot == expected.get(scenario, set())
    assert all(len(one.reason.splitlines()) <= 1 for one in planned)
