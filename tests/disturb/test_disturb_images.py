"""Every disturbance of images: what all have in common, and what each does."""

import numpy as np
import pytest

from hpbench.core.errors import InputError
from hpbench.disturb.images import IMAGE_DISTURBANCES, Images

NAMES = sorted(IMAGE_DISTURBANCES)


def pictures() -> Images:
    random = np.random.default_rng(0)
    return random.uniform(0.3, 0.7, (40, 28, 28)).astype(np.float32)


def disturbed(name: str, level: float, images: Images | None = None, seed: int = 1) -> Images:
    found: Images = IMAGE_DISTURBANCES[name].apply(
        pictures() if images is None else images, level, np.random.default_rng(seed)
    )
    return found


@pytest.mark.parametrize("name", NAMES)
def test_levels_begin_with_none_and_rise(name: str) -> None:
    levels = IMAGE_DISTURBANCES[name].levels
    assert levels[0] == 0 and list(levels) == sorted(set(levels)) and len(levels) == 7
    assert levels[-1] <= IMAGE_DISTURBANCES[name].high


@pytest.mark.parametrize("name", NAMES)
def test_images_stay_images_and_the_clean_ones_are_left_alone(name: str) -> None:
    clean = pictures()
    for level in IMAGE_DISTURBANCES[name].levels[1:]:
        found = disturbed(name, level, clean)
        assert found.shape == clean.shape and found.dtype == np.float32
        assert found.min() >= 0 and found.max() <= 1
        assert not np.array_equal(found, clean)
    assert np.array_equal(clean, pictures())


@pytest.mark.parametrize("name", NAMES)
def test_a_larger_level_changes_more(name: str) -> None:
    changes = [
        np.square(disturbed(name, level) - pictures()).mean() for level in IMAGE_DISTURBANCES[name].levels[1:]
    ]
    assert changes == sorted(changes)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_does_the_same(name: str) -> None:
    level = IMAGE_DISTURBANCES[name].levels[3]
    assert np.array_equal(disturbed(name, level), disturbed(name, level))
    if name != "centre_crop":
        assert not np.array_equal(disturbed(name, level), disturbed(name, level, seed=2))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [-0.1, 1e6])
def test_a_level_out_of_range_is_refused(name: str, level: float) -> None:
    with pytest.raises(InputError, match=f"of {name}: expected a (value|whole number) between 0 and"):
        IMAGE_DISTURBANCES[name].check(level)


def test_gaussian_noise_has_the_variance_of_its_level() -> None:
    grey = np.full((50, 28, 28), 0.5, dtype=np.float32)
    assert disturbed("gaussian", 0.01, grey).var() == pytest.approx(0.01, rel=0.02)
    assert disturbed("gaussian", 0.01, grey).mean() == pytest.approx(0.5, abs=0.002)


def test_speckle_grows_with_the_pixel() -> None:
    dark, bright = (np.full((50, 28, 28), value, dtype=np.float32) for value in (0.1, 0.4))
    assert disturbed("speckle", 0.05, dark).std() == pytest.approx(0.1 * 0.05**0.5, rel=0.02)
    assert disturbed("speckle", 0.05, bright).std() == pytest.approx(0.4 * 0.05**0.5, rel=0.02)
    assert not disturbed("speckle", 0.5, np.zeros_like(dark)).any()


@pytest.mark.parametrize(
    ("name", "white", "black"), [("salt", 1, 0), ("pepper", 0, 1), ("salt_and_pepper", 0.5, 0.5)]
)
def test_salt_is_white_and_pepper_is_black(name: str, white: float, black: float) -> None:
    clean = pictures()
    found = disturbed(name, 0.2, clean)
    assert (found == 1).mean() == pytest.approx(0.2 * white, abs=0.01)
    assert (found == 0).mean() == pytest.approx(0.2 * black, abs=0.01)
    untouched = (found != 1) & (found != 0)
    assert np.array_equal(found[untouched], clean[untouched])


def test_a_crop_leaves_the_centre() -> None:
    clean = pictures()
    found = disturbed("centre_crop", 10, clean)
    assert np.array_equal(found[:, 10:18, 10:18], clean[:, 10:18, 10:18])
    assert np.count_nonzero(found) == 40 * 8 * 8


def test_an_occlusion_is_one_square_in_each_image() -> None:
    clean = pictures()
    gone = disturbed("occlusion", 9, clean) == 0
    assert (gone.sum((1, 2)) == 81).all()
    for image in gone:
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        assert len(rows) == len(columns) == 9
    assert len({image.tobytes() for image in gone}) > 20
    assert not disturbed("occlusion", 28, clean).any()


@pytest.mark.parametrize(
    ("name", "mode", "parameter"),
    [
        ("gaussian", "gaussian", "var"),
        ("speckle", "speckle", "var"),
        ("salt", "salt", "amount"),
        ("pepper", "pepper", "amount"),
        ("salt_and_pepper", "s&p", "amount"),
    ],
)
def test_noise_is_that_of_scikit_image_to_the_last_bit(name: str, mode: str, parameter: str) -> None:
    from skimage.util import random_noise

    edges = np.linspace(0, 1, 40 * 28 * 28, dtype=np.float32).reshape(40, 28, 28)
    for clean in (pictures(), edges):
        for level in (*IMAGE_DISTURBANCES[name].levels[1:], 1.0):
            theirs = random_noise(clean, mode, rng=np.random.default_rng(1), **{parameter: level})
            assert np.array_equal(disturbed(name, level, clean), theirs.astype(np.float32))
