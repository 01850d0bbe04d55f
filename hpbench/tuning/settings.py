"""Settings of a search."""

from dataclasses import dataclass

from hpbench.core.settings import setting


@dataclass
class TuneSettings:
    """How long is searched, and how."""

    trials: int = setting(
        50, "trials in all, those of earlier starts of the same command included", unit="trials", low=1
    )
    seeds: int = setting(
        3, "runs of a trial, with the seeds from 0 on; its value is the mean of their accuracies", low=1
    )
    prune: str = setting(
        "on",
        "whether trials that fall behind are given up, after a seed or within a run",
        choices=("on", "off"),
    )
