"""`hpbench export`: a kept model as a NIR graph, or its figures as NeuroBench writes them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpbench.cli.folders import RESULTS, FolderPath, out_option, results_folder
from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.core.log import start_log

if TYPE_CHECKING:
    from hpbench.kept.model import KeptModel

NAMES = {"nir": "network.nir", "neurobench": "neurobench.json"}
"""Formats, and the files that they are written to."""


@click.command()
@click.argument("run")
@click.argument("kind", type=click.Choice(list(NAMES)))
@click.option(
    "--to", "target", type=FolderPath(dir_okay=False), help="The file. Default: in the run's folder."
)
@click.option(
    "--mean-decay",
    is_flag=True,
    help="For nir: replace the decay of weights within a sample's window by its mean, an approximation.",
)
@click.option(
    "--data-root", type=FolderPath(), help="For neurobench: folder of the data, as data_root= of a run."
)
@out_option(RESULTS)
def export(
    run: str, kind: str, target: Path | None, mean_decay: bool, data_root: Path | None, out: Path | None
) -> None:
    """Write the model that RUN kept (save=model) for other tools.

    nir: the network of spiking neurons as a graph of the Neuromorphic Intermediate Representation, which
    snnTorch, SpikingJelly and others read. neurobench: accuracy, footprint, sparsity and synaptic operations
    on the test samples of the run's scenario, as NeuroBench's results in JSON.
    """
    start_log(verbose=False)
    if kind != "nir" and mean_decay:
        raise InputError("--mean-decay is for nir: leave it out")
    from hpbench.kept.model import load_model
    from hpbench.runs.find_model import find_model

    kept = load_model(find_model(run, results_folder(out)))
    path = target or kept.path.parent / NAMES[kind]
    if kind == "nir":
        _write_nir(kept, path, mean_decay)
    else:
        from hpbench.cli.evaluate import own_task
        from hpbench.runs.neurobench import neurobench_results

        results = neurobench_results(kept, own_task(kept, data_root))
        write_atomically(path, json.dumps(results, indent=4))
    click.echo(f"{kept}: written to {path}")


def _write_nir(kept: "KeptModel", path: Path, mean_decay: bool) -> None:
    from hpbench.export.nir_file import write_nir
    from hpbench.export.nir_graph import nir_graph
    from hpbench.learning.strategy import network_of, prototypes_of

    strategy = kept.strategy
    if strategy is None:
        raise InputError(
            f"NIR: {kept} is a few-shot learner, whose output layer learns at test; NIR has no plasticity"
        )
    graph = nir_graph(network_of(strategy), mean_decay=mean_decay)
    graph.metadata |= {"run_id": kept.run_id, "strategy": kept.described["strategy"]}
    write_nir(path, graph)
    if prototypes_of(strategy) is not None:
        click.echo(
            "The class memory (prototypes) is not in the graph: its scores are not the network's spikes."
        )
    click.echo(
        f"{len(graph.nodes)} nodes; a sample is shown for {graph.metadata['steps']} steps "
        f"({graph.metadata['encoding']} "
        f"encoding), weights' decay: {graph.metadata['weight_decay']}"
    )
