"""Columns of a leaderboard row: what one is, and those that rows of every protocol have."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, unit, meaning and inclusive range.

    `may_be_empty` is for a figure that does not exist for some rows (forgetting of joint training),
    never for one that was not measured.
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
        """Whether it is a share of a whole, which people read in per cent."""
        return self.kind == "float" and self.high == 1


IDENTITY = (
    Column("scenario", "text", "scenario's name"),
    Column("scenario_version", "text", "VERSION of the scenario's file"),
    Column("dataset", "text", "name of the data set as found"),
    Column("dataset_sha256", "text", "SHA-256 of its inputs and labels"),
    Column("strategy", "text", "strategy's name"),
    Column(
        "strategy_version",
        "text",
        "VERSION of the strategy's file; code-… is the hash of a file without one and of what it imports "
        "from beside it; sources-… a row from before versions",
    ),
    Column("protocol", "text", "how it was trained and tested"),
    Column("protocol_version", "text", "VERSION of the protocol; 0 for a row from before versions"),
    Column(
        "overrides",
        "text",
        "settings that differ from the defaults of these versions, as one would type them",
        may_be_empty=True,
    ),
    Column("seed", "int", "seed of Python, NumPy, torch and the loaders", low=0),
)
"""What a run is: `run_id` is a hash of these columns, in this order."""

MADE_BY = (
    Column("device", "text", "where tensors lived"),
    Column(
        "processor", "text", "model of the CPU; figures can differ in rounding between two", may_be_empty=True
    ),
    Column(
        "threads", "int", "CPU threads of torch; figures can differ in rounding", low=1, may_be_empty=True
    ),
    Column("hpbench_version", "text", "version of this package"),
    Column("commit", "text", "commit of the package's checkout", may_be_empty=True),
    Column(
        "checkout",
        "text",
        "how the package's sources stand to that commit: clean, changed, unknown (git did not tell), or "
        "none: no checkout",
    ),
    Column("sources_hash", "text", "hash of all sources of the package", may_be_empty=True),
    Column("python_version", "text", "version of Python", may_be_empty=True),
    Column("torch_version", "text", "version of torch", may_be_empty=True),
    Column("numpy_version", "text", "version of NumPy", may_be_empty=True),
    Column("norse_version", "text", "version of Norse", may_be_empty=True),
    Column("avalanche_version", "text", "version of Avalanche", may_be_empty=True),
)
"""What a row says of the code and the machine that made it; no part of what the run is."""

COMMON = (
    Column("run_id", "text", "hash of the columns of the run's identity"),
    *IDENTITY,
    Column("accuracy", "float", "the board's main score", low=0, high=1),
    Column("network", "text", "kind of network"),
    Column("dialect", "text", "dialect of hybrid plasticity", may_be_empty=True),
    Column("surrogate", "text", "surrogate gradient of the spike", may_be_empty=True),
    Column("trace_at_test", "text", "how the trace behaves at test", may_be_empty=True),
    Column("encoding", "text", "how pixels enter a spiking network", may_be_empty=True),
    Column("time_steps", "int", "time steps shown per sample", low=1, may_be_empty=True),
    Column("batch", "int", "samples per training batch", low=1),
    Column("footprint_bytes", "int", "parameters, buffers and traces", unit="B", low=0),
    Column(
        "activation_sparsity",
        "float",
        "share of (neuron, step) pairs without a spike",
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
    Column("synops_acs", "float", "accumulates per sample needed (binary input)", low=0, may_be_empty=True),
    Column(
        "synops_macs",
        "float",
        "multiply-accumulates per sample needed (real input)",
        low=0,
        may_be_empty=True,
    ),
    Column("trace_writes", "float", "trace entries written per training sample", low=0, may_be_empty=True),
    Column(
        "local_share",
        "float",
        "mean over layers of local current over total current",
        low=0,
        high=1,
        may_be_empty=True,
    ),
    Column("train_seconds", "float", "time of training", unit="s", low=0),
    Column("test_seconds", "float", "time of testing", unit="s", low=0),
    Column("peak_memory_mb", "float", "peak resident memory of the process", unit="MB", low=0),
    Column("peak_gpu_memory_mb", "float", "peak memory on the GPU", unit="MB", low=0, may_be_empty=True),
    *MADE_BY,
    Column("finished", "text", "end of the run, UTC, ISO 8601"),
)
