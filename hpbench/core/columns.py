"""The columns of a leaderboard row, with their meanings."""

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


IDENTITY = (
    Column("scenario", "text", "scenario's name"),
    Column("scenario_version", "text", "version of the scenario file"),
    Column("dataset", "text", "name of the data set as found"),
    Column("dataset_sha256", "text", "SHA-256 of its images and labels"),
    Column("strategy", "text", "strategy's name"),
    Column("settings_hash", "text", "hash of all resolved settings of scenario and strategy"),
    Column("source_hash", "text", "hash of the sources of strategy, scenario and engine"),
    Column("seed", "int", "seed of Python, NumPy, torch and the loaders", low=0),
)
"""What a run is: `run_id` is a hash of these columns, in this order."""

COMMON = (
    Column("run_id", "text", "hash of the columns of the run's identity"),
    *IDENTITY,
    Column("protocol", "text", "how it was trained and tested"),
    Column("overrides", "text", "settings that differ from their defaults", may_be_empty=True),
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
    Column("device", "text", "where tensors lived"),
    Column("hpbench_version", "text", "version of this package"),
    Column("commit", "text", "commit of the package's checkout", may_be_empty=True),
    Column("dirty", "bool", "whether that checkout had uncommitted changes"),
    Column("finished", "text", "end of the run, UTC, ISO 8601"),
)

CONTINUAL = (
    Column("regime", "text", "class-, task- or domain-incremental"),
    Column("head", "text", "single or multi"),
    Column("task_identity_at_test", "bool", "whether the task label is given at test"),
    Column("boundaries", "text", "whether the strategy is told where an experience ends: told or hidden"),
    Column("memory_samples", "int", "stored samples of earlier experiences", unit="samples", low=0),
    Column("experiences", "int", "experiences in the stream", low=1),
    Column("passes", "int", "passes allowed over an experience's data", low=1),
    Column("epochs", "float", "passes made over an experience's data, mean", low=0),
    Column("selection", "text", "which pass was kept: last, or best on validation data"),
    Column("evaluated_on", "text", "test or validation part"),
    Column(
        "incremental_accuracy",
        "float",
        "mean over i of the mean accuracy on experiences up to i",
        low=0,
        high=1,
    ),
    Column(
        "forgetting",
        "float",
        "Chaudhry: best earlier accuracy minus the last",
        low=-1,
        high=1,
        may_be_empty=True,
    ),
    Column("bwt", "float", "backward transfer (Lopez-Paz)", low=-1, high=1, may_be_empty=True),
    Column("fwt", "float", "forward transfer (Lopez-Paz)", low=-1, high=1, may_be_empty=True),
    Column(
        "samples_to_80",
        "float",
        "samples until 80 % of the final training accuracy, mean over experiences",
        low=0,
        may_be_empty=True,
    ),
    Column("samples_to_90", "float", "the same for 90 %", low=0, may_be_empty=True),
    Column(
        "prototype_share",
        "float",
        "size of the class memory's part of the scores over that of both parts",
        low=0,
        high=1,
        may_be_empty=True,
    ),
)

FEW_SHOT = (
    Column(
        "interval", "float", "half width of the accuracy's 95 % interval over test episodes", low=0, high=1
    ),
    Column("n_way", "int", "classes of a test episode, N", low=2),
    Column("k_shot", "int", "support samples of each class of a test episode, K", low=1),
    Column("queries", "int", "query samples of each class of a test episode", low=1),
    Column("episodes", "int", "test episodes", low=2),
    Column("episodes_sha256", "text", "SHA-256 of the test episodes' indices"),
    Column("split", "text", "how classes are divided: by characters or by alphabets"),
    Column("evaluated_on", "text", "test or validation classes"),
    Column("train_ways", "int", "classes of a meta-training episode", low=2, may_be_empty=True),
    Column("train_shots", "int", "support samples of each", low=1, may_be_empty=True),
    Column("meta_steps", "int", "steps of meta-training done", low=0),
    Column("kept_step", "int", "step of the kept state, the best on validation episodes", low=0),
    Column(
        "validation_accuracy",
        "float",
        "of the kept state on validation episodes",
        low=0,
        high=1,
        may_be_empty=True,
    ),
    Column(
        "curve",
        "text",
        "accuracy on validation episodes over meta-training, as step:accuracy",
        may_be_empty=True,
    ),
    Column("right_by_episode", "text", "right queries of each test episode, in the order of the episodes"),
    Column("transductive", "bool", "whether queries of an episode are scored with sight of each other"),
)

ROBUSTNESS = (
    Column("clean_accuracy", "float", "accuracy on the tested samples as they are", low=0, high=1),
    Column(
        "mean_accuracy", "float", "mean over all levels of all disturbances that were tested", low=0, high=1
    ),
    Column(
        "relative_drop",
        "float",
        "what the largest level of the ranked disturbance takes away, as a share of the clean accuracy",
        high=1,
        may_be_empty=True,
    ),
    Column(
        "area_under_curve",
        "float",
        "area under accuracy over level, as a share of the span of the levels",
        low=0,
        high=1,
        may_be_empty=True,
    ),
    Column("disturbance", "text", "the ranked disturbance: `accuracy` is the mean over its levels"),
    Column("by_level", "text", "accuracies, as disturbance:level:accuracy"),
    Column("tested_samples", "int", "samples tested at each level", low=1),
    Column("test_order", "text", "order of the tested samples: of the data, or by class"),
    Column("adversarial_epsilon", "float", "ε of adversarial training, 0 for none", low=0, high=1),
    Column("passes", "int", "passes allowed over the training data", low=1),
    Column("epochs", "float", "passes made over it", low=0),
    Column("selection", "text", "which pass was kept: last, or best on validation data"),
    Column("evaluated_on", "text", "test or validation part"),
    Column(
        "prototype_share",
        "float",
        "size of the class memory's part of the scores over that of both parts",
        low=0,
        high=1,
        may_be_empty=True,
    ),
)

BY_PROTOCOL = {"continual": CONTINUAL, "few_shot": FEW_SHOT, "robustness": ROBUSTNESS}


def columns_of(protocol: str) -> tuple[Column, ...]:
    """All columns of a board of this protocol, in the order of the file."""
    return COMMON + BY_PROTOCOL[protocol]
