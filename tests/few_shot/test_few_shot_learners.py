"""Every few-shot strategy keeps to the contract of a learner; a strategy is tested by being in the folder."""

import gc
from pathlib import Path

import psutil
import pytest
import torch
from torch.nn.functional import cross_entropy
from toy_characters import few_shot_task, quick
from toy_recordings import recorded_task

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.seeded_draws import seeded_draws
from hpbench.few_shot.episodes import EpisodeSource
from hpbench.few_shot.learner import FeatureLearner, Learner
from hpbench.tasks.few_shot import FewShotTask

STRATEGIES = [one.name for one in registry.entries("strategies") if "few_shot" in one.protocols]
CHANGES: dict[str, dict[str, object]] = {
    **{name: {} for name in STRATEGIES},
    "hp with inner steps": {"inner_steps": 2, "inner_lr": 1.0, "alpha": 1.0},
}
EACH = pytest.mark.parametrize("name", CHANGES)


def built(
    name: str, folder: Path, task: FewShotTask | None = None, **changes: object
) -> tuple[Learner, tuple[torch.Tensor, ...]]:
    """The learner, and four episodes: support, its labels, query, its labels."""
    task = task or few_shot_task(folder)
    changes = {**CHANGES[name], **changes}
    entry = registry.find("strategies", name.split()[0])
    torch.manual_seed(0)
    settings = quick(registry.settings_class(entry, "few_shot"), **changes)
    learner = registry.load(entry).few_shot(settings, task)
    with seeded_draws(python=0):
        drawn = EpisodeSource(task.test, task.tested, "test").draw(4)
    shown, asked = task.test.at(drawn.support), task.test.at(drawn.query)
    return learner, (shown, drawn.support_labels, asked, drawn.query_labels)


def test_the_strategies_of_the_suite_are_here() -> None:
    assert {"anil", "gp", "hp", "lp", "maml", "matching", "ncm", "protonet"} <= set(STRATEGIES)


@EACH
def test_scores_of_an_episode_do_not_depend_on_the_others(name: str, tmp_path: Path) -> None:
    learner, (support, labels, query, _) = built(name, tmp_path)
    learner.eval()
    together = learner(support, labels, query, 4)
    assert together.shape == (4, 12, 4)
    for episode in range(4):
        alone = learner(support[episode : episode + 1], labels, query[episode : episode + 1], 4)
        torch.testing.assert_close(alone[0], together[episode])


@EACH
def test_recordings_are_scored_as_images_are(name: str, tmp_path: Path) -> None:
    """Their time steps are seen: other scores where those of the support change places."""
    learner, (support, labels, query, asked) = built(name, tmp_path, recorded_task(tmp_path))
    with torch.no_grad():
        for _ in range(20):
            learner(support, labels, query, 4)  # norms learn running statistics, or no neuron fires
    learner.eval()
    assert support.shape == (4, 8, 3, 2, 12, 12)
    scores = learner(support, labels, query, 4)
    assert scores.shape == (4, 12, 4)
    alone = learner(support[:1], labels, query[:1], 4)
    torch.testing.assert_close(alone[0], scores[0])
    back = learner(support.flip(2), labels, query, 4)
    assert not torch.allclose(back, scores)
    learner.train()
    if any(one.requires_grad for one in learner.parameters()):
        cross_entropy(learner(support, labels, query, 4).flatten(0, 1), asked.repeat(4)).backward()
        assert any(one.grad is not None and bool(one.grad.any()) for one in learner.parameters())


@EACH
def test_an_episode_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    learner, (support, labels, query, _) = built(name, tmp_path)
    learner.eval()
    before = {name: one.clone() for name, one in learner.state_dict().items()}
    first = learner(support, labels, query, 4)
    learner(query, torch.arange(12) % 4, support, 4)
    assert torch.equal(learner(support, labels, query, 4), first)
    assert all(torch.equal(one, before[name]) for name, one in learner.state_dict().items())


