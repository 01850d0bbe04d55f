"""Finds strategies and scenarios by name, and imports the one that is used.

A file is read, not imported, until it is used: listing costs little and a broken file breaks only itself.
"""

import contextlib
import functools
import hashlib
import importlib
import importlib.util
import inspect
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from hpbench.core.errors import FAULTS, InputError, nearest
from hpbench.declared import wrong_declaration
from hpbench.entry import Entry, Kind, read_entry, typable
from hpbench.entry_files import entry_files
from hpbench.made import made_entries
from hpbench.protocols.table import PROTOCOLS

_NEEDED: dict[Kind, dict[str, str]] = {
    "strategies": {},
    "scenarios": {"Settings": "dataclass", "build": "function"},
}

SLOW_IMPORT = 10.0
"""Seconds after which the import of a user's file is announced: a run that hangs there says so."""


def entries(kind: Kind) -> list[Entry]:
    """Everything found, by name. Of two files with one name both are listed; `find` refuses the name."""
    found = [*map(read_entry, entry_files(kind)), *made_entries(kind)]
    return sorted((one for one in found if one is not None), key=lambda one: (one.name, str(one.path)))


def shipped(kind: Kind) -> list[Entry]:
    """The package's own entries, by name."""
    return [one for one in entries(kind) if one.origin == "hpbench"]


def find(kind: Kind, name: str) -> Entry:
    """The entry of this name. Raises InputError if there is none, two, or a broken one."""
    known = entries(kind)
    matches = [one for one in known if one.name == name]
    singular = "strategy" if kind == "strategies" else "scenario"
    if not matches:
        raise InputError(
            f"unknown {singular} {name!r}: {nearest(name, {one.name for one in known if typable(one.name)})}"
        )
    if len(matches) > 1:
        paths = " and ".join(str(one.path) for one in matches)
        raise InputError(f"two files are named {name!r}: {paths}. Rename one of them.")
    if matches[0].error:
        raise InputError(f"{singular} {name!r} cannot be used: {matches[0].path}: {matches[0].error}")
    return matches[0]


def load(entry: Entry) -> ModuleType:
    """Import the entry's file. Raises InputError that names the file if it fails or lacks something.

    SystemExit and the like count as failures of the file; Ctrl-C does not. An import of a user's file that
    takes longer than SLOW_IMPORT is announced on the standard error.
    """
    try:
        with _announced(entry):
            module = importlib.import_module(entry.module) if entry.module else _load_file(entry.path)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(
            f"{entry.singular} {entry.name!r} cannot be imported: {entry.path}: {reason}"
        ) from error
    for name, meaning in _NEEDED[entry.kind].items():
        if not hasattr(module, name):
            raise InputError(f"{entry.path} has no {meaning} named {name}: add one")
    wrong = wrong_declaration(entry, module)
    if wrong:
        raise InputError(f"{entry.path}: {wrong}")
    for protocol in entry.protocols:
        _settings_class(entry, module, protocol)
    return module


def settings_class(entry: Entry, protocol: str) -> type:
    """The settings of a scenario, or of a strategy under one of its protocols.

    A strategy's are what the first parameter of the function for it is annotated with, or `Settings`.
    """
    return _settings_class(entry, load(entry), protocol)


def preset(scenario: Entry) -> dict[str, Any]:
    """Defaults that a scenario gives to settings of strategies: its `STRATEGY_PRESET`, or none.

    Raises InputError if that is no dictionary with names as keys.
    """
    declared = getattr(load(scenario), "STRATEGY_PRESET", {})
    if not isinstance(declared, dict) or not all(isinstance(name, str) for name in declared):
        raise InputError(f"{scenario.path}: STRATEGY_PRESET must be a dictionary from settings to values")
    return declared


def published(strategy: Entry, scenarios: Iterable[Entry]) -> tuple[Any, ...]:
    """What others report of a strategy: its `PUBLISHED`, and its part of those of these scenarios.

    A scenario's `PUBLISHED` is a dictionary from strategies' names.
    """
    own = getattr(load(strategy), "PUBLISHED", ())
    declared = [getattr(load(one), "PUBLISHED", {}).get(strategy.name, ()) for one in scenarios]
    return (*own, *(figure for figures in declared for figure in figures))


def next_steps(strategy: Entry) -> tuple[Any, ...]:
    """What to try after a run of a strategy: its `NEXT`, or nothing."""
    return tuple(getattr(load(strategy), "NEXT", ()))


def _settings_class(entry: Entry, module: ModuleType, protocol: str) -> type:
    found: Any = "Settings"
    if entry.kind == "strategies":
        parameters = inspect.signature(getattr(module, PROTOCOLS[protocol].builder)).parameters.values()
        annotated = next((one.annotation for one in parameters), Any)
        found = "Settings" if annotated in (inspect.Parameter.empty, Any) else annotated
    if isinstance(found, str):
        found = getattr(module, found, None)
    if not isinstance(found, type):
        raise InputError(f"{entry.path} has no dataclass named Settings: add one")
    try:
        _make(found)
    except InputError:
        raise
    except FAULTS as error:
        told = f"{found.__name__} cannot be made with its defaults: {type(error).__name__}: {error}"
        raise InputError(f"{entry.path}: {told}") from error
    return found


@functools.cache  # a sweep asks for the same class thousands of times
def _make(settings: type) -> None:
    """Make settings of their defaults, for what that raises; planning tells those that lack a default."""
    if all(one.default is not one.empty for one in inspect.signature(settings).parameters.values()):
        settings()
    get_type_hints(settings)


@contextlib.contextmanager
def _announced(entry: Entry) -> Iterator[None]:
    """Within this, a line on the standard error says after SLOW_IMPORT seconds that the file is imported."""
    if entry.origin == "hpbench":
        yield
        return

    def say() -> None:
        print(f"hpbench: still importing {entry.path} (Ctrl-C ends it)", file=sys.stderr, flush=True)

    timer = threading.Timer(SLOW_IMPORT, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _load_file(path: Path) -> ModuleType:
    """A loose file as a module of a package that is its folder, so that it can import what lies beside it."""
    package = f"_hpbench_{hashlib.sha256(str(path.parent).encode()).hexdigest()[:12]}"
    if package not in sys.modules:
        folder = ModuleType(package)
        folder.__path__ = [str(path.parent)]
        sys.modules[package] = folder
    name = f"{package}.{path.stem}"
    loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
