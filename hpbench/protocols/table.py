"""The protocols by name."""

from hpbench.core.errors import InputError, nearest
from hpbench.protocols.continual import CONTINUAL
from hpbench.protocols.few_shot import FEW_SHOT
from hpbench.protocols.protocol import Protocol
from hpbench.protocols.robustness import ROBUSTNESS

PROTOCOLS = {one.name: one for one in (CONTINUAL, FEW_SHOT, ROBUSTNESS)}


def protocol_named(name: str) -> Protocol:
    """The protocol of this name. Raises InputError if there is none."""
    if name not in PROTOCOLS:
        raise InputError(f"unknown protocol {name!r}: {nearest(name, PROTOCOLS)}")
    return PROTOCOLS[name]
