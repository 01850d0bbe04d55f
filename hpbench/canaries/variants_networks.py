"""Variants of `gp`, `hp`, `lp` and `ann` on streams: neurons, traces, encodings, convolutions, bilevel θ."""

from hpbench.canaries.variant import Change

_POISSON = {"encoding": "poisson"}
_EVENTS = {"kind": "events", "passes": 2}
_CONV = {"kernels": [3], "kernel_size": 3}
_EXACT = {"theta_gradient": "exact"}
_ONCE = {"passes": 1}
_LONGER = {"time_steps": 12}
_MULTITASK = {"architecture": "multitask", "hidden": [12, 10]}
_MASKED = Change({**_MULTITASK, "task_masks": 0.4}, {"regime": "task"})

NEURONS = {
    **{
        f"surrogate {name}": Change({"surrogate": name})
        for name in ("superspike", "superspike_corrected", "triangular", "arctan", "sigmoid")
    },
    **{
        f"read-out {name}": Change({"read_out": name})
        for name in ("rate", "membrane_last", "membrane_mean", "first_spike")
    },
    "paper": Change({"dialect": "paper"}),
    "reset to zero": Change({"reset": "zero"}),
    "current gain": Change({"current_gain": 0.6}),
    "poisson": Change(task=_POISSON),
    "latency": Change(task={"encoding": "latency"}),
    "regular": Change(task={"encoding": "regular"}),
    "phase": Change(task={"encoding": "phase", "code": {"phase_period": 3}}),
    "phase, shifted": Change(task={"encoding": "phase", "code": {"phase_form": "shifted"}}),
    "population": Change({"hidden": [12, 10]}, {"encoding": "population", "code": {"population_fields": 4}}),
    "burst": Change(task={"encoding": "burst"}),
    "delta": Change(task={**_EVENTS, "encoding": "delta"}),
    "recurrent": Change({"recurrent": True}),
    "recurrent, paper": Change({"recurrent": True, "dialect": "paper"}),
    "two hidden layers": Change({"hidden": [12, 10]}),
    "energy": Change({"energy_weight": 1e-3}),
    "conv": Change(_CONV),
    "conv, events": Change({"kernels": [3, 4], "kernel_size": 3}, _EVENTS),
    "conv, pooled, dropout": Change({**_CONV, "stride": 1, "pool": 2, "kernels": [3, 4], "dropout": 0.3}),
    "conv, poisson, paper": Change({**_CONV, "dialect": "paper"}, _POISSON),
    "events": Change(task=_EVENTS),
    "loss squared_error": Change({"loss": "squared_error"}),
    "loss cross_entropy": Change({"loss": "cross_entropy"}),
    "adversarial": Change({"adversarial_epsilon": 0.05}),
    "adversarial, poisson": Change({"adversarial_epsilon": 0.05}, _POISSON),
    "pooled": Change(task={"pooled": True}),
    "multitask": Change(_MULTITASK),
    "multitask, masks": _MASKED,
    "norm": Change({"norm": "batch", "hidden": [12, 10]}),
    "norm, poisson": Change({"norm": "batch"}, _POISSON),
    "adaptive": Change({"neuron": "adaptive", "adaptation": 0.3}),
    "izhikevich": Change({"neuron": "izhikevich", "read_out": "first_spike"}, _LONGER),
    "izhikevich fast_spiking, conv": Change(
        {**_CONV, "neuron": "izhikevich", "izhikevich_pattern": "fast_spiking", "read_out": "rate"},
        {**_LONGER, **_ONCE},
    ),
    "spike_response, poisson": Change({"neuron": "spike_response", "read_out": "rate"}, _POISSON),
    "spike_response, recurrent": Change({"neuron": "spike_response", "recurrent": True}),
}
"""Variants of `gp`."""

