"""Draws the firing patterns of Izhikevich's neuron: `izhikevich.png` beside this file.

Run: `uv run python docs/plots/izhikevich.py`
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch

from hpbench.networks.lone_neuron import lone_neuron_settings, responses
from hpbench.spiking.neurons.izhikevich import PATTERNS

STEPS = 250
ON = 25


def main() -> None:
    """One panel for each pattern, under a constant current from 25 ms on."""
    figure, axes = plt.subplots(4, 2, figsize=(10, 7), sharex=True, sharey=True, layout="constrained")
    settings = lone_neuron_settings("izhikevich")
    for axis, (name, constants) in zip(axes.flat, PATTERNS.items(), strict=False):
        current = 1.0 if name in ("resonator", "thalamo_cortical") else 10.0
        one = settings(izhikevich_pattern=name, izhikevich_current=current)
        currents = torch.zeros(STEPS, 1, dtype=torch.double)
        currents[ON:] = 1.0
        membranes = 95 * responses(one, currents).membranes[:, 0] - 65
        axis.plot(range(STEPS), membranes, color="tab:blue", linewidth=1)
        values = ", ".join(f"{key} {value:g}" for key, value in constants._asdict().items())
        axis.set_title(f"{name}: {values}; I {current:g}", fontsize="small")
        axis.axvline(ON, color="lightgrey", linewidth=1, zorder=0)
    axes.flat[-1].set_axis_off()
    axes[2, 1].tick_params(labelbottom=True)
    axes[3, 0].set_xlabel("time (ms)")
    figure.supylabel("v (mV), cut at the peak")
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main()
