"""The version of a user's strategy or scenario without a VERSION: a hash of its code.

The hash covers the file and, transitively, the modules that it imports from its own folder or, for a file of
an installed package, from that package. Comments, docstrings and layout do not count.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path


def code_version(file: Path, module: str = "") -> str:
    """ "code-" and 12 hex digits for a file; `module` is its dotted name if it belongs to a package.

    Of a file that cannot be parsed, the bytes are hashed. Raises OSError if the file cannot be read.
    """
    root, contents = _code_of_files(file.absolute(), module)
    digest = hashlib.sha256()
    for path in sorted(contents):
        digest.update(f"{path.relative_to(root)}\0{contents[path]}\0".encode())
    return f"code-{digest.hexdigest()[:12]}"


def code_files(file: Path, module: str = "") -> list[Path]:
    """The file and what it imports from its own folder or package. Raises OSError if one cannot be read."""
    return sorted(_code_of_files(file.absolute(), module)[1])


def _code_of_files(file: Path, module: str) -> tuple[Path, dict[Path, str]]:
    """The folder whose modules count, and the code of the file and of all that it imports from there."""
    root, package = _home(file, module)
    pending = [file]
    contents: dict[Path, str] = {}
    while pending:
        path = pending.pop()
        if path in contents:
            continue
        contents[path], imported = _read(path, root, package)
        pending += [one for one in imported if one not in contents]
    return root, contents


def _home(file: Path, module: str) -> tuple[Path, str]:
    """The folder whose modules count as the file's own code, and the package's name ("" for none)."""
    first, *rest = module.split(".")
    if not rest and file.name != "__init__.py":
        return file.parent, module or ""
    return file.parents[len(rest) - (file.name != "__init__.py")], first


def _read(path: Path, root: Path, package: str) -> tuple[str, list[Path]]:
    """The code of a file, and the files below `root` that it imports."""
    data = path.read_bytes()
    try:
        tree = ast.parse(data)
        imported = [file for place in _places(tree, path, root, package) for file in _files(place, root)]
        return _code(tree), imported
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return hashlib.sha256(data).hexdigest(), []


def _places(tree: ast.Module, path: Path, root: Path, package: str) -> Iterator[Path]:
    """The paths, without a suffix, where the modules that a file imports would be."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _absolute(alias.name, root, package)
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if node.level > len(path.parents):
                continue  # such an import fails
            if node.level:
                base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
                yield from (base, *(base / name for name in names))
            else:
                for name in ("", *names):
                    yield from _absolute(f"{node.module}.{name}".rstrip("."), root, package)


def _absolute(name: str, root: Path, package: str) -> Iterator[Path]:
    first, *rest = name.split(".")
    if not package:
        yield root.joinpath(first, *rest)
    elif first == package:
        yield root.joinpath(*rest)


def _files(place: Path, root: Path) -> Iterable[Path]:
    """The files that importing `place` runs, with the __init__.py of parent packages; none outside `root`."""
    if root != place and root not in place.parents:
        return []
    found = [place.with_name(f"{place.name}.py")] if place != root else []
    folders = [place, *(one for one in place.parents if one == root or root in one.parents)]
    found += [folder / "__init__.py" for folder in folders]
    return [file for file in found if file.is_file()]


def _code(tree: ast.Module) -> str:
    """The code without docstrings, comments and layout (ast drops the last two)."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body = [one for one in node.body if not _is_text(one)] or [ast.Pass()]
    return ast.unparse(tree)


def _is_text(statement: ast.stmt) -> bool:
    """Whether a statement is a bare string: a docstring, or the description below a constant or field."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