@EACH
def test_the_support_is_seen(name: str, tmp_path: Path) -> None:
    """Other labels of the support change the scores: before any training, too."""
    learner, (support, labels, query, _) = built(name, tmp_path)
    for _ in range(20):  # before norms know what they are shown, spiking features may be silent
        learner.train()(support, labels, query, 4)
    learner.eval()
    assert not torch.allclose(
        learner(support, labels, query, 4), learner(support, labels.roll(1), query, 4), atol=1e-6
    )


@EACH
def test_queries_do_not_see_each_other_unless_the_row_says_so(name: str, tmp_path: Path) -> None:
    learner, (support, labels, query, _) = built(name, tmp_path)
    learner.eval()
    whole = learner(support, labels, query, 4)[:, :3]
    few = learner(support, labels, query[:, :3], 4)
    assert torch.allclose(whole, few, atol=1e-5) == (not learner.facts().get("transductive", False))


@pytest.mark.parametrize(("network", "transductive"), [("ann", True), ("spiking", True), ("tanh", False)])
def test_a_row_is_transductive_where_norms_see_the_queries(
    network: str, transductive: bool, tmp_path: Path
) -> None:
    learner, _ = built("maml", tmp_path, network=network)
    assert learner.facts()["transductive"] is transductive


@pytest.mark.parametrize("name", [one for one in STRATEGIES if one != "ncm"])
def test_the_loss_of_an_episode_falls(name: str, tmp_path: Path) -> None:
    learner, (support, labels, query, asked) = built(name, tmp_path, first_order=True)
    optimizer = torch.optim.Adam([one for one in learner.parameters() if one.requires_grad], 3e-3)
    losses = []
    for _ in range(30):
        scores = learner(support, labels, query, 4)
        loss = cross_entropy(scores.flatten(0, 1), asked.repeat(4))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.9 * losses[0]


def test_lp_leaves_its_network_as_drawn(tmp_path: Path) -> None:
    learner, (support, labels, query, asked) = built("lp", tmp_path)
    assert isinstance(learner, FeatureLearner)
    weights = [one.clone() for one in learner.network.parameters()]
    norms = [one.clone() for one in learner.network.buffers()]
    cross_entropy(learner(support, labels, query, 4).flatten(0, 1), asked.repeat(4)).backward()
    assert all(one.grad is None for one in learner.network.parameters())
    assert all(map(torch.equal, weights, learner.network.parameters()))
    assert not all(map(torch.equal, norms, learner.network.buffers()))  # statistics of what was shown
    assert all(one.grad is not None for one in learner.read_out.parameters())


@pytest.mark.parametrize("name", ["hp", "maml"])
def test_memory_is_flat_over_eight_hundred_episodes(name: str, tmp_path: Path) -> None:
    learner, (support, labels, query, asked) = built(name, tmp_path, filters=[2], inner_steps=1)
    optimizer = torch.optim.Adam(learner.parameters(), 1e-3)
    process = psutil.Process()
    resident = []
    for episode in range(800):
        one = episode % 4
        scores = learner(support[one : one + 1], labels, query[one : one + 1], 4)
        optimizer.zero_grad()
        cross_entropy(scores[0], asked).backward()
        optimizer.step()
        if episode in (199, 799):
            gc.collect()
            resident.append(process.memory_info().rss / 2**20)
    # An episode's graph is some 200 KB here: kept, 600 of them would take 120 MB.
    assert resident[1] - resident[0] < 30


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"filters": []}, r"strategy\.filters is empty"),
        ({"filters": [4] * 5, "down": "pool"}, r"5 layers are too many for images of \(1, 12, 12\)"),
        ({"filters": [4] * 4, "network": "tanh"}, None),
        ({"filters": [4] * 5, "network": "tanh"}, r"5 layers are too many"),
    ],
)
def test_layers_that_images_have_no_room_for_are_refused(
    changes: dict[str, object], message: str | None, tmp_path: Path
) -> None:
    if message is None:
        built("protonet", tmp_path, **changes)
        return
    with pytest.raises(InputError, match=message):
        built("protonet", tmp_path, **changes)
