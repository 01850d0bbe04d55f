"""Episodes per second of few-shot learning, against a literal implementation and learn2learn's loops.

On complete Omniglot (else on glyphs), one thread, interleaved. `hp` is compared with forms that show an image
at a time, in meta-training (forward, backward, Adam) and at test: "literal" shows the support once, then
every query; "released" is the authors' sequence of K·N + 1 images, which ends with its only query, so that
the support is shown anew for each. `protonet` and `maml` are compared with loops over learn2learn's parts on
the same network, in the layout that torch gives it. No form distorts images. Scores and gradients of `hp` and
its literal form are compared first. Prints a table and writes `few_shot.csv` beside this file.
Run: `uv run python -m benchmarks.few_shot`
"""

import copy
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from learn2learn.algorithms import MAML
from torch.nn.functional import cross_entropy

from benchmarks.few_shot_learn2learn import maml_step, prototype_step, tasks
from benchmarks.few_shot_literal import literal_scores
from benchmarks.timing import interleaved, ratio
from hpbench import registry
from hpbench.core.seeded_draws import seeded_draws
from hpbench.few_shot.episodes import Episodes, EpisodeSource
from hpbench.few_shot.learner import FeatureLearner, Learner
from hpbench.few_shot.meta_training import meta_step
from hpbench.few_shot.testing import predictions
from hpbench.runs.processor import prepare_processor
from hpbench.tasks.few_shot import ClassSet, FewShotTask, Shape
from hpbench.tasks.resources import Resources

ROUNDS = 7
META_BATCH = 8
"""Episodes in a step of ours."""

TEST_EPISODES = 1000
FIVE, TWENTY = Shape(5, 1, 5), Shape(20, 1, 5)


def main() -> None:
    """Measure, print and write."""
    prepare_processor(threads=1)
    scenario = registry.load(registry.find("scenarios", "omniglot"))
    task = scenario.build(scenario.Settings(), Resources(None, "cpu", print))
    rows: list[dict[str, Any]] = []
    for network in ("spiking", "tanh"):
        filters = [128] * 4 if network == "tanh" else None
        learner = built("hp", task, network, filters)
        awake(learner, task.train)
        check(learner, task.train)
        for shape in (FIVE, TWENTY):
            rows += against_literal(learner, task, shape, f"hp, {network}")
    rows += against_learn2learn(task)
    table = pd.DataFrame(rows)
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False)
    print(f"{task.dataset}, medians of {ROUNDS} interleaved rounds, one thread")
    print(table.to_string(index=False))


def built(strategy: str, task: FewShotTask, network: str, filters: list[int] | None = None) -> Any:
    """A strategy's learner with this feature network."""
    entry = registry.find("strategies", strategy)
    changes = {"network": network, **({"filters": filters} if filters else {})}
    torch.manual_seed(0)
    return registry.load(entry).few_shot(registry.settings_class(entry, "few_shot")(**changes), task)


def awake(learner: Any, classes: ClassSet) -> None:
    """Show a new learner images until its norms know them and it fires; give it a W, which is 0 at first."""
    with seeded_draws(python=0), torch.no_grad():
        source = EpisodeSource(classes, FIVE, "training")
        for _ in range(30):
            learner.train().network(classes.at(source.draw(4).query).flatten(0, 1))
    torch.nn.init.normal_(learner.read_out.connections.weight)
    learner.network.eval()


def check(learner: FeatureLearner, classes: ClassSet) -> None:
    """Raise AssertionError unless both forms have the same scores and gradients, in double precision.

    Raises it too for features that are all 0, with which every form would agree.
    """
    learner = copy.deepcopy(learner).double()
    with seeded_draws(python=0):
        episode = EpisodeSource(classes, FIVE, "training").draw(1)
    support, query = classes.at(episode.support).double(), classes.at(episode.query).double()
    assert learner.network(query[0]).any(), "features are all 0"
    ours = learner(support, episode.support_labels, query, FIVE.ways)[0]
    literal = literal_scores(learner, support[0], episode.support_labels, query[0], FIVE.ways)
    torch.testing.assert_close(ours, literal)
    parameters = list(learner.parameters())
    pairs = zip(
        *(torch.autograd.grad(one.square().sum(), parameters) for one in (ours, literal)), strict=True
    )
    for one, other in pairs:
        torch.testing.assert_close(one, other)


