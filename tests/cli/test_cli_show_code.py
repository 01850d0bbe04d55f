"""`hpbench show code=NAME`: what is told and drawn of a neural code, and what is refused."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hpbench.report.code_raster import code_picture
from hpbench.spiking.codes.lone_code import lone_code_settings
from hpbench.spiking.codes.table import CODES

Command = Any


def test_a_code_is_told_with_its_settings(hpbench: Command) -> None:
    ended = hpbench("show", "code=phase")
    assert ended.code == 0
    for said in ("Kim", "phase_period", "between 1 and 16"):
        assert said in ended.out
    assert "phase_period" not in hpbench("show", "code=direct").out


def test_its_picture_follows_settings(hpbench: Command, tmp_path: Path) -> None:
    path = tmp_path / "code_phase.png"
    drawn = []
    for words in ((), ("code.phase_form=shifted",), ("code.time_steps=20",)):
        ended = hpbench("show", "code=phase", *words, "--picture", "--out", tmp_path)
        assert ended.code == 0 and str(path) in ended.out
        drawn.append(path.read_bytes())
    assert len({*drawn}) == 3


@pytest.mark.parametrize("name", CODES)
def test_every_code_is_drawn_in_the_width_of_a_page(name: str) -> None:
    picture = code_picture(name, lone_code_settings(name)(time_steps=20))
    pixels = np.asarray(Image.open(BytesIO(picture)).convert("L"))
    assert pixels.shape[1] == 800 and pixels.min() < 100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("code=phse",), "did you mean 'phase'"),
        (("code=phase", "code=burst"), "name one code"),
        (("code=phase", "code.phase_period=4"), "add --picture"),
        (("code=phase", "code.max_rate=3", "--picture"), "max_rate"),
        (("code=phase", "code.phase_period=40", "--picture"), "between 1 and 16"),
    ],
)
def test_what_is_no_code_or_no_setting_of_it_is_refused(
    hpbench: Command, words: tuple[str, ...], said: str
) -> None:
    ended = hpbench("show", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
