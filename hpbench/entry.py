"""What a file says of the strategy or scenario that it holds: read from its text, without importing it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from hpbench.core.errors import InputError, nearest
from hpbench.core.paths import not_a_file
from hpbench.core.presets import Preset, assigned, read_presets
from hpbench.own_code import code_version
from hpbench.protocols.table import PROTOCOLS

Kind = Literal["strategies", "scenarios"]


@dataclass(frozen=True)
class Entry:
    """A file that holds a strategy or a scenario.

    `module`: its dotted name, or "" for a file that belongs to no package. `protocols`: what a strategy can
    be run under, or the one protocol of a scenario. `version`: what its `VERSION` says, or a hash of the code
    of a file of one's own that says nothing. `presets`: by name. `error`: why the file cannot be used, or "".
    """

    name: str
    kind: Kind
    path: Path
    module: str
    origin: str
    summary: str = ""
    protocols: tuple[str, ...] = ()
    version: str = ""
    presets: Mapping[str, Preset] = field(default_factory=dict)
    error: str = ""

    @property
    def singular(self) -> str:
        """ "strategy" or "scenario"."""
        return "strategy" if self.kind == "strategies" else "scenario"

    @property
    def code(self) -> str:
        """A hash of the file and of what it imports from beside it, whatever its VERSION says."""
        if not self.path.is_file():  # made in Python: its version is a hash of its code already
            return self.version
        # A file that was put beside the package's own is a loose file too.
        return code_version(self.path, "" if self.origin == "hpbench" else self.module)


_NO_TEXT = ("true", "false", "null", "nan", "inf")
"""Words that the grammar of overrides reads as values of another type, in small letters or capitals."""


def typable(name: str) -> bool:
    """Whether `strategy=NAME` on the command line means this name, without quotes."""
    return name.isascii() and name.isidentifier() and name.lower() not in _NO_TEXT


_shipped: dict[Path, tuple[tuple[int, int], Entry | None]] = {}  # time and size, and what was read


def read_entry(entry: Entry) -> Entry | None:
    """The entry with what its file says of itself; None if it is of the other kind or private.

    A file of the package is parsed again when its time or size has changed. The version of a file that
    states none is made anew every time: it follows from the files beside it, too, that it imports.
    """
    if entry.error:
        return entry
    if entry.name.startswith("_"):
        return None
    if not entry.path.is_file():  # a pipe would be waited for
        return replace(entry, error=f"it is {not_a_file(entry.path)}")
    try:
        found = _parsed_once(entry) if entry.origin == "hpbench" else _parsed(entry)
        if found is None or found.error or found.version:
            return found
        return replace(found, version=entry.code)
    except OSError as error:
        return replace(entry, error=str(error))
    except (RecursionError, MemoryError):
        return replace(entry, error="its code is nested too deeply to be read")


def _parsed_once(entry: Entry) -> Entry | None:
    status = entry.path.stat()
    stamp = status.st_mtime_ns, status.st_size
    before = _shipped.get(entry.path)
    if before is None or before[0] != stamp:
        before = _shipped[entry.path] = stamp, _parsed(entry)
    return before[1]


def _parsed(entry: Entry) -> Entry | None:
    try:
        tree = ast.parse(entry.path.read_bytes())
    except SyntaxError as error:
        where = f" in line {error.lineno}" if error.lineno else ""
        return replace(entry, error=f"syntax error{where}: {' '.join(error.msg.split())}")
    except ValueError as error:
        return replace(entry, error=str(error))
    if entry.kind == "scenarios":
        protocol = _constant(tree, "PROTOCOL")
        protocols: tuple[str, ...] = (protocol,) if protocol else ()
    else:
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        protocols = tuple(name for name, one in PROTOCOLS.items() if one.builder in functions)
    if not protocols:
        reason = _why_no_protocol(entry, tree)
        return replace(entry, error=reason) if reason else None
    if not typable(entry.name):
        return replace(entry, error=_not_typable(entry))
    if protocols[0] not in PROTOCOLS:
        return replace(entry, error=f"PROTOCOL = {protocols[0]!r}: {nearest(protocols[0], PROTOCOLS)}")
    summary = (ast.get_docstring(tree) or "").split("\n")[0]
    version = _constant(tree, "VERSION")
    found = replace(entry, summary=summary, protocols=protocols, version=version)
    if not version and "VERSION" in _defined(tree):
        return replace(found, error='VERSION must be written out in this file, as in VERSION = "1"')
    try:
        return replace(found, presets=read_presets(tree) if entry.kind == "strategies" else {})
    except InputError as error:
        return replace(found, error=str(error))


def _not_typable(entry: Entry) -> str:
    what = "the entry point" if entry.module and entry.origin != "hpbench" else "the file"
    others = ", ".join(_NO_TEXT)
    return (
        f"{entry.singular}={entry.name} cannot be asked for: rename {what} to ASCII letters, digits and "
        f"underscores, a letter first, and none of {others}"
    )


def _why_no_protocol(entry: Entry, tree: ast.Module) -> str:
    """What a file lacks that looks like a strategy or scenario; empty if it does not look like one."""
    defined = _defined(tree)
    if entry.kind == "scenarios":
        wrong = "PROTOCOL" in defined
        return 'PROTOCOL must be written out in this file, as in PROTOCOL = "continual"' if wrong else ""
    builder = next((one.builder for one in PROTOCOLS.values() if one.builder in defined), "")
    needed = f"{builder} must be a function of this file, which is not imported to be listed: write "
    return f"{needed}`def {builder}(settings, task): …` here, and call the other there" if builder else ""


def _defined(tree: ast.Module) -> set[str]:
    """Names that a file imports or assigns at its top level, but for modules of this package."""
    names = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "hpbench"
        for alias in node.names
    }
    targets = [
        target
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


def _constant(tree: ast.Module, name: str) -> str:
    """The value that a file gives to a name at its top level, or ""."""
    constants = (one.value for one in assigned(tree, name) if isinstance(one, ast.Constant))
    return str(next(constants, ""))
