"""`hpbench show neuron=NAME`: equations, settings and a picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpbench.spiking.neurons.table import NEURONS


@pytest.mark.parametrize("name", NEURONS)
def test_every_neuron_is_described_and_drawn(name: str, hpbench: Callable[..., Any], tmp_path: Path) -> None:
    shown = hpbench("show", f"neuron={name}")
    assert shown.code == 0, shown.err
    assert "u(t)" in shown.out and "current" in shown.out and "lif, adaptive, " in shown.out
    words = ("neuron.current=0.5", "neuron.steps=40", "--picture", "--out", tmp_path)
    drawn = hpbench("show", f"neuron={name}", *words)
    assert drawn.code == 0, drawn.err
    assert (tmp_path / f"neuron_{name}.png").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_shown_is_refused_with_what_to_write(hpbench: Callable[..., Any]) -> None:
    for words, said in (
        (("neuron=izhikevch",), "did you mean 'izhikevich'"),
        (("neuron.current=1",), "name one neuron, as in neuron=lif"),
        (("neuron=lif", "neuron.current=1"), "add --picture"),
        (("neuron=lif", "neuron.curent=1", "--picture"), "did you mean current"),
        (("neuron=lif", "neuron.current=1,2", "--picture"), "one value"),
    ):
        refused = hpbench("show", *words)
        assert (refused.code, refused.out) == (2, "") and said in refused.err
