"""Glyphs: many characters by script, each by 20 hands, drawn once."""

import numpy as np
import pytest

from hpbench.data.characters import glyphs
from hpbench.data.characters.glyphs import BACKGROUND, EVALUATION, draw_glyphs, load_glyphs


@pytest.fixture
def few(monkeypatch):
    """Three scripts only, so that drawing takes a moment."""
    monkeypatch.setattr(glyphs, "BACKGROUND", {name: BACKGROUND[name] for name in ("latin", "greek")})
    monkeypatch.setattr(glyphs, "EVALUATION", {"hebrew": EVALUATION["hebrew"]})
    glyphs._load.cache_clear()
    yield
    glyphs._load.cache_clear()


def test_scripts_are_sorted_and_characters_that_look_alike_are_one(few):
    data = draw_glyphs()
    assert data.name == "glyphs"
    assert list(dict.fromkeys(data.alphabets.tolist())) == ["greek", "latin", "hebrew"]
    assert set(data.alphabets[data.background]) == {"greek", "latin"}
    assert data.images.shape == (len(data.names), 20, 28, 28) and data.images.dtype == np.uint8
    names = set(data.names.tolist())
    assert "U+00391" in names and "U+00041" not in names  # Alpha, and A that looks the same
    assert len(names) == len(data.names) > 80


def test_hands_differ_and_every_drawing_has_ink_and_paper(few):
    images = draw_glyphs().images
    assert len({one.tobytes() for one in images.reshape(-1, 28, 28)}) == images.shape[0] * 20
    ink = (images > 60).mean((2, 3))
    assert ink.min() > 0.005 and ink.max() < 0.6
    thickness = (images / 255).sum((2, 3)).mean(0)
    assert thickness.max() > 1.3 * thickness.min()


def test_the_same_every_time_and_kept(few, isolated):
    first = load_glyphs()
    path = isolated / "glyphs_v2.npz"
    assert path.is_file()
    assert draw_glyphs().sha256 == first.sha256
    glyphs._load.cache_clear()
    again = load_glyphs()
    assert again is not first and again.sha256 == first.sha256
    assert str(path) in again.source
