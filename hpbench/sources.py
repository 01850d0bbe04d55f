"""Hash of the sources that shape a run's figures.

The files are the strategy's, the scenario's, the protocol's, and whatever of this package they import,
directly or not. `hpbench.core` is left out: it only names things. Comments, docstrings and layout do not
count, nor does what a strategy's file holds for other protocols alone.
"""

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from pathlib import Path

from hpbench.registry import BUILDERS

_NAMES_ONLY = "hpbench.core"
_ELSEWHERE = ("strategies", "scenarios")  # in a checkout they lie beside the engine, not in it


def source_hash(files: Iterable[Path], protocol: str) -> str:
    """The first 16 hex digits of the SHA-256 of all sources behind `files` and a protocol's module."""
    entries = [path.resolve() for path in files]
    others = set(BUILDERS.values()) - {BUILDERS[protocol]}
    pending = [*entries, *_module_files(f"hpbench.protocols.{protocol}")]
    contents: dict[Path, str] = {}
    while pending:
        path = pending.pop()
        if path in contents:
            continue
        tree = ast.parse(path.read_bytes())
        if path in entries:
            _leave_out(tree, others)
        contents[path] = _code(tree)
        for name in _imports(tree):
            pending += _module_files(name)
    digest = hashlib.sha256()
    for code in sorted(contents.values()):
        digest.update(code.encode() + b"\0")
    return digest.hexdigest()[:16]


def _leave_out(tree: ast.Module, functions: set[str]) -> None:
    """Take these functions out of a file, and then whatever nothing but they made use of."""
    dropped = [one for one in tree.body if _defines(one) & functions]
    while dropped:
        tree.body = [one for one in tree.body if one not in dropped]
        idle = _names(dropped) - _names(tree.body)
        for one in tree.body:
            if isinstance(one, (ast.Import, ast.ImportFrom)):
                one.names = [alias for alias in one.names if (alias.asname or alias.name) not in idle]
        dropped = [one for one in tree.body if _defines(one) & idle or getattr(one, "names", None) == []]


def _names(statements: list[ast.stmt]) -> set[str]:
    """The names that statements make use of."""
    nodes = (node for one in statements for node in ast.walk(one))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _defines(statement: ast.stmt) -> set[str]:
    """The name that a function, a class or an assignment defines."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _code(tree: ast.Module) -> str:
    """The code without docstrings; ast keeps neither comments nor layout."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body = [one for one in node.body if not _is_text(one)] or [ast.Pass()]
    return ast.unparse(tree)


def _is_text(statement: ast.stmt) -> bool:
    """Whether it is a bare string: a docstring, or the words below a constant or a field."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _imports(tree: ast.Module) -> Iterable[str]:
    """Modules of this package that a file imports; `from a import b` may mean the module a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if name.startswith("hpbench."))


def _module_files(name: str) -> list[Path]:
    """The files of a module and of the packages above it, found without importing any."""
    if name.startswith(_NAMES_ONLY):
        return []
    parts = name.split(".")[1:]
    place = Path(__file__).resolve().parent
    if parts[0] in _ELSEWHERE and (spec := importlib.util.find_spec(f"hpbench.{parts[0]}")):
        place = Path((spec.submodule_search_locations or [str(place)])[0])
        parts = parts[1:]
    files: list[Path] = []
    for part in parts:
        package, module = place / part / "__init__.py", place / f"{part}.py"
        if module.is_file():
            return [*files, module]
        if not package.is_file():
            break  # the last part was a name inside the package, or lies outside the engine
        files.append(package)
        place = place / part
    return files
