"""The few-shot protocol: meta-train, select the best state on validation episodes, test on fixed episodes."""

from collections.abc import Iterator

from hpbench.core.columns import Column
from hpbench.protocols.protocol import Contradiction, Protocol, Row

_COLUMNS = (
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
    Column("train_shots", "int", "support samples of each of them", low=1, may_be_empty=True),
    Column("meta_steps", "int", "steps of meta-training done", low=0),
    Column("kept_step", "int", "step of the tested state, the best on validation episodes", low=0),
    Column(
        "validation_accuracy",
        "float",
        "accuracy of the tested state on validation episodes",
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
    Column("right_by_episode", "text", "correctly classified queries of each test episode, in order"),
    Column(
        "transductive", "bool", "whether the scores of a query depend on the other queries of its episode"
    ),
)


def _condition(row: Row) -> str:
    return f"{row['n_way']}w{row['k_shot']}s"


def _title(row: Row) -> str:
    trained = (
        f"meta-trained {row['train_ways']}-way {row['train_shots']}-shot"
        if row["meta_steps"]
        else "not meta-trained"
    )
    sight = ", transductive" if row["transductive"] else ""
    return (
        f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['split']} split, {row['n_way']}-way "
        f"{row['k_shot']}-shot, {row['episodes']} {row['evaluated_on']} episodes, {trained}{sight})"
    )


def accuracy_by_episode(row: Row) -> list[float]:
    """The accuracy in each test episode, in the order of the episodes."""
    queries = row["n_way"] * row["queries"]
    return [int(right) / queries for right in row["right_by_episode"].split()]


def _contradictions(row: Row) -> Iterator[Contradiction]:
    right = [int(one) for one in row["right_by_episode"].split()]
    queries = row["n_way"] * row["queries"]
    expected = sum(right) / (len(right) * queries)
    if len(right) != row["episodes"]:
        yield "right_by_episode", f"{len(right)} numbers, but episodes={row['episodes']}"
    elif max(right) > queries:
        yield "right_by_episode", f"{max(right)} right queries, but an episode has {queries}"
    elif abs(expected - row["accuracy"]) > 1e-6:
        yield "accuracy", f"{row['accuracy']}, but right_by_episode gives {expected}"


FEW_SHOT = Protocol(
    name="few_shot",
    version="1",
    builder="few_shot",
    columns=_COLUMNS,
    compared=("evaluated_on", "episodes_sha256"),
    accuracy="mean accuracy over test episodes",
    shown=("interval", "validation_accuracy", "kept_step"),
    figures={},
    details={
        "network": "network",
        "train_ways": "trained N",
        "train_shots": "trained K",
        "transductive": "transductive",
    },
    condition=_condition,
    title=_title,
    contradictions=_contradictions,
    contradictions_of_record=lambda row, record: iter(()),  # right_by_episode already has every episode
    runs="hpbench.runs.few_shot:run",
    picture="hpbench.report.episodes:episodes_picture",
    table="",
    by_item=accuracy_by_episode,
)
