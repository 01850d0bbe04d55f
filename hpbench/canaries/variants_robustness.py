"""Variants of the robustness protocol: disturbances of images and events, attacks, test orders, folds."""

from typing import Any

from hpbench.canaries.variant import Change

ART = "the Adversarial Robustness Toolbox works on images in single precision: small ε may round elsewhere"

IMAGE_LEVELS = {
    "salt": [0.1],
    "pepper": [0.1],
    "salt_and_pepper": [0.1],
    "speckle": [0.2],
    "centre_crop": [1.0, 2.0],
    "occlusion": [2.0, 4.0],
}
EVENT_LEVELS = {
    "recorded_noise": [5.0],
    "hot_pixels": [0.05],
    "drop_events": [0.5],
    "drop_time": [0.3],
    "drop_area": [0.3],
    "dead_pixels": [0.3],
    "time_jitter": [3e4],
    "spatial_jitter": [1.0],
    "polarity_flip": [0.3],
    "occlusion": [0.3],
    "cropped_field": [0.4],
}
ATTACK_LEVELS = {"fgsm": [0.1], "pgd": [0.1], "random_sign": [0.1], "square": [0.2], "strongest": [0.1]}


def _under(name: str, levels: list[float], **task: Any) -> dict[str, Any]:
    return {"disturbances": [name], "levels": levels, **task}


_CONV = {"kernels": [3], "kernel_size": 3}
_EVENTS = {"kind": "events", "levels": [0.0, 10.0, 50.0]}
_BY_TOOLBOX = ("pgd", "square", "strongest")

_ATTACKS = {
    f"attack {name}": Change(
        task=_under(name, levels, attack_steps=2, attack_queries=6), note=ART if name in _BY_TOOLBOX else ""
    )
    for name, levels in ATTACK_LEVELS.items()
}
_ALL_EVENTS = {
    f"events, {name}": Change(_CONV, {"kind": "events", **_under(name, levels)})
    for name, levels in EVENT_LEVELS.items()
}

_NORMS = {
    "norm": Change({"norm": "batch"}),
    "statistics": Change({"norm": "batch", "adapt_at_test": "statistics"}),
    "tent": Change({"norm": "batch", "adapt_at_test": "tent"}),
    "tent, drifting": Change(
        {"norm": "batch", "adapt_at_test": "tent", "tent_lr": 0.01}, {"kind": "drifting"}
    ),
}

ROBUSTNESS: dict[str, dict[str, Change]] = {
    "gp": {
        **{f"images, {name}": Change(task=_under(name, levels)) for name, levels in IMAGE_LEVELS.items()},
        **_ATTACKS,
        **_ALL_EVENTS,
        "events": Change(_CONV, _EVENTS),
        "events, voxel grid": Change(_CONV, {**_EVENTS, "representation": "voxel_grid"}),
        "events, time surface": Change(_CONV, {**_EVENTS, "representation": "time_surface"}),
        "events, merged": Change(_CONV, {**_EVENTS, "polarity": "merged", "counts": "binary"}),
        "events, folds": Change(_CONV, {**_EVENTS, "folds": 3}),
        "events, dense": Change({}, _EVENTS),
        "poisson": Change(task={"encoding": "poisson"}),
        "latency": Change(task={"encoding": "latency"}),
        "by class": Change(task={"test_order": "class", "tested_samples": 20}),
        "validation part": Change(task={"evaluate_on": "validation", "validation_share": 0.3}),
        "best pass": Change(task={"selection": "validation", "validation_share": 0.3}),
        **_NORMS,
        "other noise": Change(task={"noise_seed": 3}),
        "several": Change(task={"disturbances": ["gaussian", "salt", "occlusion"], "levels": []}),
        "adversarial": Change({"adversarial_epsilon": 0.05}),
        "prototypes": Change({"prototypes": True, "mix": 0.5}),
        "prototypes, attack fgsm": Change(
            {"prototypes": True, "mix": 0.5, "prototype_read_out": "cosine"}, _under("fgsm", [0.1])
        ),
    },
    "hp": {
        **_ATTACKS,
        "paper": Change({"dialect": "paper"}),
        "batch at test": Change({"trace_at_test": "batch"}),
        "batch at test, by class": Change({"trace_at_test": "batch"}, {"test_order": "class"}),
        "batch at test, attack fgsm": Change({"trace_at_test": "batch"}, _under("fgsm", [0.1])),
        "stream at test": Change({"trace_at_test": "stream"}),
        "stream at test, slow": Change({"trace_at_test": "stream", "trace_decay_at_test": 0.95}),
        "stream at test, by class": Change({"trace_at_test": "stream"}, {"test_order": "class"}),
        "stream at test, drifting": Change({"trace_at_test": "stream"}, {"kind": "drifting"}),
        "stream at test, drifting by class": Change(
            {"trace_at_test": "stream"}, {"kind": "drifting", "test_order": "class"}
        ),
        "batch at test, drifting": Change({"trace_at_test": "batch"}, {"kind": "drifting"}),
        "stream at test, attack fgsm": Change({"trace_at_test": "stream"}, _under("fgsm", [0.1])),
        "stream at test, conv, poisson": Change(
            {**_CONV, "trace_at_test": "stream"}, {"encoding": "poisson"}
        ),
        "stream at test, events": Change({**_CONV, "trace_at_test": "stream"}, _EVENTS),
        "stream at test, shared trace, paper": Change(
            {"dialect": "paper", "trace_scope": "batch", "trace_at_test": "stream"}
        ),
        "zero at test": Change({"trace_at_test": "zero"}),
        "poisson, attack fgsm": Change({}, {**_under("fgsm", [0.1]), "encoding": "poisson"}),
        "events": Change(_CONV, _EVENTS),
        "prototypes": Change({"prototypes": True}),
    },
    "ann": {
        "attack fgsm": Change(task=_under("fgsm", [0.1])),
        **_NORMS,
        "attack random_sign": Change(task=_under("random_sign", [0.1])),
        "events": Change(_CONV, _EVENTS),
    },
    "lp": {"attack fgsm": Change(task=_under("fgsm", [0.1]))},
    "hp_fgsm": {"attack fgsm": Change(task=_under("fgsm", [0.1]))},
    "decolle": {
        "poisson": Change(task={"encoding": "poisson", "time_steps": 8}),
        "published": Change(
            {
                "preset": "published",
                "kernels": [3],
                "pools": [2],
                "kernel_size": 3,
                "padding": 1,
                "lr": 3e-6,
                "weight_scale": 1e-5,
                "test_steps": 25,
            },
            {"encoding": "poisson", "time_steps": 15, "passes": 2},
        ),
        "attack fgsm": Change(task=_under("fgsm", [0.1])),
        "events": Change({"kernels": [3], "kernel_size": 3, "padding": 1, "hidden": []}, _EVENTS),
    },
    "ncm": {"network": Change({"features": "network"})},
    "slda": {"network": Change({"features": "network"})},
}
"""Variants by strategy."""
