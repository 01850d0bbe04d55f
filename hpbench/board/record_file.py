"""The records of a board's runs in one compressed file: settings, accuracy matrices, curves, versions."""

import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically

FOLDER = "records"
"""Folder of these files beside the boards: one line of JSON per run, sorted by run id, compressed by xz."""

Record = Mapping[str, Any]


def record_file(board: Path) -> Path:
    """The file of a board's records; it need not exist."""
    return board.parent / FOLDER / f"{board.stem}.jsonl.xz"


def read_records(board: Path) -> dict[str, Record]:
    """Records of a board's published runs by run id; empty if there are none.

    Raises InputError if the file is damaged.
    """
    path = record_file(board)
    if not path.exists():
        return {}
    try:
        text = lzma.decompress(path.read_bytes()).decode()
        found = [json.loads(line) for line in text.splitlines()]
        return {record["row"]["run_id"]: record for record in found}
    except (OSError, lzma.LZMAError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} cannot be read ({type(error).__name__}: {error}): restore its last good version"
        ) from error


def run_records(folder: Path) -> dict[str, Record]:
    """Records of all runs of a leaderboard folder by run id, as the runs themselves wrote them."""
    found = {}
    for path in sorted((folder / "runs").glob("*/record.json")):
        try:
            record = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read ({error}); run it again, or remove it") from error
        found[record["row"]["run_id"]] = record
    return found


def write_records(board: Path, records: Mapping[str, Record]) -> None:
    """Write a board's records; the same records give the same bytes.

    Raises InputError if the file cannot be written.
    """
    lines = [
        json.dumps(records[one], sort_keys=True, separators=(",", ":")) + "\n" for one in sorted(records)
    ]
    write_atomically(record_file(board), lzma.compress("".join(lines).encode(), preset=9))
