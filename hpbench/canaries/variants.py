"""The canaries of a strategy: its basic run ("plain"), and the variants in the tables of this package."""

from dataclasses import replace

from hpbench.canaries.variant import Change, Variant
from hpbench.canaries.variants_few_shot import FEW_SHOT
from hpbench.canaries.variants_networks import HIDDEN_FIXED, NEURONS, REAL_VALUED, TRACES
from hpbench.canaries.variants_prototypes import BESIDE, OF_GP
from hpbench.canaries.variants_robustness import ROBUSTNESS
from hpbench.canaries.variants_rules import RULES
from hpbench.canaries.variants_streams import ONLY_SINGLE, streams_of

PLAIN = "plain"

NETWORKS = {"ann": REAL_VALUED, "gp": {**NEURONS, **OF_GP}, "hp": TRACES, "lp": HIDDEN_FIXED}


def variants_of(strategy: str, protocol: str) -> list[Variant]:
    """The basic run, which every strategy has, then the variants."""
    if protocol == "continual":
        own = {**NETWORKS.get(strategy, {}), **RULES.get(strategy, {}), **BESIDE.get(strategy, {})}
        found = {**streams_of(strategy), **own}
    else:
        found = {"few_shot": FEW_SHOT, "robustness": ROBUSTNESS}[protocol].get(strategy, {})
    changes = {PLAIN: Change(), **found}
    if strategy in ONLY_SINGLE:
        note = ONLY_SINGLE[strategy]
        changes = {name: replace(one, single=True, note=note) for name, one in changes.items()}
    return [Variant(strategy, protocol, name, one) for name, one in changes.items()]
