"""Optional parts of the installation ("extras"): libraries that only few runs need."""

import importlib.metadata

from hpbench.core.errors import InputError

LIBRARIES = {
    "aedat": "aedat",
    "attacks": "adversarial-robustness-toolbox",
    "cluster": "ray",
    "compare": "pytorch-cka",
    "slurm": "submitit",
    "tune": "optuna",
}
"""The distribution that each extra of this package installs."""


def need_extra(extra: str, wanted: str) -> None:
    """Raise InputError, with the command to install it, if the library of an extra is missing.

    `wanted` is the feature that needs the library; the message starts with it.
    """
    try:
        importlib.metadata.version(LIBRARIES[extra])
    except importlib.metadata.PackageNotFoundError as error:
        raise InputError(
            f"{wanted} needs {LIBRARIES[extra]}, which is not installed: pip install 'hpbench[{extra}]' "
            f"(in a checkout: uv sync --extra {extra})"
        ) from error
