"""Settings of competing columns, and of the units above them, whose wins are features for prototypes."""

from dataclasses import dataclass

from hpbench.core.acting import SET, other_than
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.reasons import needs_boundaries
from hpbench.plasticity.choices import COLUMN_LEARNING


@dataclass
class ColumnSettings:
    """Competing spiking neurons at each place of an image, and a second layer of competing units."""

    columns: int = setting(
        0,
        "spiking neurons that compete at each place of an image, the first to fire wins; wins per area are "
        "the features; 0: none",
        unit="neurons",
        low=0,
        acts_with={"prototypes": True},
    )
    column_field: int = setting(
        7, "side of a column's receptive field, a square", unit="pixels", low=1, acts_with={"columns": SET}
    )
    column_pool: int = setting(
        6,
        "side of the square areas, overlapping by half, in which wins are counted",
        unit="columns",
        low=1,
        acts_with={"columns": SET},
    )
    column_learning: str = setting(
        "none",
        "filters of the columns: random (none), or learned by competition from the first samples of the "
        "stream, or beforehand from other data, the characters of `glyphs`",
        choices=COLUMN_LEARNING,
        acts_with={"columns": SET},
    )
    column_samples: int = setting(
        2000,
        "samples that filters learn from with column_learning=stream, and then settle",
        unit="samples",
        low=1,
        acts_with={"column_learning": "stream"},
    )
    column_repulsion: float = setting(
        0.2,
        "Δ, step of the second best filter away from what the best one learns, relative to its step",
        low=0,
        high=1,
        acts_with={"column_learning": other_than("none")},
    )
    column_homeostasis: float = setting(
        0.03,
        "κ, by which a filter's threshold grows with the logarithm of its wins while it learns",
        low=0,
        acts_with={"column_learning": other_than("none")},
    )
    units: int = setting(
        0,
        "second layer: units that each experience adds, competing for the columns' features; which of them "
        "fire are the features; 0: none",
        unit="neurons",
        low=0,
        acts_with={"columns": SET},
    )
    unit_winners: int = setting(
        3, "units that fire for a sample", unit="neurons", low=1, acts_with={"units": SET}
    )
    unit_plasticity: bool = setting(
        True,
        "units learn by competition during their experience; or they stay as they started, random around the "
        "mean of its first batch",
        acts_with={"units": SET},
    )
    unit_homeostasis: float = setting(
        0.1,
        "κ, by which a unit's threshold grows with the logarithm of its wins while it learns",
        low=0,
        acts_with={"unit_plasticity": True},
    )

    def check(self) -> None:
        """Raise InputError for layers in which nothing can compete."""
        following = getattr(super(), "check", None)
        if following is not None:
            following()
        if not self.columns:
            return
        if self.columns == 1 and self.column_learning != "none":
            raise InputError("strategy.columns=1: a single filter cannot compete; set several")
        if self.units and self.units < max(2, self.unit_winners):
            raise InputError(
                f"strategy.units={self.units}: strategy.unit_winners={self.unit_winners} of them fire, and "
                "two or more compete: set as many or more"
            )

    def skip(self, stream: Stream) -> str:
        """Why the layers cannot be used on the stream; empty if they can."""
        following = getattr(super(), "skip", None)
        reason = following(stream) if following is not None else ""
        if reason or not (self.columns and self.units):
            return reason
        return needs_boundaries(stream, f"strategy.units={self.units}", "strategy.units=0")
