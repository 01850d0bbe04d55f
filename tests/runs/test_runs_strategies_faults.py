"""What a strategy or scenario of one's own does wrong is told as its own fault, and the sweep goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from toy import QUICK, files, strategy_text, write_file

TOY = ("run", "scenario=toy", *QUICK)

MODULE = """
    import torch

    class Own(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(64, task.outputs)

        def forward(self, inputs):
            {forward}
            return self.layer(inputs)

        def facts(self):
            return {facts}

    return supervised(settings, task, Own())"""

NETWORK = '{"network": "own"}'


def of(forward: str = "pass", facts: str = NETWORK) -> str:
    return strategy_text(MODULE.format(forward=forward, facts=facts).strip())


FAULTS = {
    "sys.exit in forward": (of("raise SystemExit(0)"), "SystemExit: 0"),
    "GeneratorExit in forward": (of("raise GeneratorExit"), "GeneratorExit"),
    "own BaseException": (of("raise type('Mine', (BaseException,), {})('x')"), "Mine: x"),
    "facts that are measured": (of(facts='{"network": "own", "accuracy": 1.0}'), "gives 'accuracy'"),
    "facts of no column": (of(facts='{"network": "own", "depth": 3}'), "gives 'depth'"),
    "facts that are no dictionary": (of(facts="3"), "returns int"),
    "facts of another kind": (of(facts='{"network": object()}'), "is no str"),
    "facts of two lines": (of(facts='{"network": "a\\nb"}'), "expected a word"),
    "facts without a text": (of(facts='{"network": ""}'), "expected a word"),
    "facts that are a formula": (of(facts='{"network": "=1+1"}'), "expected a word"),
    "facts that break a table": (of(facts='{"network": "a|b"}'), "expected a word"),
    "facts below their range": (of(facts='{"time_steps": -4}'), "expected at least 1"),
    "facts with a flag for a number": (of(facts='{"network": "own", "time_steps": True}'), "is no int"),
    "no strategy": (strategy_text("return None"), "returned NoneType"),
}


@pytest.mark.parametrize(("text", "says"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_a_strategy_names_its_file_and_the_sweep_goes_on(
    hpbench: Callable, toy_path: Path, tmp_path: Path, text: str, says: str
) -> None:
    path = write_file(toy_path / "strategies" / "faulty.py", text)
    ended = hpbench(*TOY, "strategy=faulty,ann", "--out", tmp_path / "out")
    _, line = ended.err.splitlines()
    assert ended.code == 2
    assert says in line and str(path) in line
    assert "Traceback" not in ended.out + ended.err
    assert len((tmp_path / "out" / "toy.csv").read_text().splitlines()) == 2


REFUSED = {
    "PUBLISHED": (strategy_text() + "\nPUBLISHED = 3\n", "PUBLISHED"),
    "NEXT": (strategy_text() + "\nNEXT = 3\n", "NEXT"),
    "check": (
        strategy_text().replace(
            "\n\ndef continual", "\n    def check(self): raise ValueError('no')\n\n\ndef continual"
        ),
        "check() failed: ValueError: no",
    ),
}


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_a_file_declares_wrongly_is_told_before_anything_starts(
    hpbench: Callable, toy_path: Path, out: Path, text: str, says: str
) -> None:
    path = write_file(toy_path / "strategies" / "faulty.py", text)
    before = files(out)
    ended = hpbench(*TOY, "strategy=ann,faulty", "seed=4", "--out", out)
    [line] = ended.err.splitlines()
    assert (ended.code, files(out)) == (2, before)
    assert says in line and str(path) in line


def test_a_scenario_that_builds_nothing(hpbench: Callable, toy_path: Path, tmp_path: Path) -> None:
    text = (toy_path / "scenarios" / "toy.py").read_text().replace("return split_by_class", "split_by_class")
    path = write_file(toy_path / "scenarios" / "hollow.py", text)
    ended = hpbench("run", "scenario=hollow", "strategy=ann", *QUICK, "--out", tmp_path)
    assert ended.code == 2
    assert "build() returned NoneType" in ended.err and str(path) in ended.err


def test_ctrl_c_is_no_fault_of_a_strategy(hpbench: Callable, toy_path: Path, tmp_path: Path) -> None:
    write_file(toy_path / "strategies" / "faulty.py", of("raise KeyboardInterrupt"))
    ended = hpbench(*TOY, "strategy=faulty,ann", "--out", tmp_path / "out")
    assert ended.code == 130
    assert not (tmp_path / "out" / "toy.csv").exists()
