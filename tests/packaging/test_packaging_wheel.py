"""The wheel holds all that the checkout holds, and works without it."""

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = ("hpbench", "strategies", "scenarios")
LIST = """
import sys
sys.path[:0] = sys.argv[1:3]
import hpbench
from hpbench import registry
from hpbench.cli.main import main
print(hpbench.__file__, *(registry.find("strategies", name).path for name in ("hp", "gp")))
sys.argv = ["hpbench", "list"]
main()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources without a network."""
    copy = tmp_path_factory.mktemp("copy")
    for name in SOURCES:
        shutil.copytree(CHECKOUT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, copy)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."]
    done = subprocess.run(build, cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own with the wheel's content: all that installing does for sys.path."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_every_source_file_of_the_checkout(installed: Path) -> None:
    expected = {
        (Path("" if name == "hpbench" else "hpbench") / path.relative_to(CHECKOUT)).as_posix()
        for name in SOURCES
        for path in (CHECKOUT / name).rglob("*.py")
    }
    assert {"hpbench/strategies/hp.py", "hpbench/scenarios/split_mnist.py"} <= expected
    assert {path.relative_to(installed).as_posix() for path in installed.rglob("*.py")} == expected
    assert (installed / "hpbench/spiking/fused/kernels.cpp").is_file()


def test_the_wheel_brings_the_command_and_the_licence(installed: Path) -> None:
    [metadata] = installed.glob("hpbench-*.dist-info")
    assert "hpbench = hpbench.cli.main:main" in (metadata / "entry_points.txt").read_text()
    assert (metadata / "licenses" / "LICENSE").is_file()


@pytest.mark.parametrize("name", ["mnist_5k", "japanese_vowels"])
def test_the_wheel_brings_data_with_their_licence(installed: Path, name: str) -> None:
    [data] = installed.rglob(f"{name}.csv.gz")
    [checkout] = (CHECKOUT / "hpbench").rglob(f"{name}.csv.gz")
    assert data.relative_to(installed) == checkout.relative_to(CHECKOUT)
    assert data.read_bytes() == checkout.read_bytes()
    assert data.with_name(f"{name}.LICENSE").is_file()
    assert list(installed.glob(f"*.dist-info/licenses/**/{name}.LICENSE"))


def test_list_works_where_only_the_wheel_is_installed(installed: Path, tmp_path: Path) -> None:
    """-I and -S keep out the current folder, the environment and the checkout's editable installation."""
    libraries = sysconfig.get_path("purelib")
    command = [sys.executable, "-I", "-S", "-c", LIST, str(installed), libraries]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    places, *listing = done.stdout.splitlines()
    assert all(place.startswith(f"{installed}/") for place in places.split())
    listed = {line.split()[0] for line in listing if line.startswith("  ")}
    assert {"split_mnist", "hp", "gp", "ewc"} <= listed
