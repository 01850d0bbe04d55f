"""Runs on a Ray cluster and as jobs: the same rows, a node that dies, and what is refused."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import QUICK

from hpbench.boards.table import read

BY_CLOCK = ["train_seconds", "test_seconds", "peak_memory_mb", "finished"]
TOY = ("run", "scenario=toy", *QUICK)


def _figures(out: Path) -> Any:
    return read(out / "toy.csv").drop(columns=BY_CLOCK)


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of the test's own for processes that know nothing of the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.slow
@pytest.mark.usefixtures("own_cache")
def test_a_node_that_is_killed_loses_no_run_and_doubles_none(
    hpbench: Callable, toy_path: Path, tmp_path: Path
) -> None:
    """A head without processors and two nodes, all of them processes of their own."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    words = (*TOY, "strategy=ann,gp", "seed=range(4)")
    hpbench(*words, "--out", tmp_path / "alone")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    cluster.wait_for_nodes()

    over = threading.Event()

    def kill() -> None:
        while not over.is_set() and not (tmp_path / "out" / "toy.csv").exists():  # the first row
            time.sleep(0.05)
        cluster.remove_node(nodes[0], allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    ended = hpbench(*words, "executor=ray", f"address={cluster.address}", "--out", tmp_path / "out")
    over.set()
    killer.join()
    cluster.shutdown()
    assert ended.code == 0, ended.err
    assert "Ray: 2 runs at a time on 3 nodes" in ended.out
    assert len(_figures(tmp_path / "out")) == 8
    assert _figures(tmp_path / "out").equals(_figures(tmp_path / "alone"))


@pytest.mark.slow
@pytest.mark.usefixtures("own_cache")
def test_jobs_give_the_rows_of_one_process(hpbench: Callable, toy_path: Path, tmp_path: Path) -> None:
    pytest.importorskip("submitit")
    words = (*TOY, "strategy=ann,gp", "seed=1")
    hpbench(*words, "--out", tmp_path / "alone")
    ended = hpbench(*words, "executor=slurm", "address=local", "workers=2", "--out", tmp_path / "out")
    assert ended.code == 0, ended.err
    assert _figures(tmp_path / "out").equals(_figures(tmp_path / "alone"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["executor=ray", "address=127.0.0.1:1"], "address=127.0.0.1:1 is not reached"),
        (["executor=ray", "address=nowhere"], "address=nowhere is not reached"),
        (["address=auto"], "has no effect without executor=ray"),
        (["executor=rey"], "executor=rey"),
        (["executor=slurm", "job_minutes=0"], "job_minutes=0"),
        (["executor=slurm"], "Slurm is not found here"),
    ],
)
def test_what_is_not_there_is_told_before_anything_starts(
    hpbench: Callable, toy_path: Path, out: Path, words: list[str], says: str
) -> None:
    pytest.importorskip(f"{'submitit' if 'executor=slurm' in words else 'ray'}")
    before = sorted((out / "runs").iterdir())
    ended = hpbench(*TOY, "strategy=ann", "seed=7", *words, "--out", out)
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert says in ended.err and "Traceback" not in ended.err
    assert sorted((out / "runs").iterdir()) == before


@pytest.mark.parametrize(("name", "extra"), [("ray", "cluster"), ("slurm", "slurm")])
def test_a_library_that_is_missing_is_named(
    hpbench: Callable, toy_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, name: str, extra: str
) -> None:
    monkeypatch.setitem(
        __import__("hpbench.core.extras", fromlist=["LIBRARIES"]).LIBRARIES, extra, "no-such-library"
    )
    ended = hpbench(*TOY, "strategy=ann", "seed=7", f"executor={name}", "--out", out)
    assert ended.code == 2
    assert f"pip install 'hpbench[{extra}]'" in ended.err
