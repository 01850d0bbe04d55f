"""The notebooks in docs/ can be executed as they are."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpbench import made

FOLDER = Path(__file__).parents[2] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(autouse=True)
def nothing_made() -> Iterator[None]:
    """What a notebook makes is unknown to the next."""
    yield
    made._made.clear()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_cells_of_a_notebook_run_one_after_another(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cells = json.loads(path.read_text())["cells"]
    names: dict[str, Any] = {"__name__": path.stem}
    shown = [_executed("".join(cell["source"]), names) for cell in cells if cell["cell_type"] == "code"]
    assert any(one is not None for one in shown)
    assert list(tmp_path.glob("results/*.csv"))


def _executed(code: str, names: dict[str, Any]) -> Any:
    """What a cell shows: the value of its last line, if that is an expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if last is None:
        return None
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
