"""Draws the training curves of the rows of `leaderboards/omniglot.csv` into `few_shot_curves.png`.

Run: `uv run python docs/plots/few_shot_curves.py`
"""

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from hpbench.boards.counted import counted
from hpbench.boards.parse import records
from hpbench.boards.table import read

BOARD = Path(__file__).parents[2] / "leaderboards" / "omniglot.csv"
NETWORKS = {"spiking": "-", "ann": "--", "tanh": ":"}


def main() -> None:
    """Validation accuracy after every look, one line a strategy and network, with a band over seeds."""
    newest, _ = counted(records(read(BOARD)))
    rows = pd.DataFrame(newest)
    rows = rows[(rows["n_way"] == 20) & (rows["k_shot"] == 1) & (rows["meta_steps"] > 0)]
    figure, panel = plt.subplots(figsize=(9, 5.5), layout="constrained")
    colors = {name: f"C{number}" for number, name in enumerate(sorted(set(rows["strategy"])))}
    for (strategy, network, _), runs in rows.groupby(["strategy", "network", "overrides"]):
        curves = [[look.split(":") for look in curve.split()] for curve in runs["curve"]]
        steps = [int(step) for step, _ in curves[0]]
        found = np.array([[100 * float(accuracy) for _, accuracy in curve] for curve in curves])
        label = f"{strategy}, {network} ({len(runs)} {'seed' if len(runs) == 1 else 'seeds'})"
        panel.plot(steps, found.mean(0), NETWORKS[network], color=colors[strategy], label=label)
        panel.fill_between(steps, found.min(0), found.max(0), color=colors[strategy], alpha=0.2)
    panel.set(
        xlabel="steps of meta-training",
        ylabel="20-way 1-shot accuracy on validation episodes (%)",
        title="Omniglot, characters split: mean over seeds, band from lowest to highest",
    )
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(fontsize="small", loc="lower right")
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=130)


if __name__ == "__main__":
    main()
