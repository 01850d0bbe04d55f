"""The records of a board's runs in one compressed file: settings, accuracy matrices, curves, versions."""

import io
import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpbench.core.errors import InputError

FOLDER = "records"
"""Folder of these files beside the boards: one line of JSON per run, sorted by run id, compressed by xz."""

Record = Mapping[str, Any]

_LARGEST = 2**30
"""Bytes of a file's records when unpacked; more is taken for damage, as it would fill the memory."""


def record_file(board: Path) -> Path:
    """The file of a board's records; it need not exist."""
    return board.parent / FOLDER / f"{board.stem}.jsonl.xz"


def read_records(board: Path) -> dict[str, Record]:
    """Records of a board's published runs by run id; empty if there are none.

    Raises InputError if the file is damaged.
    """
    path = record_file(board)
    try:
        return records_in(path, path.read_bytes()) if path.exists() else {}
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror})") from error


def records_in(path: Path, data: bytes) -> dict[str, Record]:
    """The records in the content of such a file by run id; `path` is used in the message only.

    Raises InputError if it is damaged.
    """
    try:
        with lzma.open(io.BytesIO(data)) as file:
            text = file.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise ValueError(f"more than {_LARGEST:,} bytes when unpacked")
        return dict(map(_by_id, text.decode().splitlines()))
    except (EOFError, lzma.LZMAError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path} cannot be read ({type(error).__name__}: {error}): restore its last good version"
        ) from error


def run_records(folder: Path) -> dict[str, Record]:
    """Records of all runs of a leaderboard folder by run id, as the runs themselves wrote them."""
    found: dict[str, Record] = {}
    for path in sorted((folder / "runs").glob("*/record.json")):
        try:
            run, found_record = _by_id(path.read_text())
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            raise InputError(f"{path} cannot be read ({error}); run it again, or remove it") from error
        found[run] = {name: one for name, one in found_record.items() if name != "model"}  # is not published
    return found


def _by_id(text: str) -> tuple[str, Record]:
    record = json.loads(text)
    return str(record["row"]["run_id"]), record


def packed(records: Mapping[str, Record]) -> bytes:
    """The content of the file of these records; the same records give the same bytes."""
    lines = [
        json.dumps(records[one], sort_keys=True, separators=(",", ":")) + "\n" for one in sorted(records)
    ]
    return lzma.compress("".join(lines).encode(), preset=9)