def against_literal(
    learner: FeatureLearner, task: FewShotTask, shape: Shape, name: str
) -> list[dict[str, Any]]:
    """Meta-training and test of ours beside the literal form."""
    source = EpisodeSource(task.train, shape, "training")
    optimizer = torch.optim.Adam(learner.parameters(), 0.0)  # the same work, and weights that stay

    ours = training_step(learner, optimizer, lambda: source.draw(META_BATCH), task.train)

    def train() -> None:
        learner.train()  # as the protocol does: norms use the batch, which an image alone is not
        ours()

    def one_by_one(queries_at_once: int) -> None:
        learner.eval()
        episode = source.draw(1)
        support, labels, query = _first(episode, task.train)
        optimizer.zero_grad()
        for asked, wanted in zip(
            query.split(queries_at_once), episode.query_labels.split(queries_at_once), strict=True
        ):
            scores = literal_scores(learner, support, labels, asked, shape.ways)
            (cross_entropy(scores, wanted, reduction="sum") / len(query)).backward()
        optimizer.step()

    tested = EpisodeSource(task.test, shape, "test").draw(TEST_EPISODES)

    def test() -> None:
        predictions(learner, task.test, tested)

    def one_by_one_at_test(queries_at_once: int) -> None:
        learner.eval()
        with torch.no_grad():
            support, labels, query = _first(tested, task.test)
            for asked in query.split(queries_at_once):
                literal_scores(learner, support, labels, asked, shape.ways)

    every = shape.ways * shape.queries
    ways = {
        ("meta-training", "ours"): (train, META_BATCH),
        ("meta-training", "literal"): (lambda: one_by_one(every), 1),
        ("meta-training", "released"): (lambda: one_by_one(1), 1),
        ("meta-test", "ours"): (test, TEST_EPISODES),
        ("meta-test", "literal"): (lambda: one_by_one_at_test(every), 1),
        ("meta-test", "released"): (lambda: one_by_one_at_test(1), 1),
    }
    return measured(name, shape, ways)


def against_learn2learn(
    task: FewShotTask, filters: list[int] | None = None, shapes: Sequence[Shape] = (TWENTY, FIVE)
) -> list[dict[str, Any]]:
    """A step of `protonet` and one of `maml` beside loops over learn2learn's parts."""
    rows = []
    for strategy, shape in zip(("protonet", "maml"), shapes, strict=True):
        learner: Learner = built(strategy, task, "ann", filters)
        source = EpisodeSource(task.train, shape, "training")
        optimizer = torch.optim.Adam(learner.parameters(), 0.0)
        episodes = 1 if strategy == "protonet" else META_BATCH
        drawn = tasks(task.train, shape)
        if strategy == "protonet":
            theirs = prototype_step(_as_torch_lays_it(learner.network), drawn, shape)
        else:
            theirs = _maml(learner, drawn, shape)
        ours = training_step(learner, optimizer, lambda: source.draw(episodes), task.train)  # noqa: B023
        ways = {
            ("meta-training", "ours"): (ours, episodes),
            ("meta-training", "learn2learn"): (theirs, episodes),
        }
        rows += measured(strategy, shape, ways)
    return rows


def training_step(
    learner: Learner, optimizer: torch.optim.Optimizer, draw: Callable[[], Episodes], classes: ClassSet
) -> Callable[[], None]:
    """A step as the protocol takes it, drawing included, distortions not."""

    def step() -> None:
        meta_step(learner, optimizer, classes, draw(), 0.0)

    return step


def measured(
    learner: str, shape: Shape, ways: dict[tuple[str, str], tuple[Callable[[], None], int]]
) -> list[dict[str, Any]]:
    """A row for each way: episodes per second, and how many times quicker ours is in the same phase."""
    times = interleaved({" ".join(key): way for key, (way, _) in ways.items()}, ROUNDS)
    per_episode = {key: [one / count for one in times[" ".join(key)]] for key, (_, count) in ways.items()}
    return [
        {
            "learner": learner,
            "shape": f"{shape.ways}-way {shape.shots}-shot, {shape.queries} queries",
            "phase": phase,
            "form": form,
            "episodes_per_s": round(1e3 / statistics.median(own), 2),
            "ours_times_quicker": round(ratio(own, per_episode[phase, "ours"]), 2),
        }
        for (phase, form), own in per_episode.items()
    ]


def _maml(learner: Any, drawn: Any, shape: Shape) -> Callable[[], None]:
    adapted = learner.maml.module
    whole = torch.nn.Sequential(
        _as_torch_lays_it(adapted.network), torch.nn.Linear(adapted.read_out.weight.shape[1], shape.ways)
    )
    return maml_step(MAML(whole, learner.maml.lr), drawn, shape, learner.steps, META_BATCH)


def _as_torch_lays_it(network: Any) -> Any:
    return copy.deepcopy(network).to(memory_format=torch.contiguous_format)


def _first(episodes: Episodes, classes: ClassSet) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return classes.at(episodes.support[0]), episodes.support_labels, classes.at(episodes.query[0])


if __name__ == "__main__":
    main()
