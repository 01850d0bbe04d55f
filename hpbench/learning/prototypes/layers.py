"""The layers that compute prototypes' features from the input of a module, as the settings say."""

import torch

from hpbench.data.characters.glyphs import load_glyphs
from hpbench.learning.prototypes.settings import PrototypeSettings
from hpbench.spiking.plastic.columns import PlasticColumns
from hpbench.spiking.plastic.units import CompetingUnits
from hpbench.spiking.random.columns import SpikingColumns
from hpbench.spiking.random.expansion import SpikingExpansion

_BATCH = 100
"""Images of `glyphs` that filters learn from at once."""


def first_layer(
    settings: PrototypeSettings, inputs: int, steps: int, seed: int
) -> SpikingExpansion | SpikingColumns | None:
    """The expansion or the columns for inputs of this size; None without both."""
    if settings.expansion:
        return SpikingExpansion(inputs, settings.expansion, settings.expansion_fan_in, steps, seed)
    if not settings.columns:
        return None
    field, pool = settings.column_field, settings.column_pool
    if settings.column_learning == "none":
        return SpikingColumns(inputs, settings.columns, steps, seed, field=field, pool=pool)
    images = _characters() if settings.column_learning == "glyphs" else torch.empty(0)
    columns = PlasticColumns(
        inputs,
        settings.columns,
        steps,
        seed,
        samples=len(images) or settings.column_samples,
        repulsion=settings.column_repulsion,
        homeostasis=settings.column_homeostasis,
        field=field,
        pool=pool,
    )
    for batch in images.split(_BATCH):
        columns.learn(batch)
    return columns


def second_layer(
    settings: PrototypeSettings, features: int, experiences: int, seed: int
) -> CompetingUnits | None:
    """The competing units for features of the columns; None without them."""
    if not (settings.columns and settings.units):
        return None
    return CompetingUnits(
        features,
        settings.units,
        experiences,
        seed,
        winners=settings.unit_winners,
        homeostasis=settings.unit_homeostasis,
        plastic=settings.unit_plasticity,
    )


def _characters() -> torch.Tensor:
    """All drawings of the background scripts of `glyphs`, in a fixed random order: (N, S·S) in [0, 1]."""
    glyphs = load_glyphs()
    drawings = torch.from_numpy(glyphs.images[glyphs.background]).flatten(0, 1).flatten(1)
    order = torch.randperm(len(drawings), generator=torch.Generator().manual_seed(0))
    return drawings[order].to(torch.get_default_dtype()) / 255
