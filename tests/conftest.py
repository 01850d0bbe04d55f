"""Keeps the tests off the user's folders and the network, and gives them the command line in this process."""

import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from toy import QUICK, write_toy

settings.register_profile("any_machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_machine")


@pytest.fixture(scope="session", autouse=True)
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No download, no cache and no log of the user's, no strategies of theirs."""
    folder = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HPBENCH_OFFLINE", "1")
        patch.delenv("HPBENCH_DATA", raising=False)
        patch.delenv("HPBENCH_PATH", raising=False)
        patch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(folder / "cache"))
        patch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(folder / "log"))
        yield


@pytest.fixture
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The cache folder of this test (not made yet); downloads are forbidden unless a test allows them."""
    cache = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(cache))
    monkeypatch.delenv("HPBENCH_DATA", raising=False)
    monkeypatch.setenv("HPBENCH_OFFLINE", "1")
    return cache


@pytest.fixture
def toy_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder named by HPBENCH_PATH that holds the scenario `toy`; a test may add files."""
    folder = write_toy(tmp_path / "mine")
    monkeypatch.setenv("HPBENCH_PATH", str(folder))
    return folder


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def hpbench(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Ended]]:
    """The command line as a function of its words, run in this process.

    However slow the machine, it does not say that a file of one's own is still being imported.
    """
    from hpbench.cli.main import main

    monkeypatch.setattr("hpbench.registry.SLOW_IMPORT", 3600.0)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def command(*words: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["hpbench", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, out, err)

    yield command
    logging.captureWarnings(False)
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = handlers, level


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, apart: None) -> Path:
    """A leaderboard folder with one run: `ann` on `toy`, QUICK. Copy it; never write to it."""
    from hpbench.plan.compose import plan
    from hpbench.runs.execute import execute

    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HPBENCH_PATH", str(write_toy(folder / "mine")))
        [run] = plan(["scenario=toy", "strategy=ann", *QUICK])
        execute(run, folder / "out", force=False, say=print, report=lambda _: None)
    return folder / "out"


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, apart: None) -> Callable[[str], Path]:
    """Leaderboard folders, each of a run on `toy` with its model, by strategy. Never write to them."""
    from hpbench.plan.compose import plan
    from hpbench.runs.execute import execute

    made: dict[str, Path] = {}

    def of(strategy: str) -> Path:
        if strategy not in made:
            folder = tmp_path_factory.mktemp(f"kept_{strategy}")
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("HPBENCH_PATH", str(write_toy(folder / "mine")))
                [run] = plan(["scenario=toy", f"strategy={strategy}", *QUICK, "save=model"])
                execute(run, folder / "out", force=False, say=print, report=lambda _: None)
            made[strategy] = folder / "out"
        return made[strategy]

    return of


@pytest.fixture
def out(finished: Path, tmp_path: Path) -> Path:
    """A leaderboard folder of the test's own, with the row of `finished`."""
    return Path(shutil.copytree(finished, tmp_path / "out"))


@pytest.fixture(autouse=True)
def denormal_numbers() -> Iterator[None]:
    """A run that a test makes takes denormal numbers for zero; the next test starts as usual."""
    yield
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_flush_denormal(False)
