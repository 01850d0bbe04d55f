"""What rows say of a rule's locality."""

from typing import Any

import pytest
from stream import small_task

from hpbench import registry
from hpbench.learning.strategy import network_of

NO, YES = False, True


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("gp", {}, (NO, NO, YES, YES)),
        ("hp", {"architecture": "multitask"}, (NO, NO, YES, YES)),
        ("fa", {}, (NO, NO, NO, YES)),
        ("dfa", {}, (NO, YES, NO, YES)),
        ("drtp", {}, (NO, YES, NO, NO)),
        ("eprop", {}, (YES, YES, YES, YES)),
        ("eprop", {"feedback": "random"}, (YES, YES, NO, YES)),
        ("ottt", {}, (YES, NO, YES, YES)),
        ("decolle", {}, (YES, YES, NO, NO)),
    ],
)
def test_in_time_in_space_weight_transport_and_update_locking(
    name: str, changes: dict[str, Any], expected: tuple[bool, ...]
) -> None:
    entry = registry.find("strategies", name)
    settings = registry.settings_class(entry, "continual")(**changes)
    facts = network_of(registry.load(entry).continual(settings, small_task())).facts()
    names = ("local_in_time", "local_in_space", "weight_transport", "update_locking")
    assert tuple(facts[one] for one in names) == expected
