"""Why a strategy cannot be run on a stream: one sentence, or "" if it can. Asked before anything starts."""

from hpbench.core.stream import Stream


def needs_boundaries(stream: Stream, rule: str, instead: str = "") -> str:
    """For a rule that acts where experiences begin or end. `instead` is a setting that does without."""
    if stream.boundaries:
        return ""
    return (
        f"{rule} acts where an experience ends, which this stream does not tell: "
        "set scenario.boundaries=told" + (f" or {instead}" if instead else "")
    )


def wrong_arrival(stream: Stream, batch: int) -> str:
    """For batches that are not those in which an online stream arrives."""
    if stream.arrival in (None, batch):
        return ""
    return f"strategy.batch={batch}: this stream arrives in batches of {stream.arrival}"


def no_gradient(stream: Stream, epsilon: float) -> str:
    """For adversarial training under an encoding that passes no gradient to the input."""
    if not epsilon or stream.encoding != "latency":
        return ""
    return (
        f"strategy.adversarial_epsilon={epsilon:g}: times of first spikes pass no gradient to the input; "
        "use scenario.encoding=direct or poisson"
    )


def chooses_among_passes(stream: Stream) -> str:
    """For a classifier by class statistics, which are made after the last pass."""
    if stream.selection != "validation":
        return ""
    return (
        "scenario.selection=validation needs passes that can be told apart at test, but this strategy "
        "classifies by class statistics made after the last pass: use scenario.selection=last"
    )
