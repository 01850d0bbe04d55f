"""Columns of a leaderboard: the type that describes one, and those that all protocols share."""

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, unit, meaning and inclusive range.

    `may_be_empty` is for a figure that is undefined for some rows (forgetting of joint training), never for
    one that was not measured.
    """

    name: str
    kind: Literal["text", "int", "float", "bool"]
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    may_be_empty: bool = False

    @property
    def is_share(self) -> bool:
        """Whether the value is a fraction from 0 to 1, which is printed in per cent."""
        return self.kind == "float" and self.high == 1


LONGEST_WORD = 64
"""Characters in a name, a version or a word."""

WORD = re.compile(r"\w[\w.+:-]*", re.ASCII)
"""What most texts in a row are: no spreadsheet, page or terminal takes them for anything else."""

MOST_THREADS = 1024
"""More than any machine has cores; torch crashes when the system cannot start as many as it is asked for."""

IDENTITY = (
    Column("scenario", "text", "scenario's name"),
    Column("scenario_version", "text", "VERSION of the scenario's file"),
    Column("dataset", "text", "name of the data set as found"),
    Column("dataset_sha256", "text", "SHA-256 of its inputs and labels"),
    Column("strategy", "text", "strategy's name"),
    Column(
        "strategy_version",
        "text",
        "VERSION of the strategy's file; code-… is a hash of the file and of what it imports from its own "
        "folder, where it has no VERSION; sources-… marks a row older than versions",
    ),
    Column("protocol", "text", "how it was trained and tested"),
    Column("protocol_version", "text", "VERSION of the protocol; 0 for a row older than versions"),
    Column(
        "overrides",
        "text",
        "settings that differ from the defaults of these versions, as typed on the command line",
        may_be_empty=True,
    ),
    Column("seed", "int", "seed of Python, NumPy, torch and the loaders", low=0),
)
"""The identity of a run: `run_id` is a hash of these columns, in this order."""

MADE_BY = (
    Column("device", "text", "device of the tensors: cpu, or the model of the GPU"),
    Column(
        "processor", "text", "model of the CPU; figures can differ in rounding between two", may_be_empty=True
    ),
    Column(
        "threads",
        "int",
        "CPU threads of torch; figures can differ in rounding",
        low=1,
        high=MOST_THREADS,
        may_be_empty=True,
    ),
    Column("hpbench_version", "text", "version of this package"),
    Column("commit", "text", "commit of the package's checkout", may_be_empty=True),
    Column(
        "checkout",
        "text",
        "whether the package's sources are those of that commit: clean, changed, unknown (git failed) or "
        "none (no checkout)",
    ),
    Column("sources_hash", "text", "hash of all sources of the package", may_be_empty=True),
    Column("python_version", "text", "version of Python", may_be_empty=True),
    Column("torch_version", "text", "version of torch", may_be_empty=True),
    Column("numpy_version", "text", "version of NumPy", may_be_empty=True),
    Column("norse_version", "text", "version of Norse", may_be_empty=True),
    Column("avalanche_version", "text", "version of Avalanche", may_be_empty=True),
    Column(
        "own_code",
        "text",
        "where a strategy or scenario that is not the package's comes from: a package and its version, the "
        "commit of a repository and whether the files are as in it (clean or changed), or none",
        may_be_empty=True,
    ),
)
"""The code and the machine that made a row; not part of the run's identity."""

COMMON = (
    Column("run_id", "text", "hash of the columns of the run's identity"),
    *IDENTITY,
    Column("accuracy", "float", "main score of the board", low=0, high=1),
    Column("network", "text", "kind of network"),
    Column("dialect", "text", "published variant of the hybrid-plasticity equations", may_be_empty=True),
    Column("surrogate", "text", "surrogate gradient of the spike", may_be_empty=True),
    Column(
        "trace_at_test",
        "text",
        "how the Hebbian trace behaves during testing; episode: the support is written into it sample by "
        "sample, so that scores depend on its order, or with strategy.at_once at once",
        may_be_empty=True,
    ),
    Column("encoding", "text", "how pixels enter a spiking network", may_be_empty=True),
    Column("time_steps", "int", "time steps shown per sample", low=1, may_be_empty=True),
    Column(
        "local_in_time",
        "bool",
        "whether an update needs the present step and traces of the past alone, not a stored window",
        may_be_empty=True,
    ),
    Column(
        "local_in_space",
        "bool",
        "whether no error passes through the synapses of another layer",
        may_be_empty=True,
    ),
    Column(
        "weight_transport",
        "bool",
        "whether errors come back through the transposed forward weights",
        may_be_empty=True,
    ),
    Column(
        "update_locking",
        "bool",
        "whether a layer's update waits for the layers above it",
        may_be_empty=True,
    ),
    Column("batch", "int", "samples per training batch", low=1),
    Column("footprint_bytes", "int", "parameters, buffers and traces", unit="B", low=0),
    Column(
        "activation_sparsity",
        "float",
        "share of (neuron, step) pairs without a spike, in all layers but the last (output or read-out)",
        low=0,
        high=1,
        may_be_empty=True,
    ),
    Column(
        "synops_dense",
        "float",
        "synaptic operations per sample if all inputs were non-zero",
        low=0,
        may_be_empty=True,
    ),
    Column(
        "synops_acs",
        "float",
        "accumulates per sample needed (inputs 0, 1, -1)",
        low=0,
        may_be_empty=True,
    ),
    Column(
        "synops_macs",
        "float",
        "multiply-accumulates per sample needed (other inputs)",
        low=0,
        may_be_empty=True,
    ),
    Column("trace_writes", "float", "trace entries written per training sample", low=0, may_be_empty=True),
    Column(
        "local_share",
        "float",
        "current from the Hebbian trace over total current, mean over layers",
        low=0,
        high=1,
        may_be_empty=True,
    ),
    Column(
        "diverged",
        "text",
        "what became infinite or no number, and when: the loss in training, or the scores at test",
        may_be_empty=True,
    ),
    Column("train_seconds", "float", "time of training", unit="s", low=0),
    Column("test_seconds", "float", "time of testing", unit="s", low=0),
    Column("peak_memory_mb", "float", "peak resident memory of the process", unit="MB", low=0),
    Column("peak_gpu_memory_mb", "float", "peak memory on the GPU", unit="MB", low=0, may_be_empty=True),
    *MADE_BY,
    Column("finished", "text", "end of the run, UTC, ISO 8601"),
)

OF_SPIKING = (
    "dialect",
    "surrogate",
    "trace_at_test",
    "encoding",
    "time_steps",
    "local_in_time",
    "local_in_space",
    "weight_transport",
    "update_locking",
)
"""Columns that only a spiking network fills."""
