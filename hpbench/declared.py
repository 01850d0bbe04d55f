"""Checks what a loaded file declares beside its settings and functions: PUBLISHED and NEXT."""

from collections.abc import Iterable, Mapping
from types import ModuleType

from hpbench.core.published import NextStep, Published
from hpbench.entry import Entry


def wrong_declaration(entry: Entry, module: ModuleType) -> str:
    """What is wrong with a file's PUBLISHED or NEXT, in a sentence; empty if nothing is."""
    published = getattr(module, "PUBLISHED", ())
    if entry.kind == "strategies":
        if not _all_are(published, Published):
            return "PUBLISHED must be a tuple of hpbench.core.published.Published"
        if not _all_are(getattr(module, "NEXT", ()), NextStep):
            return "NEXT must be a tuple of hpbench.core.published.NextStep"
    elif published and not (
        isinstance(published, Mapping) and all(_all_are(some, Published) for some in published.values())
    ):
        return "PUBLISHED must be a dictionary from strategies' names to tuples of Published"
    return ""


def _all_are(declared: object, kind: type) -> bool:
    return isinstance(declared, Iterable) and all(isinstance(one, kind) for one in declared)
