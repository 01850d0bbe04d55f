"""The names that settings choose from are those of the tables beside the maths."""

from collections.abc import Mapping

import pytest

from hpbench.spiking.choices import ENCODINGS, FRAMES, READ_OUTS, SURROGATE_NAMES, TIMED
from hpbench.spiking.codes.table import CODES
from hpbench.spiking.decolle.cell import DECOLLE_SURROGATES
from hpbench.spiking.decolle.parameters import DECOLLE_SURROGATE_NAMES
from hpbench.spiking.parameters import DIALECT_READ_OUT, DIALECTS
from hpbench.spiking.readout import _CODINGS
from hpbench.spiking.surrogate import SURROGATES


@pytest.mark.parametrize(
    ("names", "table"),
    [
        (SURROGATE_NAMES, SURROGATES),
        (DECOLLE_SURROGATE_NAMES, DECOLLE_SURROGATES),
        (READ_OUTS, _CODINGS),
        ((*ENCODINGS, *(one for one in TIMED if one != FRAMES)), CODES),
        (tuple(DIALECTS), DIALECT_READ_OUT),
    ],
    ids=["surrogates", "surrogates of decolle", "read-outs", "codes", "dialects"],
)
def test_every_name_has_an_entry_and_every_entry_a_name(
    names: tuple[str, ...], table: Mapping[str, object]
) -> None:
    assert names == tuple(table)
