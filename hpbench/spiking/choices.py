"""Names that settings of spiking networks choose from; what they name is defined beside the maths.

Kept apart so that settings can be read and checked without importing torch.
"""

LEARNERS = ("hp", "gp", "lp")
"""Kinds of learning: see `hpbench.spiking.network.SpikingNetwork`."""

ENCODINGS = ("direct", "poisson", "latency", "regular", "phase", "population", "burst")
"""Encodings of images: codes of `hpbench.spiking.codes` for values that do not change."""

FRAMES = "frames"
"""The encoding of inputs that have time steps already: frames of events, or values as currents."""

TIMED = (FRAMES, "delta")
"""Encodings of inputs (B, T, …) that have time steps: `FRAMES`, and the code for sequences."""

SURROGATE_NAMES = (
    "rectangular",
    "superspike",
    "superspike_corrected",
    "triangular",
    "arctan",
    "sigmoid",
    "exponential",
)
"""Surrogate gradients: the keys of `hpbench.spiking.surrogate.SURROGATES`."""

READ_OUTS = ("rate", "membrane_last", "membrane_mean", "first_spike", "clipped_membrane")
"""Codings of the scores: see `hpbench.spiking.readout`."""

TRACE_IN = ("all", "dense", "hidden")
"""Layers with a trace: see `hpbench.spiking.network.SpikingNetwork`."""

FORMS = ("auto", "stepwise", "implicit")
"""Algorithms of the trace: `stepwise` stores it as a tensor, `implicit` does not, `auto` chooses by shapes
and clamp."""
