"""The version of a file of one's own that states none: its code, and what it imports from beside it."""

from pathlib import Path

import pytest
from toy import write_file

from hpbench import registry
from hpbench.own_code import code_version

HELPERS = {
    "from ._helper import x": "_helper.py",
    "from . import _helper": "_helper.py",
    "import _helper": "_helper.py",
    "from _helper import x as y": "_helper.py",
    "def f():\n    from . import _helper": "_helper.py",
    "from .kit import x": "kit/__init__.py",
    "from .kit.inner import x": "kit/inner.py",
    "from .kit import inner": "kit/inner.py",
    "from .kit.inner import y": "kit/__init__.py",
}


@pytest.mark.parametrize(("line", "helper"), HELPERS.items())
def test_a_helper_counts_however_it_is_imported(tmp_path: Path, line: str, helper: str) -> None:
    file = write_file(tmp_path / "mine.py", line + "\n")
    for name in ("_helper.py", "kit/__init__.py", "kit/inner.py"):
        write_file(tmp_path / name, "x = y = 1\n")
    before = code_version(file)
    write_file(tmp_path / helper, "x = y = 2\n")
    assert code_version(file) != before


def test_a_helper_of_a_helper_counts_and_a_circle_ends(tmp_path: Path) -> None:
    file = write_file(tmp_path / "mine.py", "from . import a\n")
    write_file(tmp_path / "a.py", "from . import b, mine\n")
    deep = write_file(tmp_path / "b.py", "from . import a\nx = 1\n")
    before = code_version(file)
    write_file(deep, "from . import a\nx = 2\n")
    assert code_version(file) != before


def test_what_is_not_imported_and_what_is_no_code_does_not_count(tmp_path: Path) -> None:
    file = write_file(tmp_path / "mine.py", '"""Words."""\nimport os, torch\n\nx = 1\n')
    before = code_version(file)
    write_file(tmp_path / "other.py", "x = 1\n")
    write_file(file, '"""Other words."""\nimport os, torch  # a comment\nx = (1)\n')
    assert code_version(file) == before


def test_the_same_code_in_another_folder_is_the_same(tmp_path: Path) -> None:
    files = []
    for folder in ("one", "two"):
        files.append(write_file(tmp_path / folder / "mine.py", "from . import a\n"))
        write_file(tmp_path / folder / "a.py", "x = 1\n")
    assert code_version(files[0]) == code_version(files[1])


@pytest.mark.parametrize(
    "line",
    [
        "from ..tools import x",
        "from plugin.tools import x",
        "import plugin.tools",
        "from plugin import tools",
    ],
)
def test_a_plugin_packages_other_modules_count(tmp_path: Path, line: str) -> None:
    package = tmp_path / "plugin"
    file = write_file(package / "rules" / "mine.py", line + "\n")
    for name in ("__init__.py", "rules/__init__.py"):
        write_file(package / name, "")
    tools = write_file(package / "tools.py", "x = 1\n")
    before = code_version(file, "plugin.rules.mine")
    write_file(tools, "x = 2\n")
    assert code_version(file, "plugin.rules.mine") != before


def test_a_module_installed_alone_is_its_own_file(tmp_path: Path) -> None:
    file = write_file(tmp_path / "mine.py", "import torch\n")
    beside = write_file(tmp_path / "torch.py", "x = 1\n")
    before = code_version(file, "mine")
    write_file(beside, "x = 2\n")
    assert code_version(file, "mine") == before


def test_a_file_that_cannot_be_parsed_counts_by_its_bytes(tmp_path: Path) -> None:
    file = write_file(tmp_path / "mine.py", "from . import broken\n")
    broken = write_file(tmp_path / "broken.py", "def (\n")
    before = code_version(file)
    write_file(broken, "def ((\n")
    assert code_version(file) != before


def test_a_stated_version_is_taken_at_its_word(toy_path: Path) -> None:
    file = write_file(
        toy_path / "strategies" / "mine.py", 'VERSION = "3"\n\n\ndef continual(s, t):\n    return 1\n'
    )
    assert registry.find("strategies", "mine").version == "3"
    write_file(file, "def continual(s, t):\n    return 1\n")
    assert registry.find("strategies", "mine").version.startswith("code-")


def test_a_loose_file_can_import_what_lies_beside_it(toy_path: Path) -> None:
    folder = toy_path / "strategies"
    write_file(folder / "_helper.py", "x = 41\n")
    write_file(
        folder / "mine.py",
        "from . import _helper\nfrom ._helper import x\n\n\nclass Settings:\n    pass\n\n\n"
        "def continual(settings, task):\n    return x + 1\n",
    )
    entry = registry.find("strategies", "mine")
    assert registry.load(entry).continual(None, None) == 42
    assert "_helper" not in [one.name for one in registry.entries("strategies")]


def test_every_file_of_the_package_states_its_version() -> None:
    for kind in ("strategies", "scenarios"):
        for entry in registry.shipped(kind):
            assert not entry.error
            assert entry.version.isdigit(), f"{entry.path} states no VERSION"
