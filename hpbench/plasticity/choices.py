"""Names that settings of local rules choose from; what they name is defined beside the maths.

Kept apart so that settings can be read and checked without importing torch.
"""

POST_FACTORS = ("tanh_sliding", "tanh", "sigmoid", "spike", "linear_falling")
"""Post-synaptic factors of the trace: see `hpbench.plasticity.trace.post_factor`."""

VARIANTS = ("exact", "stop_gradient", "no_inner", "finite_difference")
"""Gradients of θ in Eq. 10: see `hpbench.plasticity.bilevel`."""

PAIRINGS = ("previous", "halves")
"""Data of the inner step of Eq. 10: see `hpbench.plasticity.bilevel.StreamBilevel`."""

PROTOTYPE_READ_OUTS = ("dot", "cosine", "nearest", "lda")
"""Named read-outs of the class means:

    dot      c^T x                      Eq. 15 as printed
    cosine   c^T x / (|c| |x|)
    nearest  c^T x − ½ |c|²             largest for the mean nearest to x
    lda      c^T Σ⁻¹ x − ½ c^T Σ⁻¹ c    linear discriminant analysis, see `hpbench.plasticity.within_class`
"""

COLUMN_LEARNING = ("none", "stream", "glyphs")
"""What the filters of columns are learned from."""
