"""The identity of a run: a hash of its settings, its seed, its data and the version of each part."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from hpbench.core.columns import IDENTITY


def short_hash(value: Any) -> str:
    """The first 16 hex digits of the SHA-256 of `value` as JSON with sorted keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run_id(row: Mapping[str, Any]) -> str:
    """The id of the run that made this row, computed from the identity columns alone."""
    return short_hash([str(row[column.name]) for column in IDENTITY])
