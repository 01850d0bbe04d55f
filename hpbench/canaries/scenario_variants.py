"""The settings, besides the defaults, with which each scenario's task is a canary."""

from typing import Any

Changes = dict[str, dict[str, Any]]

_REGIMES: Changes = {
    "task regime": {"regime": "task"},
    "domain regime": {"regime": "domain"},
    "shuffled": {"order_seed": 1},
    "validation": {"evaluate_on": "validation", "selection": "validation"},
}
_ONLINE: Changes = {"told": {"boundaries": "told"}}
_PERMUTED: Changes = {"other permutations": {"permutation_seed": 2, "tasks": 3}}
_FEW_SHOT_CLASSES: Changes = {
    "shuffled": {"order_seed": 1},
    "small": {"base_classes": 20, "increments": 2, "ways": 3, "shots": 1},
}
_EPISODES: Changes = {
    "by alphabet": {"split": "alphabets", "n_way": 20, "rotations": False},
    "five shots": {"k_shot": 5, "evaluate_on": "validation"},
    "other episodes": {"episode_seed": 2},
    "within alphabets": {"split": "alphabets", "within": "alphabet", "n_way": 10},
}
_EVENT_EPISODES: Changes = {
    "by alphabet": {"split": "alphabets", "rotations": False},
    "voxel grid": {"representation": "voxel_grid", "downsampling": 1},
}
_IMAGES: Changes = {
    "by class": {"test_order": "class", "tested_samples": 50},
    "validation": {"evaluate_on": "validation", "validation_share": 0.1},
    "salt, other noise": {"disturbances": ["salt"], "noise_seed": 1},
}
_DRIFTS: Changes = {
    "by class": {"test_order": "class", "tested_samples": 50},
    "validation, other seed": {
        "evaluate_on": "validation",
        "validation_share": 0.1,
        "disturbances": ["gaussian_gradual"],
        "noise_seed": 1,
    },
}
_EVENTS: Changes = {"hot pixels": {"disturbances": ["hot_pixels"], "levels": [0.0, 0.02]}}

SCENARIOS: dict[str, Changes] = {
    "split_mnist": _REGIMES,
    "split_fashion_mnist": _REGIMES,
    "split_cifar10": _REGIMES,
    "split_nmnist": {
        **_REGIMES,
        "voxel grid": {"representation": "voxel_grid"},
        "time surface": {"representation": "time_surface", "downsampling": 2},
        "binary": {"counts": "binary", "polarity": "merged", "duration": 0.0},
    },
    "split_saccade_mnist": {"domain regime": {"regime": "domain"}},
    "split_shd": {"five": {"experiences": 5, "regime": "domain"}},
    "split_ntidigits": {"generated": {"dataset": "formant_words"}},
    "split_japanese_vowels": {
        "frames, domain regime": {"encoding": "frames", "time_steps": 20, "regime": "domain"},
    },
    "noisy_japanese_vowels": {
        "salt, validation": {
            "disturbances": ["salt"],
            "evaluate_on": "validation",
            "validation_share": 0.2,
            "noise_seed": 1,
            "test_order": "class",
        },
    },
    "noisy_shd": {"dead channels": {"disturbances": ["dead_pixels"], "levels": [0.0, 0.3]}},
    "noisy_ntidigits": {"jitter": {"disturbances": ["time_jitter"], "downsampling": 2}},
    "split_omniglot": _FEW_SHOT_CLASSES,
    "permuted_mnist": {**_PERMUTED, "task regime": {"regime": "task", "tasks": 3}},
    "online_split_mnist": _ONLINE,
    "online_split_fashion_mnist": _ONLINE,
    "online_split_omniglot": _ONLINE,
    "online_permuted_mnist": {**_ONLINE, **_PERMUTED},
    "omniglot": _EPISODES,
    "glyphs": _EPISODES,
    "saccade_glyphs": _EVENT_EPISODES,
    "saccade_omniglot": _EVENT_EPISODES,
    "n_omniglot": {"within alphabets": {"split": "alphabets", "within": "alphabet", "duration": 150.0}},
    "noisy_mnist": _IMAGES,
    "noisy_fashion_mnist": _IMAGES,
    "noisy_cifar10": _IMAGES,
    "drifting_mnist": _DRIFTS,
    "drifting_fashion_mnist": _DRIFTS,
    "poisson_mnist": {
        "plain": {"tested_samples": 500},
        "noise": {"levels": [0.0, 0.02], "tested_samples": 500},
    },
    "noisy_nmnist": {**_EVENTS, "folds": {"folds": 2}, "damaged left out": {"skip_damaged": True}},
    "noisy_dvs_gesture": _EVENTS,
    "noisy_cifar10_dvs": _EVENTS,
    "noisy_ncaltech101": _EVENTS,
    "noisy_saccade_mnist": {**_EVENTS, "tested on recordings": {"tested_on": "nmnist"}},
}
"""Changed settings by scenario and name, in addition to those that every scenario has (`plain`, `preset`)."""
