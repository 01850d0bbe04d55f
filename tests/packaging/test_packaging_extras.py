"""What is not installed with the package: declared as extras, and asked for by one clear message."""

import importlib.metadata
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from avalanche.training.plugins import GEMPlugin
from toy import QUICK

from hpbench.core.extras import LIBRARIES, need_extra

PROJECT = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
DISTURBED = ["scenario=noisy_mnist", "strategy=gp", *QUICK]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without any extra."""
    found = importlib.metadata.version

    def version(name: str) -> str:
        if name in LIBRARIES.values():
            raise importlib.metadata.PackageNotFoundError(name)
        return found(name)

    monkeypatch.setattr("importlib.metadata.version", version)


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[]", line)[0] for line in requirements}


def test_extras_are_declared_and_no_dependency_of_all() -> None:
    assert {extra: names(needed) for extra, needed in EXTRAS.items()} == {
        extra: {library} for extra, library in LIBRARIES.items()
    }
    assert not names(PROJECT["project"]["dependencies"]) & {*LIBRARIES.values()}


def test_the_tests_have_all_extras() -> None:
    [own] = [one for one in PROJECT["dependency-groups"]["dev"] if one.startswith("hpbench[")]
    assert own == f"hpbench[{','.join(sorted(EXTRAS))}]"
    for extra in EXTRAS:
        need_extra(extra, "nothing")


@pytest.mark.parametrize(
    ("words", "extra", "subject"),
    [
        ([*DISTURBED, "scenario.disturbances=[pgd]"], "attacks", "scenario.disturbances=['pgd']"),
        (
            [*DISTURBED, "scenario.disturbances=[gaussian,square]"],
            "attacks",
            "scenario.disturbances=['square']",
        ),
        (["scenario=noisy_cifar10_dvs", "strategy=gp"], "aedat", "reading the recordings of CIFAR10-DVS"),
    ],
)
def test_a_missing_extra_is_named_before_anything_starts(
    words: list[str], extra: str, subject: str, hpbench: Callable[..., Any], bare: None, tmp_path: Path
) -> None:
    out = tmp_path / "board"
    ended = hpbench("run", *words, "--out", out)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"hpbench: {subject} needs {LIBRARIES[extra]}, which is not installed: "
        f"pip install 'hpbench[{extra}]' (in a checkout: uv sync --extra {extra})\n"
    )
    assert not out.exists()


def test_what_needs_no_extra_runs_without(hpbench: Callable[..., Any], bare: None) -> None:
    ended = hpbench("run", *DISTURBED, "scenario.disturbances=[gaussian,fgsm,random_sign]", "--dry-run")
    assert (ended.code, ended.err) == (0, "")


def test_gem_finds_the_one_solver_that_is_installed_for_it() -> None:
    """Of what Avalanche asks for, uv installs `quadprog` alone: the override in pyproject.toml."""
    plugin = GEMPlugin(patterns_per_experience=1, memory_strength=0.0)
    plugin.G = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])  # gradients of earlier experiences
    projected = plugin.solve_quadprog(torch.tensor([-1.0, 2.0, 3.0]))
    torch.testing.assert_close(projected, torch.tensor([0.0, 2.0, 3.0]), atol=1e-2, rtol=0)
