"""What the README shows is what works."""

import importlib
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import QUICK, write_file

from hpbench.plan.compose import sweep

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_the_readmes_baseline_runs_as_it_stands(
    hpbench: Callable[..., Any], toy_path: Path, tmp_path: Path
) -> None:
    [text] = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    (toy_path / "strategies").mkdir(exist_ok=True)
    (toy_path / "strategies" / "mas.py").write_text(text)
    out = tmp_path / "board"
    ended = hpbench("run", "scenario=toy", "strategy=mas", "strategy.strength=10", *QUICK, "--out", out)
    assert (ended.code, ended.err) == (0, "")
    assert "strategy.strength=10" in (out / "toy.csv").read_text()
    listed = hpbench("list").out
    assert "Memory aware synapses (MAS)" in listed


def test_the_scenario_of_contributing_runs_as_it_stands(
    hpbench: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.DOTALL)
    [text] = [one for one in blocks if "PROTOCOL =" in one]
    write_file(tmp_path / "own" / "blobs.py", text)
    monkeypatch.setenv("HPBENCH_PATH", str(tmp_path / "own"))
    out = tmp_path / "board"
    ended = hpbench("run", "scenario=blobs", "strategy=ann", *QUICK, "--out", out)
    assert (ended.code, ended.err) == (0, "")
    assert "blobs,1,blobs," in (out / "blobs.csv").read_text()
    assert "Blobs: four classes" in hpbench("list").out


def test_what_the_page_on_own_data_names_is_there() -> None:
    named = set(
        re.findall(r"hpbench(?:\.[a-z_]+)+(?:\.[A-Za-z_]+)", (ROOT / "docs" / "own_data.md").read_text())
    )
    assert len(named) >= 8
    for one in named - {"hpbench.scenarios"}:
        module, _, name = one.rpartition(".")
        assert hasattr(importlib.import_module(module), name), one


def test_what_the_page_on_kept_models_imports_is_there() -> None:
    text = (ROOT / "docs" / "kept_models.md").read_text()
    imported = re.findall(r"^from (hpbench[\w.]+) import (\w+)", text, flags=re.MULTILINE)
    assert imported
    for module, name in imported:
        assert hasattr(importlib.import_module(module), name), name


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[]", line)[0] for line in requirements}


def test_plain_pip_installs_what_uv_installs() -> None:
    """Of the packages whose requirements uv overrides, pip takes what is left of these, and them apart."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = [one for one in (ROOT / "requirements.txt").read_text().split("\n") if one and one[0] != "#"]
    overridden = {
        one["name"]: one for one in project["tool"]["uv"]["dependency-metadata"] if one["name"] != "gym"
    }
    for name, one in overridden.items():
        assert re.search(rf"pip install .*--no-deps .*{name}=={one['version']}", README)
        assert _names(one["requires-dist"]) <= _names(lines)
    direct = _names(project["project"]["dependencies"]) - {*overridden}
    assert direct <= _names(lines)
    for pin in project["tool"]["uv"]["constraint-dependencies"]:
        if pin.split("==")[0] in direct:
            assert pin in lines, f"requirements.txt lacks {pin}"


def test_every_column_is_documented() -> None:
    from hpbench.boards.markdown import all_columns_markdown
    from hpbench.boards.publish import COLUMNS_FILE

    assert (ROOT / "leaderboards" / COLUMNS_FILE).read_text() == all_columns_markdown()


def test_the_leaderboards_readme_ranks_what_is_on_the_boards() -> None:
    from hpbench.boards import readme
    from hpbench.boards.check import boards_in
    from hpbench.boards.markdown import ranking_markdown
    from hpbench.boards.ranking import groups
    from hpbench.boards.record_file import read_records
    from hpbench.boards.table import read
    from hpbench.cli.board import Here

    folder, here = ROOT / "leaderboards", Here()
    expected = ranking_markdown(
        [
            group
            for path in boards_in(folder)
            for group in groups(read(path), here.versions, here.presets, recorded=read_records(path))
        ]
    )
    text = (folder / "README.md").read_text()
    written = text.partition(f"{readme.BEGIN}\n")[2].partition(f"\n{readme.END}")[0]
    assert written == expected


def _tuning_commands() -> list[list[str]]:
    """The words of each command of the grids, its variables expanded by a shell."""
    text = (ROOT / "leaderboards" / "README.md").read_text()
    variables = re.findall(r'`V="(.*?)"`', text, flags=re.DOTALL)
    lines = re.findall(r"^    (hpbench run .*|[A-Z]=.*)$", text, flags=re.MULTILINE)
    script = "\n".join(['hpbench() { echo "${@:2}"; }', f'V="{" ".join(variables[0].split())}"', *lines])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return [line.split(" --out leaderboards/tuning") for line in done.stdout.splitlines()]


def _ends(word: str) -> str:
    """An override with the first and the last value of its list."""
    key, _, values = word.partition("=")
    first, *_, last = values.split(",") * 2
    return word if "(" in values or first == last else f"{key}={first},{last}"


def test_the_commands_of_the_grids_can_be_run() -> None:
    commands = _tuning_commands()
    assert len(commands) > 15
    for words in commands:
        swept = [_ends(one) for one in " ".join(words).split() if not one.startswith(("seed=", "scenario.r"))]
        assert [(one.words, one.reason) for one in sweep(swept) if one.reason] == []
