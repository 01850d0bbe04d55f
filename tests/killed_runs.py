"""Kills runs at random moments, starts them again, and compares with runs that were not killed.

    PYTHONPATH=tests python -m killed_runs continual 200

prints a line for each kill, and ends with exit code 1 if any figure, record or weight differs. Libraries are
imported once, in this process; runs are forks of it.
"""

import functools
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toy_protocols import write_toys

_QUICK = ("strategy.hidden=[32]", "strategy.batch=20", "strategy.lr=0.002")
_FEW_SHOT = (
    "scenario=toy_characters",
    "scenario.episodes=600",
    "strategy.filters=[4,4]",
    "strategy.meta_steps=60",
    "strategy.meta_batch=2",
    "strategy.train_ways=5",
    "strategy.train_queries=3",
    "strategy.validate_every=10",
    "strategy.validation_ways=4",
    "strategy.validation_queries=3",
    "strategy.validation_episodes=10",
)
_NOISY = ("scenario=toy_noisy", *_QUICK, "scenario.passes=2")


def _continual(strategy: str, *words: str, scenario: str = "toy") -> tuple[str, ...]:
    quick = [one for one in _QUICK if not one.startswith("strategy.batch") or scenario == "toy"]
    return (f"strategy={strategy}", f"scenario={scenario}", *quick, *words)


RUNS: dict[str, Sequence[tuple[str, ...]]] = {
    "continual": [
        _continual("hp:class_memory", "scenario.passes=2"),
        _continual("replay", "strategy.memory=40", "scenario.passes=2"),
        _continual("ewc", "scenario.regime=task"),
        _continual("gem", "strategy.memory=40"),
        _continual("agem", "strategy.memory=40", "strategy.drawn=20"),
        _continual("icarl", "strategy.memory=40"),
        _continual("gdumb", "strategy.memory=40"),
        _continual("der", "strategy.memory=40"),
        _continual(
            "si", "scenario.passes=2", "scenario.selection=validation", "scenario.validation_share=0.2"
        ),
        _continual("lwf", "scenario.regime=domain"),
        _continual("slda", "strategy.features=network"),
        _continual("decolle"),
        _continual("joint", "scenario.passes=2"),
        ("strategy=ncm", "strategy.batch=20", "scenario=toy"),
        _continual("hp", "strategy.theta_gradient=exact"),
        _continual("lp", "scenario.encoding=poisson"),
        _continual("gp", scenario="toy_online"),
        _continual("replay", "strategy.memory=40", scenario="toy_online"),
        _continual("ann", "scenario.boundaries=told", scenario="toy_online"),
        ("strategy=hp:prototypes", "strategy.column_field=3", "scenario=toy_online"),
    ],
    "few_shot": [
        ("strategy=maml", *_FEW_SHOT),
        ("strategy=hp", *_FEW_SHOT, "strategy.inner_steps=1"),
        ("strategy=protonet", *_FEW_SHOT, "strategy.distortion=0.1"),
        ("strategy=lp", *_FEW_SHOT),
        ("strategy=anil", *_FEW_SHOT, "strategy.patience=2"),
    ],
    "robustness": [
        ("strategy=hp_fgsm", *_NOISY),
        ("strategy=hp:class_memory", *_NOISY),
        ("strategy=ann", *_NOISY, "scenario.disturbances=[fgsm,square]", "scenario.attack_queries=3"),
        ("strategy=si", *_NOISY),
        ("strategy=decolle", *_NOISY, "scenario.encoding=poisson"),
    ],
}
"""The words of runs that take a fraction of a second, by protocol."""

_TIMES = ("_seconds", "_memory_mb")
_SHORT = 0.02 / 60
"""Minutes between two states."""


@dataclass(frozen=True)
class Left:
    """What a run has left: its row and record without times, a hash of its weights, what it said."""

    row: dict[str, Any]
    record: Any
    weights: str
    said: tuple[str, ...]

    def differences(self, other: "Left") -> list[str]:
        """What differs, but for what was said."""
        found = [name for name in self.row | other.row if self.row.get(name) != other.row.get(name)]
        found += ["record"] if self.record != other.record else []
        return found + (["weights"] if self.weights != other.weights else [])


