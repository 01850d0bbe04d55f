"""Optional parts of the installation ("extras"): libraries that only few runs need."""

import importlib.metadata

from hpbench.core.errors import InputError

LIBRARIES = {"aedat": "aedat", "attacks": "adversarial-robustness-toolbox"}
"""Extras of this package, each with the distribution that it brings."""


def need_extra(extra: str, wanted: str) -> None:
    """Raise InputError, which says how to install it, if the library of an extra is missing.

    `wanted` is what needs it, as the subject of the message.
    """
    try:
        importlib.metadata.version(LIBRARIES[extra])
    except importlib.metadata.PackageNotFoundError as error:
        raise InputError(
            f"{wanted} needs {LIBRARIES[extra]}, which is not installed: pip install 'hpbench[{extra}]' "
            f"(in a checkout: uv sync --extra {extra})"
        ) from error
