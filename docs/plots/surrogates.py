"""Draws every surrogate derivative into `surrogates.png` beside this file.

Run: `uv run python docs/plots/surrogates.py`
"""

from pathlib import Path

import matplotlib
import torch

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from hpbench.spiking.surrogate import SURROGATES

SPAN = 2.0
POINTS = 4001
OTHERS, OWN, STEP = "0.82", "#0b5fa5", "#c44e00"


def main() -> None:
    """One panel for each surrogate, with the others in grey behind it."""
    distance = torch.linspace(-SPAN, SPAN, POINTS, dtype=torch.double)
    heights = {name: one.derivative(distance) for name, one in SURROGATES.items()}
    figure, axes = plt.subplots(2, 3, figsize=(10.5, 5.8), sharex=True, sharey=True, layout="constrained")
    for panel, (name, surrogate) in zip(axes.flat, SURROGATES.items(), strict=True):
        for other, height in heights.items():
            if other != name:
                panel.plot(distance, height, color=OTHERS, linewidth=0.8)
        panel.plot([-SPAN, 0, 0, SPAN], [0, 0, 1, 1], color=STEP, linewidth=1, linestyle=(0, (4, 3)))
        panel.plot(distance, heights[name], color=OWN, linewidth=2)
        panel.set_title(name, fontsize=11, fontweight="bold", loc="left", pad=20)
        panel.text(0, 1.03, f"h(x) = {surrogate.formula}", transform=panel.transAxes, fontsize=9.5)
        panel.spines[["top", "right"]].set_visible(False)
        panel.set(xlim=(-SPAN, SPAN), ylim=(-0.03, 1.09))
    figure.supxlabel(r"$x = u - v_{th}$ (membrane units)", fontsize=10)
    figure.supylabel("h(x) (1 / membrane unit)", fontsize=10)
    figure.suptitle(
        "Surrogate derivatives: this one (blue), the others (grey), the spike H(x) itself (dashed)",
        fontsize=11,
    )
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=130)


if __name__ == "__main__":
    main()
