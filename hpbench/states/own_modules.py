"""What the modules of a user's own files remember between calls: globals, attributes of classes.

A state of a run has these too: a counter at the top of a file decides how a training goes on as much as one
in an object.
"""

import ast
import enum
import functools
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

_CODE = (ModuleType, BuiltinFunctionType, type)


def loaded_from(files: Collection[Path]) -> list[ModuleType]:
    """The modules that have been imported from these files, by name."""
    names = tuple(path.name for path in files)
    found = []
    for _, module in sorted(sys.modules.items()):
        path = getattr(module, "__file__", None) or ""
        if path.endswith(names) and Path(path).resolve() in {one.resolve() for one in files}:
            found.append(module)
    return found


def remembered(modules: Collection[ModuleType]) -> list[tuple[Any, str, Any]]:
    """(owner, attribute, value) of all that the modules themselves remember."""
    return [one for module in modules for one in _of_module(module)]


def remind(found: Collection[tuple[Any, str, Any]]) -> None:
    """Give the owners their attributes again."""
    for owner, name, value in found:
        setattr(owner, name, value)


def _of_module(module: ModuleType) -> Iterator[tuple[Any, str, Any]]:
    imported = _imported(module)
    for name, value in list(vars(module).items()):
        if name in imported or _special(name):
            continue
        if isinstance(value, FunctionType):
            yield from _of_function(value)
        elif isinstance(value, type):
            if value.__module__ == module.__name__:
                yield from _of_class(value)
        elif not isinstance(value, _CODE):
            yield module, name, value


def _of_class(kind: type) -> Iterator[tuple[Any, str, Any]]:
    for name, value in list(vars(kind).items()):
        if isinstance(value, FunctionType):
            yield from _of_function(value)
        elif not (
            _special(name)
            or isinstance(value, _CODE)
            or hasattr(value, "__get__")
            or issubclass(kind, enum.Enum)
        ):
            yield kind, name, value


def _of_function(function: FunctionType) -> Iterator[tuple[Any, str, Any]]:
    """A default that is a list or an object may be changed by every call."""
    for name in ("__defaults__", "__kwdefaults__"):
        if getattr(function, name):
            yield function, name, getattr(function, name)


def _special(name: str) -> bool:
    return (name.startswith("__") and name.endswith("__")) or name == "_abc_impl"


@functools.cache
def _imported(module: ModuleType) -> set[str]:
    """Names that the file gets from other modules."""
    tree = ast.parse(Path(str(module.__file__)).read_bytes())
    nodes = (node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)))
    return {(alias.asname or alias.name).partition(".")[0] for node in nodes for alias in node.names}
