"""`hpbench show code=NAME`: what is told and drawn of a neural code, and what is refused."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hpbench.report.code_raster import code_picture
from hpbench.spiking.codes.table import CODES

Command = Any


def test_a_code_is_told_with_its_settings(hpbench: Command) -> None:
    ended = hpbench("show", "code=phase")
    assert ended.code == 0
    for said in ("Kim", "phase_period", "scenario.encoding=phase", "between 1 and 16"):
        assert said in ended.out
    assert "phase_period" not in hpbench("show", "code=direct").out


def test_its_picture_follows_settings(hpbench: Command, tmp_path: Path) -> None:
    path = tmp_path / "phase_code.png"
    drawn = []
    for words in ((), ("scenario.phase_form=shifted",), ("scenario.time_steps=20",)):
        ended = hpbench("show", "code=phase", *words, "--picture", "--out", tmp_path)
        assert ended.code == 0 and str(path) in ended.out
        drawn.append(path.read_bytes())
    assert len({*drawn}) == 3


@pytest.mark.parametrize("name", CODES)
def test_every_code_is_drawn_in_the_width_of_a_page(name: str) -> None:
    picture = code_picture(name, CODES[name](), 20, "")
    pixels = np.asarray(Image.open(BytesIO(picture)).convert("L"))
    assert pixels.shape[1] == 800 and pixels.min() < 100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("code=phse",), "did you mean 'phase'"),
        (("code=phase", "code=burst"), "shows one code"),
        (("code=phase", "scenario.phase_period=4"), "are for --picture"),
        (("code=phase", "strategy.lr=1", "--picture"), "settings of a code are those of a scenario"),
        (("code=phase", "scenario.max_rate=3", "--picture"), "scenario.max_rate=3.0 has no effect"),
        (("code=phase", "scenario.phase_period=40", "--picture"), "between 1 and 16"),
        (("code=phase", "scenario.phase_period=4,5", "--picture"), "one value of each setting"),
    ],
)
def test_what_is_no_code_or_no_setting_of_it_is_refused(
    hpbench: Command, words: tuple[str, ...], said: str
) -> None:
    ended = hpbench("show", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
