"""Variants with Hebbian prototypes: read-outs, features, mixing, drift, and combinations with strategies."""

from typing import Any

from hpbench.canaries.variant import Change


def _on(**settings: Any) -> dict[str, Any]:
    return {"prototypes": True, **settings}


_NEAREST = {"prototype_read_out": "nearest"}
_COLUMNS = {"prototype_of": "input", "columns": 6, "column_field": 3, "column_pool": 2}
_TASK = {"regime": "task"}

OF_GP = {
    **{
        f"prototypes {read_out}": Change(_on(prototype_read_out=read_out))
        for read_out in ("dot", "cosine", "nearest", "lda")
    },
    "prototypes of centred": Change(_on(prototype_read_out="cosine", prototype_features="centred")),
    **{
        f"prototypes of {kind}": Change(_on(**_NEAREST, prototype_features=kind))
        for kind in ("unit", "counts")
    },
    **{
        f"prototypes, drift {drift}": Change(_on(feature_drift=drift))
        for drift in ("ignored", "slow", "refreshed")
    },
    "prototypes of the input": Change(_on(prototype_of="input")),
    "prototypes of a layer": Change(_on(prototype_of="layers.0")),
    "prototypes that decay": Change(_on(**_NEAREST, prototype_decay=0.9)),
    "prototypes, mixed": Change(_on(mix=0.3)),
    "prototypes, mixed by count": Change(_on(mix=0.8, mix_samples=10.0)),
    "prototypes, mix trained": Change(_on(prototype_read_out="cosine", mix=0.5, prototype_training="mix")),
    "prototypes, dot mix trained": Change(_on(prototype_read_out="dot", mix=0.5, prototype_training="mix")),
    "prototypes, expansion": Change(_on(expansion=20, expansion_fan_in=5)),
    "prototypes, expansion of the input": Change(
        _on(prototype_of="input", expansion=20, prototype_features="counts")
    ),
    "prototypes, columns": Change(_on(**_COLUMNS)),
    "prototypes, columns learn": Change(_on(**_COLUMNS, column_learning="stream", column_samples=60)),
    "prototypes, columns learned beforehand": Change(
        _on(**_COLUMNS, column_learning="glyphs", column_repulsion=0.0, column_homeostasis=0.1)
    ),
    "prototypes, units": Change(_on(**_NEAREST, **_COLUMNS, units=8)),
    "prototypes, units without homeostasis": Change(
        _on(**_NEAREST, **_COLUMNS, units=8, unit_winners=1, unit_homeostasis=0.0)
    ),
    "prototypes, units that do not learn": Change(
        _on(**_NEAREST, **_COLUMNS, units=8, unit_plasticity=False)
    ),
    "prototypes, shrunk": Change(_on(prototype_shrinkage=0.5)),
    "prototypes, task regime": Change(_on(mix=0.3), _TASK),
    "prototypes, domain regime": Change(_on(), {"regime": "domain"}),
    "prototypes, permuted": Change(_on(prototype_of="input"), {"kind": "permuted", "passes": 2}),
    "prototypes, online": Change(_on(feature_drift="ignored"), {"kind": "online", "boundaries": False}),
    "prototypes, best pass": Change(_on(mix=0.5), {"selection": "validation"}),
    "prototypes, poisson": Change(_on(), {"encoding": "poisson"}),
    "prototypes, conv, events": Change(_on(kernels=[3], kernel_size=3), {"kind": "events"}),
    "prototypes, adversarial": Change(_on(mix=0.5, adversarial_epsilon=0.05)),
}

_MIXED = _on(feature_drift="ignored", mix=0.5)

BESIDE: dict[str, dict[str, Change]] = {
    "hp": {
        "prototypes": Change(_on()),
        "prototypes, drift slow": Change(_on(feature_drift="slow", mix=0.5)),
        "prototypes, drift refreshed": Change(_on(feature_drift="refreshed", prototype_read_out="cosine")),
        "prototypes, task regime": Change(_on(), _TASK),
        "prototypes, theta exact": Change(
            _on(theta_gradient="exact", feature_drift="ignored"), {"passes": 1}
        ),
        "prototypes, conv": Change(_on(kernels=[3], kernel_size=3)),
        "prototypes, columns": Change(_on(**_COLUMNS)),
    },
    "ann": {"prototypes": Change(_on()), "prototypes, refreshed": Change(_on(feature_drift="refreshed"))},
    "lp": {"prototypes": Change(_on())},
    **{
        name: {"prototypes": Change(_MIXED)}
        for name in ("agem", "ewc", "gdumb", "gem", "joint", "replay", "si")
    },
    "lwf": {"prototypes": Change(_MIXED), "prototypes, task regime": Change(_MIXED, _TASK)},
}
"""Variants by strategy that prototypes are combined with."""
