"""Reads what TensorBoard reads: the curves in a folder of event files."""

import struct
from pathlib import Path


def curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Points (step, value) by the name of the curve. A record: length, event, a checksum of each."""
    from tensorboard.compat.proto.event_pb2 import Event

    found: dict[str, list[tuple[int, float]]] = {}
    for path in folder.glob("events.out.tfevents.*"):
        content, place = path.read_bytes(), 0
        while place < len(content):
            (length,) = struct.unpack_from("<Q", content, place)
            event = Event.FromString(content[place + 12 : place + 12 + length])
            for one in event.summary.value:
                value = one.tensor.float_val[0] if one.tensor.float_val else one.simple_value
                found.setdefault(one.tag, []).append((event.step, value))
            place += 16 + length
    return found
