"""Costs as columns of a row."""

from hpbench.metrics.cost import Cost


def cost_columns(cost: Cost) -> dict[str, float | None]:
    """The columns that a cost fills."""
    return {
        "footprint_bytes": cost.footprint_bytes,
        "activation_sparsity": cost.activation_sparsity,
        "synops_dense": cost.per_sample("dense"),
        "synops_acs": cost.per_sample("accumulates"),
        "synops_macs": cost.per_sample("multiply_accumulates"),
        "trace_writes": cost.per_sample("trace_writes"),
        "local_share": cost.local_share,
    }
