"""Recordings in AEDAT 4, the format of CIFAR10-DVS, as its description says: flatbuffers behind a header."""

import struct
from pathlib import Path

import flatbuffers

from hpbench.data.events.source import Events

STREAMS = """<dv version="2.0"><node name="outInfo" path="/mainloop/Recorder/outInfo/">
<node name="0" path="/mainloop/Recorder/outInfo/0/"><attr key="compression" type="string">NONE</attr>
<attr key="typeIdentifier" type="string">EVTS</attr>
<node name="info" path="/mainloop/Recorder/outInfo/0/info/">
<attr key="sizeX" type="int">128</attr><attr key="sizeY" type="int">128</attr></node></node></node></dv>"""


def write_aedat4(path: Path, start: int, *packets: Events) -> None:
    """One uncompressed stream of packets; times are counted from `start` (us)."""
    path.write_bytes(b"#!AER-DAT4.0\r\n" + _header() + b"".join(_packet(one, start) for one in packets))


def _header() -> bytes:
    builder = flatbuffers.Builder()
    streams = builder.CreateString(STREAMS)
    builder.StartObject(3)
    builder.PrependInt64Slot(1, -1, 0)  # no table of packets at the end
    builder.PrependUOffsetTRelativeSlot(2, streams, 0)
    builder.FinishSizePrefixed(builder.EndObject(), b"IOHE")
    return bytes(builder.Output())


def _packet(events: Events, start: int) -> bytes:
    builder = flatbuffers.Builder()
    builder.StartVector(16, len(events), 8)
    for x, y, t, p in reversed(events.tolist()):
        builder.Prep(8, 16)
        builder.Pad(3)
        builder.PrependBool(p)
        builder.PrependInt16(y)
        builder.PrependInt16(x)
        builder.PrependInt64(start + t)
    vector = builder.EndVector()
    builder.StartObject(1)
    builder.PrependUOffsetTRelativeSlot(0, vector, 0)
    builder.FinishSizePrefixed(builder.EndObject(), b"EVTS")
    content = bytes(builder.Output())
    return struct.pack("<ii", 0, len(content)) + content
