"""`hpbench evaluate`: a kept model on another scenario, on one's own images, or on episodes in files."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpbench.cli.completion import OVERRIDE
from hpbench.cli.folders import RESULTS, FolderPath, out_option, results_folder
from hpbench.core.errors import InputError, nearest
from hpbench.core.log import start_log

if TYPE_CHECKING:
    from hpbench.core.run import Run
    from hpbench.kept.model import KeptModel
    from hpbench.runs.evaluated import Evaluation

_SOURCES = ("images", "episodes", "pairs")
_DEVICE = "device"


@click.command()
@click.argument("run")
@click.argument("words", nargs=-1, type=OVERRIDE)
@click.option("--json", "written", type=FolderPath(dir_okay=False), help="Write the figures to this file.")
@out_option(RESULTS)
def evaluate(run: str, words: tuple[str, ...], written: Path | None, out: Path | None) -> None:
    """Test the model that RUN kept (save=model) on other data, with the metrics of its protocol.

    RUN is the run's id, or a beginning of it, or the path of its folder or model. WORDS say what it is tested
    on:

    \b
    scenario=NAME scenario.n_way=20 …   a scenario with its settings; without it, the run's own
    images=FOLDER                       your images: a folder for each class (a few-shot learner gets
                                        episodes of them, as scenario.n_way=…, scenario.k_shot=… say)
    episodes=FOLDER                     few-shot episodes: support/CLASS/IMAGE and query/CLASS/IMAGE
    pairs=FILE.csv                      one-shot episodes: lines query,support (Omniglot's runs, too)
    """
    start_log(verbose=False)
    from hpbench.kept.model import load_model
    from hpbench.runs.device import find_device
    from hpbench.runs.find_model import find_model

    source, others = _parted(words)
    path = find_model(run, results_folder(out))
    kept = load_model(path, find_device(_device(others)))
    from hpbench.cli.terminal import open_console

    console = open_console()
    figures = []
    for title, found in _evaluations(kept, source, others):
        _show(console, kept, title, found)
        figures.append({"tested_on": title, **found.columns, **found.details})
    if written is not None:
        from hpbench.core.files import write_atomically

        model = {"run_id": kept.run_id, "strategy": kept.described["strategy"], "model": str(kept.path)}
        write_atomically(written, json.dumps({**model, "evaluations": figures}, indent=1))


def _parted(words: Sequence[str]) -> tuple[tuple[str, Path] | None, list[str]]:
    """What is tested on if it is files: kind and path; and the other words."""
    sources = [word.partition("=") for word in words if word.partition("=")[0] in _SOURCES]
    others = [word for word in words if word.partition("=")[0] not in _SOURCES]
    named = [word for word in others if word.startswith("scenario=")]
    if len(sources) + len(named) > 1:
        raise InputError(
            f"expected one of scenario=, {', '.join(f'{one}=' for one in _SOURCES)}, got several"
        )
    for word in others:
        key, equals, _ = word.partition("=")
        if not equals or key.partition(".")[0] not in ("scenario", _DEVICE, "data_root"):
            raise InputError(
                f"{word!r}: expected scenario=NAME, images=FOLDER, episodes=FOLDER, pairs=FILE, settings as "
                "in scenario.n_way=20, device= or data_root=; the strategy's settings are those of the run"
            )
    if not sources:
        return None, others
    kind, _, value = sources[0]
    if not value:
        raise InputError(f"{kind}= has no value: name a {'file' if kind == 'pairs' else 'folder'}")
    return (kind, Path(value)), others


def _device(words: Sequence[str]) -> str:
    wanted = next((word.partition("=")[2] for word in words if word.startswith(f"{_DEVICE}=")), "auto")
    if wanted not in ("auto", "cpu", "cuda"):
        raise InputError(f"device={wanted}: {nearest(wanted, ['auto', 'cpu', 'cuda'])}")
    return wanted


def _evaluations(
    kept: "KeptModel", source: tuple[str, Path] | None, others: list[str]
) -> Iterator[tuple[str, "Evaluation"]]:
    from hpbench.data.images.given_files import class_folders, folder_episodes, pair_episodes
    from hpbench.runs.evaluated import on_files, on_folders, on_task
    from hpbench.runs.scenario_task import scenario_task

    if source is not None and source[0] != "images":
        kind, path = source
        settings = [word for word in others if word.startswith("scenario.")]
        if settings:
            raise InputError(f"{settings[0]} has no effect with {kind}=, whose episodes are given")
        yield str(path), on_files(kept, (folder_episodes if kind == "episodes" else pair_episodes)(path))
        return
    for run in _planned(kept, others):
        settings = run.scenario_settings
        if source is None:
            task = scenario_task(run, str(kept.device), click.echo)
            yield f"{run.scenario} ({task.dataset}, {settings.evaluate_on} part)", on_task(kept, task)
            continue
        images = class_folders(source[1])
        total = sum(map(len, images.values()))
        name = f"{source[1]} ({len(images)} classes, {total} images)"
        drawn = [
            getattr(settings, one, 0) for one in ("n_way", "k_shot", "queries", "episodes", "episode_seed")
        ]
        from hpbench.tasks.few_shot import Shape

        yield name, on_folders(kept, images, Shape(*drawn[:3]), *drawn[3:])  # type: ignore[arg-type]


def _planned(kept: "KeptModel", words: Sequence[str]) -> "list[Run]":
    """Runs with the scenario's settings; those of the run's own scenario are the defaults there."""
    from hpbench import registry
    from hpbench.plan.compose import sweep
    from hpbench.runs.evaluated import check_kind

    own, keys = kept.described, {word.partition("=")[0] for word in words}
    if "scenario" not in keys:
        before = [word for word in own["overrides"].split() if word.startswith("scenario.")]
        more = [word for word in before if word.partition("=")[0] not in keys]
        words = [f"scenario={own['scenario']}", *more, *words]
    for name in next(word.partition("=")[2] for word in words if word.startswith("scenario=")).split(","):
        check_kind(kept, registry.find("scenarios", name).protocols[0])
    runs = []
    for one in sweep([*words, f"strategy={own['strategy']}"]):
        assert one.run is not None  # as the strategy has the protocol
        getattr(one.run.scenario_settings, "check", lambda: None)()
        runs.append(one.run)
    return runs


def own_task(kept: "KeptModel", data_root: Path | None = None) -> Any:
    """The task that the model was trained on, with its data. Raises InputError if these are not here."""
    [run] = _planned(kept, [f"data_root={data_root}"] if data_root else [])
    from hpbench.runs.scenario_task import scenario_task

    return scenario_task(run, str(kept.device), click.echo)


def _show(console: Any, kept: "KeptModel", title: str, found: "Evaluation") -> None:
    """The figures, named as in a run's results."""
    from hpbench.protocols.table import protocol_named
    from hpbench.report.percent import percent

    protocol, own = protocol_named(found.protocol), kept.described
    console.print(f"{own['strategy']}, trained on {own['scenario']} (run {kept.run_id}), tested on {title}")
    columns: Mapping[str, Any] = {"right_by_episode": "", "disturbance": "", **found.columns}
    if protocol.table:
        table = protocol.part("table")(own["strategy"], columns, found.details, [])
        if table is not None:
            console.print(table)
    for name, share in found.details.get("by_class", {}).items():
        console.print(f"  class {name}: {percent(share)} %")
    meanings = {column.name: column.meaning for column in protocol.all_columns}
    meanings["accuracy"] = protocol.accuracy.format(**columns)
    for name in ("accuracy", *protocol.shown):
        if columns.get(name) is not None:
            console.print(f"{meanings[name]}: {percent(columns[name])} %")
    episodes = columns.get("episodes")
    if episodes and "n_way" in columns:
        console.print(f"{episodes} episodes, {columns['n_way']}-way {columns['k_shot']}-shot")
    elif episodes:
        console.print(f"{episodes} episode{'s' if episodes > 1 else ''}")
    if columns.get("diverged"):
        console.print(f"DIVERGED: {columns['diverged']}. The figures say nothing of the model.")
