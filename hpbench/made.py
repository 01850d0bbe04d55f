"""Strategies and scenarios that are made in Python, in no file: the registry finds them by name, too."""

import ast
import functools
import hashlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from hpbench.core.errors import InputError
from hpbench.entry import Entry, Kind, typable

ORIGIN = "python"
"""`Entry.origin` of what was made in Python."""


@dataclass(frozen=True)
class Made:
    """A strategy or scenario made in Python; it can be sent to another process.

    `contents`: what its file would define. `protocols`, `version` and `summary` are those of its `Entry`.
    """

    name: str
    kind: Kind
    protocols: tuple[str, ...]
    version: str
    summary: str
    contents: dict[str, Any]

    @property
    def module(self) -> str:
        """The name under which it is imported."""
        return f"_hpbench_made.{self.kind}.{self.name}"

    @property
    def entry(self) -> Entry:
        """What the registry says of it."""
        return Entry(
            self.name,
            self.kind,
            Path(f"<{self.name}>"),
            self.module,
            ORIGIN,
            self.summary,
            self.protocols,
            self.version,
        )


_made: dict[tuple[Kind, str], Made] = {}


def add_made(made: Made) -> None:
    """Let the registry find it; what was made under the same name before is replaced.

    Raises InputError for a name that cannot be asked for.
    """
    if not typable(made.name):
        raise InputError(
            f"{made.name!r} is no name: use ASCII letters, digits and underscores, a letter first"
        )
    module = ModuleType(made.module)
    vars(module).update(made.contents)
    sys.modules[made.module] = module
    _made[made.kind, made.name] = made


def made_entries(kind: Kind) -> list[Entry]:
    """All that was made of one kind."""
    return [one.entry for (of, _), one in _made.items() if of == kind]


def everything_made() -> tuple[Made, ...]:
    """All that was made, for other processes."""
    return tuple(_made.values())


def code_of(made_by: Callable[..., Any]) -> str:
    """ "code-" and 12 hex digits: a hash of a function's or class's code, and of what it uses of its module.

    Docstrings count, comments and layout do not; in a lambda within an expression all of its lines do.
    """
    seen: dict[int, str] = {}
    pending = [made_by]
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = _text(one)
        pending += _used(one)
    digest = hashlib.sha256("\0".join(sorted(seen.values())).encode())
    return f"code-{digest.hexdigest()[:12]}"


def _text(one: Any) -> str:
    """The source, or, where there is none, the compiled code."""
    if isinstance(one, functools.partial):
        return repr((one.args, sorted(one.keywords.items())))
    try:
        source = textwrap.dedent(inspect.getsource(one))
    except (OSError, TypeError):
        return "\0".join(code.co_code.hex() + repr(code.co_consts) for code in _codes(one))
    try:
        return ast.unparse(ast.parse(source))
    except SyntaxError:  # a lambda within an expression
        return source


def _used(one: Any) -> Iterator[Any]:
    """Functions and classes of the same module that it names."""
    if isinstance(one, functools.partial):
        yield one.func
        return
    home = getattr(one, "__module__", None)
    names = {name for code in _codes(one) for name in code.co_names}
    own = vars(sys.modules.get(home or "", ModuleType("none"))) | getattr(one, "__globals__", {})
    for name in sorted(names):
        found = own.get(name)
        if (inspect.isfunction(found) or inspect.isclass(found)) and found.__module__ == home:
            yield found
    if inspect.isclass(one):
        yield from (base for base in one.__bases__ if base.__module__ == home)


def _codes(one: Any) -> Iterator[CodeType]:
    """The code of a function, or of a class's functions, with all that is defined within."""
    functions = vars(one).values() if inspect.isclass(one) else [one]
    pending = [function.__code__ for function in functions if hasattr(function, "__code__")]
    while pending:
        code = pending.pop()
        yield code
        pending += [const for const in code.co_consts if isinstance(const, CodeType)]
