"""A picture of a neuron model: its membrane and spikes under a current, and a raster over many currents."""

import dataclasses
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure

from hpbench.core.settings import settings_of, typed
from hpbench.networks.lone_neuron import responses
from hpbench.report.plot import png

_ON, _OFF = 0.1, 0.85
"""Shares of the time at which the current is switched on and off."""


def neuron_picture(name: str, settings: Any) -> bytes:
    """A PNG of a neuron with settings of `hpbench.networks.lone_neuron.lone_neuron_settings`."""
    steps = settings.steps
    times = np.arange(steps)
    on = torch.zeros(steps, dtype=torch.double)
    on[round(_ON * steps) : round(_OFF * steps)] = 1
    one = responses(settings, settings.current * on[:, None])
    ramp = torch.linspace(0, 2 * settings.current, settings.cells, dtype=torch.double)
    raster = responses(settings, on[:, None] * ramp).spikes.numpy()

    figure = Figure(figsize=(8, 7), layout="constrained")
    current, membrane, spikes, many = figure.subplots(4, 1, sharex=True, height_ratios=[0.7, 2, 0.35, 2.4])
    current.step(times, settings.current * on.numpy(), where="post", color="tab:orange")
    current.set(ylabel="current\n(v_th)")
    membrane.plot(times, one.membranes[:, 0].numpy(), color="tab:blue", linewidth=1)
    membrane.plot(
        times, one.thresholds[:, 0].numpy(), color="grey", linestyle="--", linewidth=1, label="threshold"
    )
    membrane.set(ylabel="membrane u before reset\n(v_th)")
    membrane.legend(
        fontsize="small", loc="lower right", bbox_to_anchor=(1, 1), frameon=False, borderaxespad=0
    )
    fired = np.flatnonzero(one.spikes[:, 0].numpy())
    spikes.vlines(fired, 0, 1, color="black", linewidth=1)
    spikes.set(ylabel="spikes", yticks=[], ylim=(0, 1))
    moments, cells = np.nonzero(raster)
    height = 2 * settings.current / (settings.cells - 1)
    many.vlines(moments, ramp[cells] - 0.4 * height, ramp[cells] + 0.4 * height, color="black", linewidth=1)
    many.set(ylabel=f"current of each of\n{settings.cells} neurons (v_th)", xlabel="time (ms)")
    many.set(xlim=(0, steps), ylim=(-height, 2 * settings.current + height))
    figure.suptitle(f"{name}{_changed(settings)}: {len(fired)} spikes at {settings.current:g} v_th")
    return png(figure)


def _changed(settings: Any) -> str:
    """The settings that differ from their defaults, in brackets."""
    defaults = {one.name: one.default for one in settings_of(type(settings))}
    values = {one.name: getattr(settings, one.name) for one in dataclasses.fields(settings)}
    words = [f"{key}={typed(value)}" for key, value in values.items() if value != defaults[key]]
    return f" ({', '.join(words)})" if words else ""
