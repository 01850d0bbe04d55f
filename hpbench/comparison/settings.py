"""Settings of a comparison."""

from dataclasses import dataclass

from hpbench.core.settings import setting


@dataclass
class CompareSettings:
    """What is measured. They change no row."""

    samples: int = setting(
        500, "test samples that layers are compared on, the first ones of each experience", low=4
    )
    fisher_samples: int = setting(100, "of these, those that Fisher information is measured on", low=1)