def kills(protocol: str, count: int, seed: int, folder: Path) -> Iterator[tuple[str, list[str], str]]:
    """Kill `count` runs of a protocol; yields for each its words, what differs, and where it went on."""
    os.environ["HPBENCH_PATH"] = str(write_toys(folder / "mine"))
    os.environ["HPBENCH_OFFLINE"] = "1"
    _import_everything(protocol)
    generator = random.Random(seed)
    whole: dict[tuple[str, ...], tuple[Left, float]] = {}
    for number in range(count):
        words = RUNS[protocol][number % len(RUNS[protocol])]
        if words not in whole:
            whole[words] = _finished(words, folder / "whole" / str(number))
        expected, seconds = whole[words]
        killed = False
        while not killed:  # another load of the machine than before may have let it end
            place = Path(tempfile.mkdtemp(dir=folder))
            moment = generator.uniform(0, seconds)
            killed = _killed(words, place, moment, at_once=number % 5 == 4)
            seconds = seconds if killed else moment
        found, _ = _finished(words, place)
        where = next((line for line in found.said if line.startswith("Goes on")), "began anew")
        left_over = [str(one) for one in place.rglob("*.state")]
        yield " ".join(words[:2]), found.differences(expected) + left_over, f"{moment:.2f} s, {where}"


def _import_everything(protocol: str) -> None:
    from hpbench import registry
    from hpbench.learning import strategy  # noqa: F401
    from hpbench.plan.compose import plan
    from hpbench.protocols.table import PROTOCOLS
    from hpbench.runs import perform
    from hpbench.states import exact, own_modules  # noqa: F401

    for words in RUNS[protocol]:
        [run] = plan(words)
        registry.load(registry.find("strategies", run.strategy))
    PROTOCOLS[protocol].part("runs")
    perform.provenance.sources_hash()


def _killed(words: Sequence[str], folder: Path, moment: float, *, at_once: bool) -> bool:
    """Whether a run was killed so many seconds after its start, or after its first state, before it ended."""
    child = _fork(words, folder)
    code = None if at_once else _code_at_first_state(child, folder)
    time.sleep(moment)
    if code is not None or os.waitpid(child, os.WNOHANG)[0]:
        return False
    os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code == -signal.SIGKILL and not any(folder.glob("out/*.csv"))  # its row was filed already


def _finished(words: Sequence[str], folder: Path) -> tuple[Left, float]:
    """What a run leaves that is not killed, and the seconds between its first state and its end."""
    child = _fork(words, folder)
    code = _code_at_first_state(child, folder)
    start = time.monotonic()
    if code is None:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise RuntimeError(f"{words} ended with exit code {code}")
    found = json.loads((folder / "left.json").read_text())
    left = Left(found["row"], found["record"], found["weights"], tuple(found["said"]))
    return left, time.monotonic() - start


def _code_at_first_state(child: int, folder: Path) -> int | None:
    """Wait for a state of this run; returns the exit code if it ends before it has one."""
    while not any(folder.rglob("*.state")):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.003)
    return None


def _fork(words: Sequence[str], folder: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        (folder / "left.json").write_text(json.dumps(_run(words, folder / "out")))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def _run(words: Sequence[str], out: Path) -> dict[str, Any]:
    from hpbench import registry
    from hpbench.learning.strategy import learner
    from hpbench.plan.compose import plan
    from hpbench.protocols.table import PROTOCOLS
    from hpbench.runs.execute import execute

    [run] = plan(words)
    module: Any = registry.load(registry.find("strategies", run.strategy))
    name = PROTOCOLS[registry.find("scenarios", run.scenario).protocols[0]].builder
    build, built = getattr(module, name), []

    @functools.wraps(build)
    def builder(*arguments: Any) -> Any:
        built.append(build(*arguments))
        return built[-1]

    setattr(module, name, builder)
    said: list[str] = []
    record = execute(run, out, force=False, say=said.append, report=lambda _: None, checkpoint_minutes=_SHORT)
    made = built[0]
    return {
        "row": {name: value for name, value in record.row.items() if not _timed(name)},
        "record": _untimed(record.details),
        "weights": _hash((made if hasattr(made, "state_dict") else learner(made)).state_dict()),
        "said": said,
    }


def _hash(state: dict[str, Any]) -> str:
    import hashlib

    digest = hashlib.sha256()
    for name, one in sorted(state.items()):
        digest.update(name.encode() + one.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _timed(name: str) -> bool:
    return name in ("finished", "seconds") or name.endswith(_TIMES)


def _untimed(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _untimed(one) for name, one in value.items() if not _timed(str(name))}
    return [_untimed(one) for one in value] if isinstance(value, (list, tuple)) else value


def main(protocol: str, count: str = "20", seed: str = "0") -> int:
    """Kill and print; returns the exit code."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for words, differences, where in kills(protocol, int(count), int(seed), Path(folder)):
            wrong += bool(differences)
            print(
                f"{'DIFFERENT' if differences else 'same'}: {words}: {where} {differences or ''}", flush=True
            )
    print(f"{count} runs killed, {wrong} different")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
