"""Few-shot learners that were kept: predictions for images as they are, and tests on given episodes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from toy_characters import classes, few_shot_task, quick

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.run import Run
from hpbench.data.images.given_files import folder_episodes, pair_episodes
from hpbench.few_shot.testing import accuracies, predictions
from hpbench.kept.keep import keep
from hpbench.kept.model import KeptLearner, load_model
from hpbench.runs import few_shot as protocol
from hpbench.runs.evaluated import on_files, on_folders, on_task
from hpbench.tasks.few_shot import Shape


def kept_learner(folder: Path, strategy: str, **changes: Any) -> tuple[KeptLearner, dict[str, Any]]:
    """A learner of the toy task, loaded from its file, and its row."""
    entry = registry.find("strategies", strategy)
    settings = quick(registry.settings_class(entry, "few_shot"), **changes)
    torch.manual_seed(0)
    task = few_shot_task(folder)
    builder = registry.load(entry).few_shot
    outcome = protocol.run(builder, settings, task, lambda _: None)
    of_scenario = registry.settings_class(registry.find("scenarios", "glyphs"), "few_shot")()
    made = Run("glyphs", strategy, of_scenario, settings, 0, "cpu", 1, None)
    columns = {
        "run_id": "abc",
        "scenario": "glyphs",
        "strategy": strategy,
        "strategy_version": entry.version,
        "protocol": "few_shot",
        "protocol_version": "1",
        "overrides": "",
        "seed": 0,
        "versions": {"hpbench": "0.1.0"},
    }
    (folder / "model.safetensors").write_bytes(keep(made, columns, builder, task, outcome.trained))
    model = load_model(folder / "model.safetensors")
    assert isinstance(model, KeptLearner)
    return model, outcome.row


@pytest.mark.parametrize("strategy", ["hp", "maml", "protonet", "ncm"])
def test_a_loaded_learner_predicts_and_tests_as_the_protocol_does(strategy: str, tmp_path: Path) -> None:
    learner, row = kept_learner(tmp_path, strategy)
    task = few_shot_task(tmp_path)
    found = on_task(learner, task)
    assert found.columns["right_by_episode"] == row["right_by_episode"]
    assert (found.columns["accuracy"], found.columns["interval"]) == (row["accuracy"], row["interval"])
    episodes = protocol.test_episodes(task)
    expected = predictions(learner.module, task.evaluated, episodes)  # type: ignore[arg-type]
    images = task.evaluated.images.flatten(0, 1).squeeze(1)
    names = ["a", "b", "c", "d"]
    for number in range(3):
        shown, asked = images[episodes.support[number]], images[episodes.query[number]]
        labels = [names[one] for one in episodes.support_labels.tolist()]
        wanted = [names[one] for one in expected[number].tolist()]
        assert learner.predict(shown, labels, asked) == wanted
        as_arrays = [one.numpy() / np.float32(255) for one in shown]
        as_pictures = [Image.fromarray(one.numpy()) for one in asked]
        assert learner.predict(as_arrays, labels, as_pictures) == wanted
        larger = [Image.fromarray(one.numpy().repeat(3, 0).repeat(3, 1)).convert("RGB") for one in asked]
        assert learner.predict(shown, labels, larger) == wanted


def test_a_learner_is_tested_on_other_shapes_and_sizes(tmp_path: Path) -> None:
    learner, _ = kept_learner(tmp_path, "protonet")
    larger = classes(12, seed=3)
    larger = type(larger)(larger.images.repeat_interleave(2, 3).repeat_interleave(2, 4))
    same = on_task(learner, few_shot_task(tmp_path, tested=Shape(6, 1, 2)))
    assert same.columns["n_way"] == 6
    assert on_task(learner, few_shot_task(tmp_path, tested=Shape(6, 1, 2), test=larger)) == same


def write_images(folder: Path, images: torch.Tensor, polarity: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        Image.fromarray(abs(255 * polarity - image.int()).byte().numpy()).save(folder / f"{number}.png")


def test_own_images_are_tested_by_drawn_episodes(tmp_path: Path) -> None:
    learner, _ = kept_learner(tmp_path, "protonet")
    task = few_shot_task(tmp_path)
    for number, images in enumerate(task.test.images.squeeze(2)):
        write_images(tmp_path / "own" / f"kind{number}", images)
    from hpbench.data.images.given_files import class_folders

    found = on_folders(
        learner, class_folders(tmp_path / "own"), task.tested, task.episodes, task.episode_seed
    )
    assert found.columns == on_task(learner, task).columns
    with pytest.raises(InputError, match="20 ways need as many classes, the given part has 12"):
        on_folders(learner, class_folders(tmp_path / "own"), Shape(20, 1, 1), 10, 1)


def test_episodes_in_files_give_the_accuracies_of_the_protocol(tmp_path: Path) -> None:
    learner, _ = kept_learner(tmp_path, "protonet")
    task = few_shot_task(tmp_path)
    episodes = protocol.test_episodes(task)
    images = task.evaluated.images.flatten(0, 1).squeeze(1)
    for number in range(4):
        place = tmp_path / "episodes" / f"e{number}"
        for part, places, labels in (
            ("support", episodes.support, episodes.support_labels),
            ("query", episodes.query, episodes.query_labels),
        ):
            for way in range(episodes.ways):
                write_images(place / part / f"class{way}", images[places[number][labels == way]])
    found = on_files(learner, folder_episodes(tmp_path / "episodes"))
    some = next(episodes.pieces(4))
    right = accuracies(predictions(learner.module, task.evaluated, some), some)  # type: ignore[arg-type]
    assert found.columns["episodes"] == 4
    assert found.columns["accuracy"] == pytest.approx(float(right.mean()))
    assert [one["right"] for one in found.details["by_episode"]] == (right * 12).round().int().tolist()
    one = on_files(learner, folder_episodes(tmp_path / "episodes" / "e0"))
    assert one.columns["interval"] is None
    json.dumps(found.details)


def test_pairs_of_images_are_one_shot_episodes(tmp_path: Path) -> None:
    learner, _ = kept_learner(tmp_path, "protonet")
    images = few_shot_task(tmp_path).test.images.squeeze(2)
    for run_number in (1, 2):
        own = images[4 * run_number : 4 * run_number + 4]
        write_images(tmp_path / "all" / f"run0{run_number}" / "training", own[:, 0])
        write_images(tmp_path / "all" / f"run0{run_number}" / "test", own[:, 1])
        lines = [f"run0{run_number}/test/{k}.png run0{run_number}/training/{k}.png" for k in range(4)]
        (tmp_path / "all" / f"run0{run_number}" / "class_labels.txt").write_text("\n".join(lines))
    found = on_files(learner, pair_episodes(tmp_path / "all"))
    assert found.columns["episodes"] == 2
    lines = ["query,support,episode"]
    for run_number in (1, 2):
        lines += [
            f"all/run0{run_number}/test/{k}.png,all/run0{run_number}/training/{k}.png,{run_number}"
            for k in range(4)
        ]
    (tmp_path / "pairs.csv").write_text("\n".join(lines))
    listed = on_files(learner, pair_episodes(tmp_path / "pairs.csv"))
    assert listed.columns == found.columns
    expected = [learner.predict(own[:, 0], list(range(4)), own[:, 1]) for own in (images[4:8], images[8:12])]
    right = [sum(one == k for k, one in enumerate(some)) for some in expected]
    assert [one["right"] for one in listed.details["by_episode"]] == right


def test_labels_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    learner, _ = kept_learner(tmp_path, "hp", outputs=8)
    images = few_shot_task(tmp_path).test.images[:, 0].squeeze(1)
    with pytest.raises(InputError, match="2 images in the support, 1 labels"):
        learner.predict(images[:2], ["a"], images[:1])
    with pytest.raises(InputError, match="the support has 1 class"):
        learner.predict(images[:2], ["a", "a"], images[:1])
    with pytest.raises(InputError, match=r"raise strategy\.outputs"):
        learner.predict(images[:9], range(9), images[:1])
    with pytest.raises(InputError, match="image 2: values are from"):
        learner.predict([images[0], images[1].float()], ["a", "b"], images[:1])
