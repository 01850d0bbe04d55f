"""The losses that settings choose from are those that there are."""

from hpbench import registry
from hpbench.core.settings import settings_of
from hpbench.learning.losses import LOSSES


def test_every_loss_that_settings_name_is_defined_and_every_one_defined_is_named() -> None:
    named = {
        choice
        for strategy in registry.shipped("strategies")
        for protocol in strategy.protocols
        for one in settings_of(registry.settings_class(strategy, protocol))
        for choice in one.choices
        if one.name == "loss"
    }
    assert named == set(LOSSES)