_PAPER = {"dialect": "paper"}
_TRACES = {
    "stepwise": Change({"trace_form": "stepwise"}),
    "implicit": Change({"trace_form": "implicit"}),
    "stepwise, poisson": Change({"trace_form": "stepwise"}, _POISSON),
    "implicit, poisson": Change({"trace_form": "implicit"}, _POISSON),
    "paper": Change(_PAPER),
    "paper, stepwise": Change({**_PAPER, "trace_form": "stepwise"}),
    "paper, implicit": Change({**_PAPER, "trace_form": "implicit"}),
    "paper, stepwise, poisson": Change({**_PAPER, "trace_form": "stepwise"}, _POISSON),
    "paper, implicit, poisson": Change({**_PAPER, "trace_form": "implicit"}, _POISSON),
    "batch at test": Change({"trace_at_test": "batch"}),
    "batch at test, stepwise": Change({"trace_at_test": "batch", "trace_form": "stepwise"}),
    "zero at test": Change({"trace_at_test": "zero"}),
    "paper, zero at test": Change({**_PAPER, "trace_at_test": "zero"}),
    "own traces": Change({"trace_scope": "sample"}),
    "shared trace, paper": Change({**_PAPER, "trace_scope": "batch"}),
    **{f"post {name}": Change({"post": name}) for name in ("tanh", "sigmoid", "spike")},
    **{f"paper, post {name}": Change({**_PAPER, "post": name}) for name in ("tanh_sliding", "spike")},
    "gain by neuron": Change({"gain": "neuron"}),
    "paper, gain by layer": Change({**_PAPER, "gain": "layer"}),
    "decay on weights": Change({"weight_decay_on": "weight"}),
    "bound that binds": Change({"trace_bound": 0.02}),
    "paper, bound that binds": Change({**_PAPER, "trace_bound": 0.02}),
}
_BILEVEL = {
    f"theta {variant}, {pairing}": Change({"theta_gradient": variant, "theta_pairing": pairing}, _ONCE)
    for variant in ("exact", "stop_gradient", "no_inner", "finite_difference")
    for pairing in ("previous", "halves")
}
TRACES = {
    **_TRACES,
    **_BILEVEL,
    "theta exact, paper": Change({**_PAPER, **_EXACT}, _ONCE),
    "theta exact, paper, poisson": Change({**_PAPER, **_EXACT}, {**_POISSON, **_ONCE}),
    "theta exact, two layers, poisson": Change({**_EXACT, "hidden": [12, 10]}, {**_POISSON, **_ONCE}),
    "theta exact, conv": Change({**_CONV, **_EXACT}, _ONCE),
    "theta exact, task regime": Change(_EXACT, {"regime": "task", **_ONCE}),
    "theta exact, online": Change(_EXACT, {"kind": "online", "boundaries": False}),
    "theta exact, recurrent": Change({**_EXACT, "recurrent": True}, _ONCE),
    "poisson": Change(task=_POISSON),
    "latency": Change(task={"encoding": "latency"}),
    "recurrent": Change({"recurrent": True}),
    "paper, recurrent, poisson": Change({**_PAPER, "recurrent": True}, _POISSON),
    "energy": Change({"energy_weight": 1e-3}),
    "conv": Change(_CONV),
    "conv, two layers": Change({"kernels": [3, 4], "kernel_size": 3}),
    "conv, batch at test": Change({**_CONV, "trace_at_test": "batch"}),
    "conv, zero at test": Change({**_CONV, "trace_at_test": "zero"}),
    "conv, paper": Change({**_CONV, **_PAPER}),
    "conv, paper, poisson": Change({**_CONV, **_PAPER}, _POISSON),
    "conv, pooled, trace in dense layers": Change({**_CONV, "stride": 1, "pool": 2, "trace_in": "dense"}),
    "post linear_falling, trace in hidden layers": Change(
        {"post": "linear_falling", "trace_in": "hidden", "theta_start": "classification"}
    ),
    "theta start of multitask, output gain": Change({"theta_start": "multitask", "output_gain": 0.5}),
    "conv, decay on weights": Change({**_CONV, "weight_decay_on": "weight"}),
    "conv, events": Change({"kernels": [3, 4], "kernel_size": 3}, _EVENTS),
    "conv, events, batch at test": Change({**_CONV, "trace_at_test": "batch"}, _EVENTS),
    "events": Change(task=_EVENTS),
    "surrogate arctan": Change({"surrogate": "arctan"}),
    "read-out rate": Change({"read_out": "rate"}),
    "loss cross_entropy": Change({"loss": "cross_entropy"}),
    "adversarial, conv, events": Change({**_CONV, "adversarial_epsilon": 0.05}, _EVENTS),
    "adaptive": Change({"neuron": "adaptive"}),
    "adaptive, conv": Change({**_CONV, "neuron": "adaptive", "reset": "zero"}),
    "adaptive, theta exact": Change({**_EXACT, "neuron": "adaptive", "surrogate": "arctan"}, _ONCE),
    "izhikevich, paper": Change({**_PAPER, "neuron": "izhikevich"}, _LONGER),
    "spike_response, stepwise": Change({"neuron": "spike_response", "trace_form": "stepwise"}),
    "theta rehearsal": Change({"theta_rehearsal": 2}),
    "multitask": Change(_MULTITASK),
    "multitask, population": Change(_MULTITASK, {"encoding": "population"}),
    "multitask, zero at test, poisson": Change({**_MULTITASK, "trace_at_test": "zero"}, _POISSON),
    "multitask, masks": _MASKED,
    "multitask, masks, theta rehearsal": Change(
        {**_MULTITASK, "task_masks": 0.4, "theta_rehearsal": 2}, {"regime": "task"}
    ),
}
"""Variants of `hp`."""

REAL_VALUED = {
    "conv": Change(_CONV),
    "conv, pooled, dropout": Change({**_CONV, "stride": 1, "pool": 2, "kernels": [3, 4], "dropout": 0.3}),
    "conv, events": Change({"kernels": [3, 4], "kernel_size": 3}, _EVENTS),
    "two hidden layers": Change({"hidden": [12, 10]}),
    "loss squared_error": Change({"loss": "squared_error"}),
    "loss cross_entropy": Change({"loss": "cross_entropy"}),
    "adversarial": Change({"adversarial_epsilon": 0.05}),
    "norm": Change({"norm": "batch", "hidden": [12, 10]}),
}
"""Variants of `ann`."""

HIDDEN_FIXED = {
    "paper": Change(_PAPER),
    "conv": Change(_CONV),
    "two hidden layers": Change({"hidden": [12, 10]}),
    "theta exact": Change(_EXACT, _ONCE),
}
"""Variants of `lp`."""
