"""Every canary's figures are those recorded for its version."""

import pytest

from hpbench import registry
from hpbench.canaries.canary import Canary, canaries
from hpbench.canaries.check import check, orphans
from hpbench.canaries.files import as_text, read, recorded_folder

EVERYTHING = canaries()


@pytest.mark.parametrize("canary", EVERYTHING, ids=str)
def test_its_figures_stand(canary: Canary) -> None:
    problem = check(canary, recorded_folder())
    assert problem is None, problem


def test_nothing_is_recorded_that_is_no_canary() -> None:
    assert orphans(EVERYTHING, recorded_folder()) == []


def test_every_strategy_under_every_protocol_and_every_scenario_has_canaries() -> None:
    wanted = {
        (entry.name, protocol, name)
        for kind, name in (("strategies", "plain"), ("scenarios", "plain"), ("strategies", "defaults"))
        for entry in registry.shipped(kind)  # type: ignore[arg-type]
        for protocol in entry.protocols
    }
    assert wanted <= {(one.subject, one.protocol, one.name) for one in EVERYTHING}


def test_names_are_used_once() -> None:
    names = [str(one) for one in EVERYTHING]
    assert len(names) == len(set(names))


def test_files_are_as_they_are_written() -> None:
    for path in recorded_folder().glob("*/*.json"):
        assert path.read_text() == as_text(read(path)) + "\n"
