"""The hash of the sources behind a run, on a copy of the engine that a test may edit."""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from toy import write_file

from hpbench import sources

ENGINE = Path(sources.__file__).parent
STRATEGY = "from hpbench.learning.supervised import supervised\n\ndef continual(settings, task): ...\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the engine."""
    shutil.copytree(ENGINE, tmp_path / "hpbench", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "hpbench"


@pytest.fixture
def hash_now(copy: Path) -> Callable[[], str]:
    """The hash of one strategy's sources, as the copied engine has them."""
    spec = importlib.util.spec_from_file_location("copied_sources", copy / "sources.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    strategy = write_file(copy.parent / "rule.py", STRATEGY)
    return lambda: module.source_hash([strategy], "continual")


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


@pytest.mark.parametrize(
    "file",
    [
        "../rule.py",
        "protocols/continual.py",
        "learning/supervised.py",
        "learning/watch.py",
        "networks/family.py",
        "spiking/__init__.py",
        "spiking/network.py",
        "spiking/hybrid/window.py",
        "spiking/surrogate.py",
        "plasticity/trace.py",
        "metrics/continual.py",
        "metrics/cost.py",
    ],
)
def test_code_behind_a_run_changes_the_hash(copy: Path, hash_now: Callable[[], str], file: str) -> None:
    before = hash_now()
    append(copy / file, "\nADDED = 1\n")
    assert hash_now() != before


@pytest.mark.parametrize(
    "file",
    ["core/settings.py", "core/errors.py", "cli/run.py", "board/table.py", "execute.py", "report/plot.py"],
)
def test_code_that_shapes_no_figure_leaves_the_hash_alone(
    copy: Path, hash_now: Callable[[], str], file: str
) -> None:
    before = hash_now()
    append(copy / file, "\nADDED = 1\n")
    assert hash_now() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SIZE = 1", "SIZE = 1  # samples"),
        ("SIZE = 1", "SIZE  =  1\n\n"),
        ("SIZE = 1", 'SIZE = 1\n"""Samples."""'),
        ('"""What it holds."""', '"""What is in it."""'),
        ('"""What it does."""', ""),
    ],
)
def test_comments_docstrings_and_layout_leave_the_hash_alone(
    copy: Path, hash_now: Callable[[], str], old: str, new: str
) -> None:
    text = (
        '"""A module."""\nSIZE = 1\nclass Thing:\n    """What it holds."""\n    field: int = 2\n'
        'def act():\n    """What it does."""\n    return "text"\n'
    )
    path = write_file(copy / "spiking" / "surrogate.py", text)
    before = hash_now()
    write_file(path, text.replace(old, new))
    assert hash_now() == before
    write_file(path, text.replace('"text"', '"other"'))
    assert hash_now() != before


def test_another_strategy_of_the_package_counts_where_it_is_imported(tmp_path: Path) -> None:
    alone = write_file(tmp_path / "rule.py", STRATEGY)
    plain = sources.source_hash([alone], "continual")
    leaning = write_file(tmp_path / "rule.py", "from hpbench.strategies.hp import Settings\n")
    bare = write_file(tmp_path / "bare.py", "from hpbench.strategies.nowhere import Settings\n")
    assert (
        len({plain, sources.source_hash([leaning], "continual"), sources.source_hash([bare], "continual")})
        == 3
    )
    hp = Path(ENGINE.parent, "strategies", "hp.py").resolve()
    assert sources._module_files("hpbench.strategies.hp")[-1].resolve() == hp


def test_where_a_file_lies_leaves_the_hash_alone(tmp_path: Path) -> None:
    here, there = write_file(tmp_path / "a" / "x.py", STRATEGY), write_file(tmp_path / "b" / "y.py", STRATEGY)
    assert sources.source_hash([here], "continual") == sources.source_hash([there], "continual")


FOR_ANOTHER = """
from hpbench.few_shot.episodes import Episodes, EpisodeSource

WIDTH = 2

class FewShotSettings: ...

def made(size: int): return EpisodeSource, size, size_of()

def size_of(): return WIDTH

def few_shot(settings: FewShotSettings, task): return made(1)
"""


def test_what_a_file_holds_for_another_protocol_leaves_the_hash_alone(
    copy: Path, hash_now: Callable[[], str]
) -> None:
    before = hash_now()
    append(copy.parent / "rule.py", FOR_ANOTHER.replace("Episodes, ", ""))
    assert hash_now() == before
    append(copy / "few_shot" / "episodes.py", "\nADDED = 1\n")
    assert hash_now() == before


@pytest.mark.parametrize("used", ["made(2)", "WIDTH", "size_of", "EpisodeSource", "FewShotSettings"])
def test_what_protocols_share_counts(copy: Path, hash_now: Callable[[], str], used: str) -> None:
    rule = copy.parent / "rule.py"
    rule.write_text(FOR_ANOTHER + STRATEGY.replace("...", f"return {used}"))
    before = hash_now()
    rule.write_text(
        rule.read_text().replace("WIDTH = 2", "WIDTH = 3").replace("class FewShotSettings: ...", "")
    )
    assert (hash_now() == before) == (used == "EpisodeSource")
