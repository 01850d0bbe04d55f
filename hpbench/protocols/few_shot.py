"""The few-shot protocol: meta-train, select the best state on validation episodes, test on fixed episodes."""

import statistics
from collections.abc import Iterator

from hpbench.core.columns import Column
from hpbench.protocols.protocol import Contradiction, Protocol, Row, apart

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


_CURVE_ROUNDING = 0.5e-4 + 1e-9
"""Largest rounding of an accuracy in `curve`, which has four decimals."""


def _contradictions(row: Row) -> Iterator[Contradiction]:
    yield from _episode_contradictions(row)
    yield from _training_contradictions(row)


def _episode_contradictions(row: Row) -> Iterator[Contradiction]:
    """Of the figures that follow from the right queries of each test episode."""
    right = [int(one) for one in row["right_by_episode"].split()]
    queries = row["n_way"] * row["queries"]
    if len(right) != row["episodes"]:
        yield "right_by_episode", f"{len(right)} numbers, but episodes={row['episodes']}"
        return
    if max(right) > queries:
        yield "right_by_episode", f"{max(right)} right queries, but an episode has {queries}"
        return
    accuracies = [one / queries for one in right]
    interval = 1.96 * statistics.stdev(accuracies) / len(accuracies) ** 0.5
    for column, expected in (("accuracy", statistics.fmean(accuracies)), ("interval", interval)):
        if apart(row[column], expected, 1e-6):
            yield column, f"{row[column]}, but right_by_episode gives {expected}"


def _training_contradictions(row: Row) -> Iterator[Contradiction]:
    """Of the steps of meta-training and their validations."""
    curve = [(int(step), float(accuracy)) for step, accuracy in _looks(row["curve"] or "")]
    steps = [step for step, _ in curve]
    if sorted(set(steps)) != steps:
        yield "curve", "its steps do not rise"
    elif steps and steps[-1] != row["meta_steps"]:
        yield "curve", f"ends at step {steps[-1]}, but meta_steps={row['meta_steps']}"
    elif (not steps and row["kept_step"] != 0) or (steps and row["kept_step"] not in steps):
        yield "kept_step", f"{row['kept_step']} is no step of the curve"
    elif (row["validation_accuracy"] is None) != (not steps):
        yield "validation_accuracy", "it exists if, and only if, there is a curve"
    elif steps:
        kept = dict(curve)[row["kept_step"]]
        if apart(row["validation_accuracy"], kept, _CURVE_ROUNDING):
            yield "validation_accuracy", f"{row['validation_accuracy']}, but the curve has {kept}"
        elif kept < max(dict(curve).values()):
            yield "kept_step", f"{row['kept_step']}, but another step of the curve is better"
    for column in ("train_ways", "train_shots"):
        if (row[column] is None) != (row["meta_steps"] == 0):
            yield column, f"it exists if, and only if, there is meta-training; meta_steps={row['meta_steps']}"


def _looks(curve: str) -> Iterator[list[str]]:
    return (word.split(":") for word in curve.split())


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
    of_settings={
        "scenario.n_way": "n_way",
        "scenario.k_shot": "k_shot",
        "scenario.evaluate_on": "evaluated_on",
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
