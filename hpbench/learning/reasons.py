"""Why a strategy cannot be run on a stream: one sentence, or "" if it can. Checked before a run starts."""

from collections.abc import Sequence

from hpbench.core.stream import Stream
from hpbench.spiking.choices import ENCODINGS, FRAMES, TIMED
from hpbench.spiking.codes.table import CODES


def needs_boundaries(stream: Stream, rule: str, instead: str = "") -> str:
    """For a rule that acts where experiences begin or end. `instead` is a setting that needs none."""
    if stream.boundaries:
        return ""
    return (
        f"{rule} acts where an experience ends, and this stream hides its boundaries: "
        "set scenario.boundaries=told" + (f" or {instead}" if instead else "")
    )


def wrong_arrival(stream: Stream, batch: int) -> str:
    """For a batch size other than that of an online stream."""
    if stream.arrival in (None, batch):
        return ""
    return f"strategy.batch={batch}: this stream has batches of {stream.arrival}, set the same"


def falls_within_an_arrival(stream: Stream, schedule: str) -> str:
    """For learning rates that fall over an experience, where batches arrive one by one."""
    if stream.arrival is None or schedule == "constant":
        return ""
    return (
        f"strategy.lr_schedule={schedule}: in this stream every batch arrives by itself, and there is no end "
        "to fall towards; use strategy.lr_schedule=constant"
    )


def no_gradient(stream: Stream, epsilon: float) -> str:
    """For adversarial training with an encoding that passes no gradient to the input."""
    code = CODES.get(stream.encoding or "")
    if not epsilon or code is None or not code.no_gradient:
        return ""
    others = [one for one in ENCODINGS if not CODES[one].no_gradient]
    instead = FRAMES if stream.encoding in TIMED else " or ".join(others)
    return f"strategy.adversarial_epsilon={epsilon:g}: {code.no_gradient}; use scenario.encoding={instead}"


def widened(stream: Stream, kernels: Sequence[int]) -> str:
    """For convolutions over an encoding that makes several inputs of a value, which are no image."""
    code = CODES.get(stream.encoding or "")
    if not kernels or code is None or code().widening == 1:
        return ""
    return (
        f"strategy.kernels={list(kernels)}: scenario.encoding={stream.encoding} makes several inputs of each "
        "value, which convolutions cannot place in an image; leave the kernels out, or use another encoding"
    )


def chooses_among_passes(stream: Stream) -> str:
    """For a classifier by class statistics, which are computed after the last pass."""
    if stream.selection != "validation":
        return ""
    return (
        "scenario.selection=validation compares passes, but this strategy classifies by class statistics "
        "computed after the last pass: use scenario.selection=last"
    )
