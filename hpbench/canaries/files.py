"""Recorded figures as readable JSON: whatever fits into a line is written in one."""

import json
from pathlib import Path
from typing import Any

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically

WIDTH = 110

Sheets = dict[str, Any]
"""Content of the file of a strategy or scenario: {protocol: {"versions": …, "canaries": {name: figures}}}."""


def recorded_folder() -> Path:
    """`canaries/` of the checkout that the package lies in. Raises InputError if there is none."""
    folder = Path(__file__).resolve().parents[2] / "canaries"
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not there: recorded figures belong to a checkout of the repository, not to an "
            "installed package. Clone it and run the command there"
        )
    return folder


def read(path: Path) -> Sheets:
    """The recorded figures; empty if there is no file. Raises InputError for a damaged one."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}): restore it from the last commit") from error
    return dict(found)


def write(path: Path, sheets: Sheets) -> None:
    """Write the file atomically. Raises InputError if that fails."""
    write_atomically(path, as_text(sheets) + "\n")


def as_text(value: Any, indent: int = 0) -> str:
    """JSON in lines of at most WIDTH characters, unless a single text is longer."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= WIDTH - 20 or not isinstance(value, (dict, list)):
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, list):
        parts, ends = [as_text(one, indent + 1) for one in value], "[]"
    else:
        parts = [f"{json.dumps(name)}: {as_text(one, indent + 1)}" for name, one in value.items()]
        ends = "{}"
    holds = value.values() if isinstance(value, dict) else value
    nested = any(isinstance(one, dict) for one in holds) or any("\n" in part for part in parts)
    lines = parts if nested else _filled(parts, WIDTH - indent)
    return ends[0] + "\n" + ",\n".join(pad + line for line in lines) + "\n" + " " * indent + ends[1]


def _filled(parts: list[str], width: int) -> list[str]:
    """The parts joined to lines, as many in each as fit."""
    lines = [""]
    for part in parts:
        joined = f"{lines[-1]}, {part}" if lines[-1] else part
        if lines[-1] and len(joined) > width:
            lines.append(part)
        else:
            lines[-1] = joined
    return lines
