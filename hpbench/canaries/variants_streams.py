"""Variants of every continual strategy: the kinds of stream, except those that it cannot learn."""

from hpbench.canaries.variant import Change

STREAMS = {
    "task regime": Change(task={"regime": "task"}),
    "domain regime": Change(task={"regime": "domain"}),
    "permuted": Change(task={"kind": "permuted", "passes": 2}),
    "online, told": Change(task={"kind": "online", "boundaries": True}),
    "online, hidden": Change(task={"kind": "online", "boundaries": False}),
    "best pass": Change(task={"selection": "validation"}),
}
"""Variants by name."""

_AT_BOUNDARIES = ("agem", "der", "ewc", "gdumb", "gem", "icarl", "lwf", "si")

REFUSED = {
    **{("online, hidden", strategy): "acts where experiences end" for strategy in _AT_BOUNDARIES},
    **{("best pass", strategy): "classifies by class means" for strategy in ("icarl", "ncm", "slda")},
    **{(stream, "icarl"): "wants classes that come once" for stream in ("task regime", "domain regime")},
    ("permuted", "icarl"): "wants classes that come once",
}
"""Pairs of a stream and a strategy that cannot learn it, with the reason."""

ONLY_SINGLE = {
    "icarl": "in single precision, as Avalanche's loss of it is: measured numbers are held to 1e-3"
}
"""Strategies that run in single precision only, with the note of their canaries."""


def streams_of(strategy: str) -> dict[str, Change]:
    """The streams that a strategy can learn."""
    return {name: change for name, change in STREAMS.items() if (name, strategy) not in REFUSED}
