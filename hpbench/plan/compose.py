"""From one combination of overrides to one typed Run, in Hydra's grammar and types."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import MISSING, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from hpbench import registry
from hpbench.core.acting import without_effect
from hpbench.core.columns import MOST_THREADS
from hpbench.core.errors import FAULTS, InputError, nearest
from hpbench.core.paths import expanded
from hpbench.core.presets import preset_named
from hpbench.core.quiet import quiet_libraries
from hpbench.core.run import Run
from hpbench.core.settings import check_settings, check_values, setting, typed, with_defaults
from hpbench.core.stream import stream_of, why_not
from hpbench.plan.command import NAMES
from hpbench.plan.sweep import combinations
from hpbench.plan.typed_settings import resolved
from hpbench.protocols.table import PROTOCOLS


@dataclass
class RunSettings:
    """Settings of a run that are neither the scenario's nor the strategy's."""

    seed: int = setting(0, "seed of Python, NumPy, torch and the loaders", low=0, high=2**32 - 1)
    device: str = setting(
        "auto", "device of the tensors; auto is a GPU if there is one", choices=("auto", "cpu", "cuda")
    )
    threads: int = setting(
        1,
        "CPU threads of torch; other numbers of threads can change the last bits of figures",
        low=1,
        high=MOST_THREADS,
    )
    data_root: str = setting("", "folder of the data sets; if empty, HPBENCH_DATA, else the cache folder")
    save: str = setting(
        "",
        "what is kept beside the row: the trained model, as a file in the run's folder",
        choices=("", "model"),
    )
    log: str = setting(
        "",
        "what is written of the training, into the run's folder, which begins anew if it was killed: curves "
        "for tensorboard, or snapshots of the network at chosen steps",
        choices=("", "tensorboard", "snapshots"),
    )


@dataclass
class _Root(RunSettings):
    scenario: Any = MISSING
    strategy: Any = MISSING


class Planned(NamedTuple):
    """A run of a sweep as typed on the command line.

    `reason`: why it cannot be executed; empty if it can. `run` is None for a strategy without the scenario's
    protocol, as there are then no settings to check.
    """

    words: str
    run: Run | None
    reason: str


def plan(overrides: Sequence[str]) -> list[Run]:
    """The runs of a command line, as `sweep` returns them.

    Raises InputError also for the first run that cannot be executed.
    """
    planned = sweep(overrides)
    for one in planned:
        if one.reason:
            raise InputError(one.reason)
    return [one.run for one in planned if one.run is not None]


@quiet_libraries()
def sweep(overrides: Sequence[str]) -> list[Planned]:
    """The runs of a command line, in its order, each with the reason why it cannot be executed, if any.

    Reasons are settings that exclude each other or have no effect in combination, a strategy that lacks the
    scenario's protocol, and one that cannot learn the stream. Raises InputError for what is wrong in any
    combination: unknown names, wrong types, values out of range.
    """
    chosen = combinations(overrides)
    for kind in ("scenario", "strategy"):
        if kind not in chosen[0]:
            raise InputError(f"{kind}= is missing: {nearest('', _names(kind))}")
    return [_compose(combination, chosen) for combination in chosen]


def _names(kind: str) -> list[str]:
    entries = registry.entries("scenarios" if kind == "scenario" else "strategies")
    return [entry.name for entry in entries]


def _compose(combination: dict[str, str], all_combinations: Sequence[dict[str, str]]) -> Planned:
    scenario = registry.find("scenarios", combination["scenario"])
    strategy, combination = _expanded(combination)
    if scenario.protocols[0] not in strategy.protocols:
        able = [one.name for one in registry.entries("strategies") if scenario.protocols[0] in one.protocols]
        reason = (
            f"strategy {strategy.name!r} cannot be run on {scenario.name!r}, which needs the protocol "
            f"{scenario.protocols[0]!r}; these can: {', '.join(able)}"
        )
        return Planned(" ".join(f"{key}={value}" for key, value in combination.items()), None, reason)
    protocol = scenario.protocols[0]
    classes = {
        "scenario": _settings_class(scenario, protocol),
        "strategy": _preset(_settings_class(strategy, protocol), scenario),
    }
    _check_keys(combination, classes, all_combinations)
    values = {key: value for key, value in combination.items() if key not in classes}
    run = resolved(_Root(**{group: one() for group, one in classes.items()}), values)
    check_settings(run, "")
    check_values(run.scenario, "scenario")
    check_values(run.strategy, "strategy")
    reason = _cannot_be_done(scenario, strategy, run.scenario, run.strategy)
    if run.log and scenario.protocols[0] == "few_shot":
        reason = reason or (
            f"log={run.log} has no effect on few-shot scenarios, whose learners Avalanche does not train: "
            "leave it out (record.json has the curve of meta-training)"
        )
    made = Run(
        scenario=scenario.name,
        strategy=strategy.name,
        scenario_settings=run.scenario,
        strategy_settings=run.strategy,
        seed=run.seed,
        device=run.device,
        threads=run.threads,
        data_root=expanded(Path(run.data_root)) if run.data_root else None,
        save=run.save,
        log=run.log,
    )
    return Planned(str(made), made, reason)


def _cannot_be_done(
    scenario: registry.Entry, strategy: registry.Entry, of_scenario: Any, of_strategy: Any
) -> str:
    """The reason why these settings cannot be run; empty if they can."""
    for entry, settings in ((scenario, of_scenario), (strategy, of_strategy)):
        try:
            getattr(settings, "check", lambda: None)()
        except InputError as error:
            return str(error)
        except FAULTS as error:
            raise InputError(f"{entry.path}: check() failed: {type(error).__name__}: {error}") from error
    protocol = scenario.protocols[0]
    stream = stream_of(of_scenario, protocol)
    builder = getattr(registry.load(strategy), PROTOCOLS[protocol].builder)
    try:
        return (
            without_effect(of_scenario, "scenario", of_strategy)
            or without_effect(of_strategy, "strategy", stream)
            or why_not(builder, of_strategy, stream)
        )
    except InputError as error:
        return str(error)
    except FAULTS as error:
        raise InputError(f"{strategy.path}: skip() failed: {type(error).__name__}: {error}") from error


def _expanded(combination: dict[str, str]) -> tuple[registry.Entry, dict[str, str]]:
    """The strategy, and the combination with the settings of its preset ("hp:prototypes") written out.

    Settings in the combination take precedence over those of the preset.
    """
    name, colon, preset = combination["strategy"].partition(":")
    strategy = registry.find("strategies", name)
    if not colon:
        return strategy, combination
    chosen = preset_named(preset, name, strategy.presets).settings
    words = {f"strategy.{setting}": typed(value) for setting, value in chosen.items()}
    return strategy, {**words, **combination, "strategy": name}


def _settings_class(entry: registry.Entry, protocol: str) -> type:
    settings_class = registry.settings_class(entry, protocol)
    try:
        OmegaConf.structured(settings_class())
    except (OmegaConfBaseException, TypeError) as error:
        raise InputError(
            f"{entry.path}: {settings_class.__name__} must be a dataclass of bool, int, float, str and lists "
            f"of these, each with a default: {str(error).splitlines()[0]}"
        ) from error
    return settings_class


def _preset(settings_class: type, scenario: registry.Entry) -> type:
    """A strategy's settings class with the defaults in the scenario's STRATEGY_PRESET."""
    preset = with_defaults(settings_class, registry.preset(scenario))
    try:
        OmegaConf.structured(preset())
    except (OmegaConfBaseException, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{scenario.path}: STRATEGY_PRESET does not fit the settings: {reason}") from error
    return preset


def _check_keys(
    combination: dict[str, str], classes: dict[str, type], all_combinations: Sequence[dict[str, str]]
) -> None:
    """Raise InputError for a key that is no setting here; names the strategies of the sweep that have it."""
    top = [*(one.name for one in dataclasses.fields(RunSettings)), *NAMES]
    known = {group: [one.name for one in dataclasses.fields(cls)] for group, cls in classes.items()}
    everything = ["scenario", "strategy", *top]
    everything += [f"{group}.{name}" for group, names in known.items() for name in names]
    for key in combination:
        if key in everything:
            continue
        group, dot, name = key.partition(".")
        if not dot or group not in known:
            full = [one for one in everything if one.endswith(f".{key}")]
            offer = f"did you mean {' or '.join(full)}?" if full else nearest(key, everything)
            raise InputError(f"unknown setting {key!r}: {offer}")
        owner = combination[group]
        others = {other[group] for other in all_combinations} - {owner}
        having = sorted(other for other in others if name in _fields(group, other))
        if having:
            raise InputError(
                f"{key} is a setting of {', '.join(having)}, not of {owner}: run them in separate commands"
            )
        offer = nearest(name, known[group]).replace("'", "")
        raise InputError(f"{group} {owner!r} has no setting {name!r}: {offer}")


def _fields(group: str, name: str) -> list[str]:
    kind: registry.Kind = "scenarios" if group == "scenario" else "strategies"
    entry = registry.find(kind, name.partition(":")[0])
    classes = [_settings_class(entry, protocol) for protocol in entry.protocols]
    return [one.name for found in classes for one in dataclasses.fields(found)]
