"""Variants of few-shot learners: feature networks, bindings, inner steps, meta-training."""

from hpbench.canaries.variant import Change

_TANH = {"network": "tanh", "lr": 5e-3, "meta_steps": 6}
_NETWORKS = {
    "network ann": Change({"network": "ann"}),
    "network tanh": Change(_TANH),
    "network pixels": Change({"network": "pixels"}),
}
_SPIKING = {"spiking": Change({"network": "spiking"}), "tanh": Change(_TANH)}
_MANY_SPIKES = {
    "spiking, many spikes": Change(
        {"network": "spiking", "filters": [8, 16], "time_steps": 8, "threshold": 0.4}
    ),
    "tanh": Change(_TANH),
}
"""Few spikes leave classes with equal counts, and then rounding decides which of them is nearest."""
_WHOLE = {"adapted": "network", "inner_lr": 0.05}

FEW_SHOT: dict[str, dict[str, Change]] = {
    "anil": {**_SPIKING, "no inner steps": Change({"inner_steps": 0})},
    "gp": {
        **_NETWORKS,
        "pooling": Change({"down": "pool"}),
        "reset to zero": Change({"reset": "zero"}),
        "surrogate triangular": Change({"surrogate": "triangular"}),
        "whole network adapted": Change(_WHOLE),
        "whole network adapted, first order": Change({**_WHOLE, "first_order": True}),
        "not distorted": Change({"distortion": 0.0}),
        "one layer": Change({"filters": [8]}),
        "adaptive": Change({"neuron": "adaptive"}),
        "spike_response, whole network adapted": Change({**_WHOLE, "neuron": "spike_response"}),
    },
    "hp": {
        **_NETWORKS,
        "at once": Change({"at_once": True}),
        "features by dfa": Change({"outer_rule": "dfa"}),
        "features by eprop": Change({"outer_rule": "eprop"}),
        "trace that decays": Change({"trace_decay": 0.9}),
        "inner steps": Change({"inner_steps": 3}),
        "inner steps, first order": Change({"inner_steps": 3, "first_order": True, "alpha": 0.5}),
        "strong binding": Change({"binding_current": 2.0, "output_decay": 0.6, "alpha": 0.5, "rate": 0.5}),
        "pooling": Change({"down": "pool"}),
        "validation part": Change(task={"evaluate_on": "validation"}),
        "patience": Change({"patience": 1, "lr": 0.2, "meta_steps": 20}),
        "not meta-trained": Change({"meta_steps": 0}),
        "five shots": Change({"train_shots": 2, "validation_shots": 2}),
    },
    "lp": {
        **_NETWORKS,
        "low threshold": Change({"threshold": 0.2}),
        "low threshold, reset to zero": Change({"threshold": 0.2, "reset": "zero"}),
    },
    "maml": {**_SPIKING, "output adapted": Change({"adapted": "output"})},
    "matching": _MANY_SPIKES,
    "protonet": {
        **_MANY_SPIKES,
        "pooling": Change({"down": "pool"}),
        "pixels": Change({"network": "pixels"}),
    },
}
"""Variants by strategy."""
