"""Variants of the other strategies on streams: replay memories, class statistics, DECOLLE, spike times."""

from typing import Any

from hpbench.canaries.variant import Change

_NETWORKS = {f"network {name}": Change({"network": name}) for name in ("hp", "ann")}

_SMALL_PUBLISHED: dict[str, Any] = {
    "preset": "published",
    "kernels": [3, 4],
    "pools": [2, 1],
    "kernel_size": 3,
    "padding": 1,
    "lr": 3e-6,
    "weight_scale": 1e-5,
    "batch": 10,
}
_SPIKES = {"encoding": "poisson", "time_steps": 20, "passes": 1}
_LONGER = {"time_steps": 8}
_EVENTS = {"kind": "events"}

DECOLLE = {
    "published": Change(_SMALL_PUBLISHED, _SPIKES),
    "conv": Change({"kernels": [3], "kernel_size": 3, "padding": 1}, _LONGER),
    "conv, events": Change({"kernels": [3], "kernel_size": 3, "padding": 1, "hidden": []}, _EVENTS),
    "events": Change(task=_EVENTS),
    "poisson": Change({"hidden": [12, 10]}, {**_LONGER, "encoding": "poisson"}),
    "latency": Change(task={**_LONGER, "encoding": "latency"}),
    "population": Change(task={**_LONGER, "encoding": "population"}),
    "two hidden layers": Change({"hidden": [12, 10]}, _LONGER),
    "refractory": Change({"refractory_weight": 0.5}, _LONGER),
    "refractory, release gains": Change({"refractory_weight": 0.5, "gains": "release"}),
    "drawn time constants": Change({"membrane_tau": [2.0, 6.0], "synapse_tau": [1.0, 3.0]}),
    "surrogate fast_sigmoid": Change({"surrogate": "fast_sigmoid", "lr": 1e-3}),
    "reads sigmoid": Change({"reads": "sigmoid", "dropout": 0.5}),
    "no dropout": Change({"dropout": 0.0}),
    "vote": Change({"decision": "vote"}),
    "vote of all": Change({"decision": "vote", "decided_by": "all", "hidden": [12, 10]}, _LONGER),
    "mean of all": Change({"decided_by": "all", "hidden": [12, 10]}, _LONGER),
    "penalties": Change({"above": 0.1, "below": 0.1}),
    "loss mse": Change({"loss": "mse"}),
    "loss cross_entropy": Change({"loss": "cross_entropy"}),
    "halved rate": Change({"halve_every": 8}),
    "test steps": Change({"test_steps": 7}, {"encoding": "poisson"}),
    "adversarial": Change({"adversarial_epsilon": 0.05}),
}

_SPIKE_TIMES = {
    "latency": Change(task={"encoding": "latency"}),
    "events": Change(task=_EVENTS),
    "two hidden layers": Change({"hidden": [12, 10]}),
}

_FEATURES = {
    "network": Change({"features": "network"}),
    "network, as drawn": Change({"features": "network", "learning_experiences": 0}),
    "network hp": Change({"features": "network", "network": "hp", "learning_experiences": 2}),
    "network ann": Change({"features": "network", "network": "ann"}),
    "network, task regime": Change({"features": "network"}, {"regime": "task"}),
}
"""Variants of strategies that classify by class statistics."""

_CONVOLUTIONS = {"convolutions": Change({"kernels": [3], "kernel_size": 3, "pool": 2})}

RULES: dict[str, dict[str, Change]] = {
    "agem": _NETWORKS,
    "decolle": DECOLLE,
    "der": {**_NETWORKS, "DER": Change({"beta": 0.0})},
    "eventprop": {
        **_SPIKE_TIMES,
        "membrane_max": Change({"read_out": "membrane_max"}),
        "equal time constants": Change({"membrane_tau": 0.5}),
    },
    "ewc": {**_NETWORKS, "weak": Change({"ewc_lambda": 10.0})},
    "gdumb": _NETWORKS,
    "gem": {**_NETWORKS, "no margin": Change({"margin": 0.0})},
    "hp_fgsm": {
        "poisson": Change(task={"encoding": "poisson"}),
        "batch at test": Change({"trace_at_test": "batch"}),
        "paper": Change({"dialect": "paper"}),
    },
    "icarl": _NETWORKS,
    "joint": _NETWORKS,
    "lwf": {**_NETWORKS, "weak": Change({"alpha": 1.0}, {"regime": "task"})},
    "ncm": _FEATURES,
    "ottt": _CONVOLUTIONS,
    "replay": {**_NETWORKS, "best pass, network hp": Change({"network": "hp"}, {"selection": "validation"})},
    "si": {**_NETWORKS, "weak": Change({"c": 1.0})},
    "slda": {**_FEATURES, "strong shrinkage": Change({"shrinkage": 0.5})},
    "sltt": _CONVOLUTIONS,
    "spikeprop": _SPIKE_TIMES,
}
"""Variants by strategy."""
