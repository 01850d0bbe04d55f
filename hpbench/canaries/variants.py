"""Which runs of a strategy are canaries: the plain one, and the variants of the tables."""

from hpbench.canaries.variant import Variant

PLAIN = "plain"


def variants_of(strategy: str, protocol: str) -> list[Variant]:
    """The plain run first; there is one for every strategy, without a line in any table."""
    return [Variant(strategy, protocol, PLAIN)]
