"""Draws membrane, spikes and trace of one HP neuron in both dialects: `neuron.png` beside this file.

Run: `uv run python docs/plots/neuron.py`
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch

from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.parameters import DIALECTS

STEPS = 60
INPUTS = 12


def main() -> None:
    """Show one neuron two input patterns in turn and draw what it does."""
    figure, axes = plt.subplots(3, 2, figsize=(10, 6), sharex=True, layout="constrained")
    for column, (name, p) in zip(axes.T, DIALECTS.items(), strict=True):
        torch.manual_seed(2)
        cell = HybridCell(INPUTS, 1, p)
        with torch.no_grad():
            cell.linear.weight.fill_(0.04)
            cell.linear.bias.zero_()
            cell.alpha.fill_(0.25)
            cell.rate.fill_(0.03)
            cell.offset.fill_(0.1)
        patterns = torch.zeros(2, 1, INPUTS)
        patterns[0, 0, :8] = patterns[1, 0, 6:] = 0.7
        membranes, spikes, traces, state = [], [], [], None
        for step in range(STEPS):
            fired, state = cell(patterns[step // 15 % 2], state)
            membranes.append(float(state.membrane))
            spikes.append(float(fired))
            traces.append(state.trace.detach().reshape(INPUTS))
        draw(column, name, p.threshold, membranes, spikes, torch.stack(traces))
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)


def draw(column, name, threshold, membranes, spikes, traces) -> None:  # type: ignore[no-untyped-def]
    """Three panels of one dialect."""
    times = range(len(membranes))
    column[0].plot(times, membranes, color="tab:blue")
    column[0].axhline(threshold, color="grey", linestyle="--", linewidth=1)
    column[0].text(len(membranes), threshold, "v_th", color="grey", ha="right", va="bottom")
    column[0].set(title=f"{name} dialect", ylabel="membrane u\n(before reset)")
    column[1].vlines([t for t, spike in zip(times, spikes, strict=True) if spike], 0, 1, color="black")
    column[1].set(ylabel="spikes s", yticks=[])
    column[2].plot(times, traces[:, 0], label="input of pattern 1 only", color="tab:orange")
    column[2].plot(times, traces[:, 7], label="input of both", color="tab:green")
    column[2].plot(times, traces[:, 11], label="input of pattern 2 only", color="tab:red")
    column[2].set(ylabel="trace P", xlabel="step (ms); the pattern changes every 15")
    column[2].legend(fontsize="x-small", loc="upper left" if name == "paper" else "upper right")
    for axis in column:
        for change in range(15, len(membranes), 15):
            axis.axvline(change, color="lightgrey", linewidth=1, zorder=0)


if __name__ == "__main__":
    main()
