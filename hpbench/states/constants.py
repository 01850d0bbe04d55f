"""Names for what a run has and does not change: its data. A state refers to it by these names."""

from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = (str, bytes, int, float, bool, complex, type(None))


def named(roots: Mapping[str, Any]) -> dict[str, Any]:
    """Every object that the roots lead to through attributes and containers, by the path to it.

    Containers themselves, plain values and what lies in long lists of such have no names. Two processes that
    have made the same roots get the same names.
    """
    found: dict[str, Any] = {}
    seen: set[int] = set()
    pending = list(roots.items())
    while pending:
        path, one = pending.pop()
        if isinstance(one, _PLAIN) or id(one) in seen:
            continue
        seen.add(id(one))
        if not isinstance(one, (list, tuple, dict, set, frozenset)):
            found[path] = one
        pending += [(f"{path}.{name}", inner) for name, inner in _inside(one)]
    return found


def _inside(one: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(one, dict):
        yield from ((str(name), inner) for name, inner in one.items())
    elif isinstance(one, (list, tuple)):
        if one and not isinstance(one[0], _PLAIN):
            yield from ((str(number), inner) for number, inner in enumerate(one))
    elif not isinstance(one, type):
        yield from getattr(one, "__dict__", {}).items()
