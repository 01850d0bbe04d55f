"""Neurons as settings: what acts with which of them, before anything starts."""

import dataclasses

import pytest

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.settings import canonical
from hpbench.networks.family import hybrid_parameters
from hpbench.plan.compose import plan
from hpbench.plan.typed_settings import typed_settings
from hpbench.spiking.neurons.izhikevich import Izhikevich
from hpbench.spiking.neurons.table import NEURONS

RUN = ("scenario=split_mnist", "strategy=hp")


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        (("strategy.adaptation=0.3",), "strategy.neuron=adaptive"),
        (("strategy.neuron=adaptive", "strategy.izhikevich_a=0.1"), "strategy.neuron=izhikevich"),
        (("strategy.neuron=izhikevich", "strategy.membrane_decay=0.5"), "strategy.neuron=lif or adaptive"),
        (("strategy.neuron=spike_response", "strategy.reset=zero"), "strategy.neuron=lif or adaptive"),
        (("strategy.neuron=adaptive", "strategy.architecture=multitask"), "architecture=feed_forward"),
    ],
)
def test_settings_of_other_neurons_are_refused(words: tuple[str, ...], needs: str) -> None:
    with pytest.raises(InputError, match="has no effect without") as refused:
        plan([*RUN, *words])
    assert needs in str(refused.value)


def test_an_unknown_neuron_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'izhikevich'"):
        plan([*RUN, "strategy.neuron=izhikevch"])


def test_a_constant_that_the_pattern_has_anyway_is_no_change() -> None:
    [run] = plan([*RUN, "strategy.neuron=izhikevich", "strategy.izhikevich_d=8"])
    assert canonical(run.strategy_settings).izhikevich_d is None
    [run] = plan([*RUN, "strategy.neuron=izhikevich", "strategy.izhikevich_d=7"])
    assert hybrid_parameters(run.strategy_settings).neuron == Izhikevich(izhikevich_d=7.0)


def test_own_settings_of_neurons_have_names_of_their_own() -> None:
    own = [one.name for kind in NEURONS.values() for one in dataclasses.fields(kind)]  # type: ignore[arg-type]
    assert len(own) == len(set(own))
    for strategy in registry.shipped("strategies"):
        for protocol in strategy.protocols:
            settings_class = registry.settings_class(strategy, protocol)
            for one in dataclasses.fields(settings_class):
                if one.name in own:
                    assert "neuron" in one.metadata["acts_with"], (strategy.name, one.name)


def test_settings_from_words_are_typed_and_checked() -> None:
    @dataclasses.dataclass
    class Settings:
        width: float = 1.0

    assert typed_settings("thing", Settings, ["thing.width=3"]) == Settings(3.0)
    for words, said in (
        (["thing.with=3"], "did you mean width"),
        (["other.width=3"], "write thing.NAME=VALUE"),
        (["thing.width=wide"], "could not be converted to Float"),
    ):
        with pytest.raises(InputError, match=said):
            typed_settings("thing", Settings, words)
