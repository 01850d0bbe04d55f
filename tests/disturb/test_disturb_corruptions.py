"""The corruptions of MNIST-C and CIFAR-10-C, each against its definition written out for one image."""

from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from math import ceil, cos, exp, floor, hypot, log, radians, sin
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from hpbench.core.errors import InputError
from hpbench.data.images.image_data import ImageData
from hpbench.disturb.corruptions import blur, coding, drawn, edges, geometry, noise, tone, weather
from hpbench.disturb.corruptions.table import CORRUPTIONS, ONLY_IN_COLOUR, UNDRAWN
from hpbench.disturb.images import IMAGE_DISTURBANCES
from hpbench.disturb.seeded import level_generator
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.tasks.resources import Resources

Images = NDArray[Any]

NAMES = sorted(CORRUPTIONS)
PUBLISHED = {
    "mnist_c": "shot_noise impulse_noise glass_blur motion_blur shear scale rotate brightness translate "
    "stripe fog spatter dotted_line zigzag canny_edges",
    "cifar10_c": "gaussian_noise shot_noise impulse_noise defocus_blur glass_blur motion_blur zoom_blur snow "
    "fog brightness contrast elastic_transform pixelate jpeg_compression saturate",
}


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def pictures(number: int = 6, channels: int = 1, side: int = 28) -> Images:
    """Smooth bright shapes on black: (N, C, side, side)."""
    values = ndimage.gaussian_filter(rng(0).normal(0, 1, (number, channels, side, side)), (0, 0, 2, 2))
    return np.clip(6 * values + 0.2, 0, 1).astype(np.float32)


def colour(number: int = 6) -> Images:
    return pictures(number, 3, 32)


def fitting(name: str) -> Images:
    """Images as those of the set: grey ones without a channel."""
    return pictures()[:, 0] if name.startswith("mnist_c") else colour()


def corrupted(name: str, level: float, images: Images, seed: int = 1) -> Images:
    found: Images = CORRUPTIONS[name].apply(images, level, rng(seed))
    return found


def test_all_are_there_but_frost() -> None:
    assert set(NAMES) == {f"{which}_{one}" for which, names in PUBLISHED.items() for one in names.split()}
    assert not set(NAMES) & set(IMAGE_DISTURBANCES)


@pytest.mark.parametrize("name", NAMES)
def test_levels_are_severities(name: str) -> None:
    one = CORRUPTIONS[name]
    assert one.levels in ((0, 1, 2, 3, 4, 5), (0, 1)) and one.high == one.levels[-1]
    for wrong in (-1, 1.5, one.high + 1):
        with pytest.raises(InputError, match=f"of {name}: expected a whole number between 0 and"):
            one.check(wrong)


@pytest.mark.parametrize("name", NAMES)
def test_images_stay_images_and_the_clean_ones_are_left_alone(name: str) -> None:
    clean = fitting(name)
    for level in CORRUPTIONS[name].levels[1:]:
        found = corrupted(name, level, clean)
        assert found.shape == clean.shape and found.dtype == np.float32
        assert found.min() >= 0 and found.max() <= 1
        assert not np.array_equal(found, clean)
    assert np.array_equal(clean, fitting(name))


@pytest.mark.parametrize("name", NAMES)
def test_other_sizes_and_channels_will_do(name: str) -> None:
    sizes = [pictures(2, 3, 28), pictures(1, 3, 40)]
    sizes += [] if name in ONLY_IN_COLOUR else [pictures(2, 1, 32)[:, 0], pictures(2, 1, 20)[:, 0]]
    for images in sizes:
        assert corrupted(name, CORRUPTIONS[name].high, images).shape == images.shape


def test_what_changes_colours_is_refused_for_grey_images_before_training() -> None:
    images, labels = pictures(4)[:, 0], np.arange(4) % 2
    data = ImageData("grey", images, labels, images, labels, "made here")
    chosen = ImageRobustnessSettings(disturbances=["cifar10_c_fog", "cifar10_c_saturate"])
    with pytest.raises(InputError, match="it changes colours, and the images of grey are grey"):
        image_task(data, chosen, Resources(None, "cpu", print))


def test_a_task_has_the_corrupted_images_and_refuses_a_noise_seed_without_effect() -> None:
    images, labels = colour(4), np.arange(4) % 2
    data = ImageData("colours", images, labels, images, labels, "made here")
    chosen = ImageRobustnessSettings(disturbances=["cifar10_c_fog"], noise_seed=3)
    task = image_task(data, chosen, Resources(None, "cpu", print))
    expected = CORRUPTIONS["cifar10_c_fog"].apply(images, 2, level_generator(3, "cifar10_c_fog", 2))
    assert list(task.levels.values()) == [(0, 1, 2, 3, 4, 5)]
    assert np.array_equal(np.asarray(task.disturbed("cifar10_c_fog", 2.0)), expected)
    with pytest.raises(InputError, match="noise_seed"):
        ImageRobustnessSettings(disturbances=["cifar10_c_contrast"], noise_seed=3).check()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_does_the_same_and_another_another_unless_nothing_is_drawn(name: str) -> None:
    clean, level = fitting(name), CORRUPTIONS[name].high
    found = corrupted(name, level, clean)
    assert np.array_equal(found, corrupted(name, level, clean))
    assert np.array_equal(found, corrupted(name, level, clean, seed=2)) == (name in UNDRAWN)


MONOTONE = [
    name
    for name in NAMES
    if not any(word in name for word in ("glass", "saturate", "elastic", "spatter", "snow"))
]


@pytest.mark.parametrize("name", MONOTONE)
def test_a_larger_severity_changes_more(name: str) -> None:
    clean = pictures(60)[:, 0] if name.startswith("mnist_c") else colour(60)
    levels = CORRUPTIONS[name].levels[1:]
    changes = [0.0] + [np.square(corrupted(name, level, clean) - clean).mean() for level in levels]
    # Published constants do not rise at every step: motion blur grows longer, but by weights of 1e-9.
    assert all(0.98 * one < other for one, other in pairwise(changes)), changes
    assert changes[-1] > 1.3 * changes[1] or len(levels) == 1


def test_constants_of_a_severity_reach_the_function() -> None:
    clean = colour()
    expected = np.clip(noise.shot_noise(clean, rng(), 100), 0, 1).astype(np.float32)
    assert np.array_equal(corrupted("cifar10_c_shot_noise", 3, clean), expected)
    grey = pictures()[:, 0]
    expected = np.clip(noise.shot_noise(grey, rng(), 3), 0, 1).astype(np.float32)
    assert np.array_equal(corrupted("mnist_c_shot_noise", 5, grey), expected)


def test_noise_has_the_published_size() -> None:
    grey = np.full((50, 1, 28, 28), 0.5)
    assert noise.gaussian_noise(grey, rng(), 0.08).std() == pytest.approx(0.08, rel=0.02)
    counts = 12 * noise.shot_noise(grey, rng(), 12)
    assert np.allclose(counts, np.rint(counts)) and counts.mean() == pytest.approx(6, rel=0.02)
    assert counts.var() == pytest.approx(6, rel=0.03)
    hit = noise.impulse_noise(grey.astype(np.float32), rng(), 0.09)
    assert ((hit == 0) | (hit == 1)).mean() == pytest.approx(0.09, abs=0.005)


# Tone, against scikit-image's HSV.


@pytest.mark.parametrize("shift", [0.05, 0.3])
def test_brightness_raises_the_value_in_hsv(shift: float) -> None:
    color = pytest.importorskip("skimage.color")
    clean = colour()
    clean[0, :, :4] = 0  # black has no hue
    hsv = color.rgb2hsv(clean, channel_axis=1)
    hsv[:, 2] = np.clip(hsv[:, 2] + shift, 0, 1)
    expected = color.hsv2rgb(hsv, channel_axis=1)
    assert np.allclose(tone.brightness(clean, rng(), shift), expected, atol=1e-6)
    grey = pictures()
    assert np.allclose(tone.brightness(grey, rng(), shift), np.minimum(grey + shift, 1), atol=1e-6)


@pytest.mark.parametrize(("factor", "shift"), [(0.3, 0), (1.5, 0), (2.5, 0.2)])
def test_saturate_changes_the_saturation_in_hsv(factor: float, shift: float) -> None:
    color = pytest.importorskip("skimage.color")
    clean = colour()
    clean[0, :, :4] = 0
    clean[1, :] = clean[1, :1]  # grey
    hsv = color.rgb2hsv(clean, channel_axis=1)
    hsv[:, 1] = np.clip(hsv[:, 1] * factor + shift, 0, 1)
    expected = color.hsv2rgb(hsv, channel_axis=1)
    assert np.allclose(tone.saturate(clean, rng(), factor, shift), expected, atol=1e-6)


def test_contrast_keeps_means_of_channels_and_shrinks_deviations() -> None:
    clean = colour()
    found = tone.contrast(clean, rng(), 0.4)
    assert np.allclose(found.mean((2, 3)), clean.mean((2, 3)), atol=1e-6)
    assert np.allclose(found.std((2, 3)), 0.4 * clean.std((2, 3)), atol=1e-6)


# Places.


def seen_through(image: Images, matrix: Images) -> Images:
    """Pixel by pixel: linear interpolation, 0 outside."""
    side = len(image)
    found = np.zeros((side, side))
    for row in range(side):
        for column in range(side):
            x, y = matrix @ (column, row, 1)
            for i in (floor(y), floor(y) + 1):
                for j in (floor(x), floor(x) + 1):
                    if 0 <= i < side and 0 <= j < side:
                        found[row, column] += image[i, j] * (1 - abs(y - i)) * (1 - abs(x - j))
    return found


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-1.5, 1.5), min_size=6, max_size=6))
def test_warped_is_linear_interpolation(values: list[float]) -> None:
    matrix = np.array(values).reshape(2, 3) * (1, 1, 6)
    [[image]] = pictures(1, side=12)
    assert np.allclose(
        geometry.warped(image[None, None], matrix)[0, 0], seen_through(image, matrix), atol=1e-5
    )


def test_warped_is_that_of_scikit_image() -> None:
    transform = pytest.importorskip("skimage.transform")
    [[image]] = pictures(1)
    matrix = np.array([[0.9, -0.3, 2.0], [0.2, 1.1, -1.5]])
    theirs = transform.warp(image, transform.ProjectiveTransform(np.vstack([matrix, [0, 0, 1]])))
    assert np.allclose(geometry.warped(image[None, None], matrix)[0, 0], theirs, atol=1e-5)


def about_middle(a: float, b: float, c: float, d: float) -> Images:
    """As in the released program: translation 13.5 (1 - the sum of a row)."""
    return np.array([[a, b, 13.5 * (1 - a - b)], [c, d, 13.5 * (1 - c - d)]])


@pytest.mark.parametrize(
    ("function", "constant", "matrix"),
    [
        (geometry.shear, 0.6, lambda c: about_middle(1, -sin(c), 0, cos(c))),
        (geometry.rotate, 0.4, lambda c: about_middle(cos(c), -sin(c), sin(c), cos(c))),
        (geometry.scale, 0.7, lambda c: about_middle(1 / abs(c), 0, 0, 1 / abs(c))),
    ],
)
def test_affine_maps_leave_the_middle_and_go_to_either_side(
    function: Callable[..., Images], constant: float, matrix: Callable[[float], Images]
) -> None:
    clean = pictures(12)
    found = function(clean, rng(), constant)
    sides = []
    for image, changed in zip(clean[:, 0], found[:, 0], strict=True):
        fits = [np.allclose(changed, seen_through(image, matrix(s * constant)), atol=1e-5) for s in (-1, 1)]
        assert any(fits)
        sides.append(fits.index(True))
    assert function is geometry.scale or set(sides) == {0, 1}


def test_translate_moves_by_whole_pixels_towards_all_corners() -> None:
    clean = pictures(40)
    found = geometry.translate(clean, rng(), 3)
    padded = np.pad(clean, ((0, 0), (0, 0), (3, 3), (3, 3)))
    corners = {(y, x): padded[..., y : y + 28, x : x + 28] for y in (0, 6) for x in (0, 6)}
    met = set()
    for number, image in enumerate(found):
        [corner] = [one for one, moved in corners.items() if np.allclose(moved[number], image, atol=1e-6)]
        met.add(corner)
    assert len(met) == 4


def test_elastic_without_noise_is_the_affine_map_of_three_points() -> None:
    clean = colour(3)
    found = geometry.elastic(clean, rng(5), 0, 0, 0.08)
    before = np.array([[26, 26], [26, 6], [6, 6]])  # the middle 16 plus and minus a third of the side
    moves = rng(5).uniform(-0.08 * 32, 0.08 * 32, (3, 3, 2))
    for image, move, changed in zip(clean, moves, found, strict=True):
        forward = np.linalg.solve(np.column_stack([before, np.ones(3)]), before + move).T
        back = np.linalg.inv(np.vstack([forward, [0, 0, 1]]))
        x, y, _ = back @ np.stack([*np.indices((32, 32))[::-1].reshape(2, -1), np.ones(1024)])
        for plane, result in zip(image.astype(float), changed, strict=True):
            wanted = ndimage.map_coordinates(plane, [y, x], order=1, mode="mirror").reshape(32, 32)
            assert np.allclose(result, wanted, atol=1e-5)


def test_elastic_noise_moves_places_smoothly() -> None:
    clean = colour(3)
    found = geometry.elastic(clean, rng(3), 0.1, 0.04, 0)
    random = rng(3)
    random.uniform(0, 0, (3, 3, 2))
    noises = random.uniform(-1, 1, (2, 3, 32, 32))
    row, column = np.indices((32, 32))
    for image, across, down, changed in zip(clean, *noises, found, strict=True):
        moved = [
            place + 3.2 * ndimage.gaussian_filter(one, 1.28, truncate=3, mode="reflect")
            for place, one in ((row, down), (column, across))
        ]
        for plane, result in zip(image.astype(float), changed, strict=True):
            wanted = ndimage.map_coordinates(plane, moved, order=1, mode="reflect")
            assert np.allclose(result, wanted, atol=1e-5)


# Blur.


def test_a_disc_is_the_smoothed_disc_of_the_definition() -> None:
    for radius, softness in ((0.3, 0.4), (1, 0.2), (1.5, 0.1), (3, 0.1), (10, 0.5)):
        reach = 8 if radius <= 8 else radius
        places = np.arange(-reach, reach + 1)
        whole = np.array([[float(x**2 + y**2 <= radius**2) for x in places] for y in places])
        whole /= whole.sum()
        wide = 1 if radius <= 8 else 2
        weights = [exp(-(k**2) / (2 * softness**2)) for k in range(-wide, wide + 1)]
        edge = np.array(weights) / sum(weights)
        expected = ndimage.correlate(whole, np.outer(edge, edge), mode="mirror")
        found = blur.disc(radius, softness)
        margin = (len(expected) - len(found)) // 2
        if margin >= 0:
            assert np.allclose(np.pad(found, margin), expected, atol=1e-12)
        else:  # the published grid ends at the disc, whose edge is then mirrored in it
            inner = slice(-margin + 2, margin - 2)
            assert np.allclose(found[inner, inner], expected[2:-2, 2:-2], rtol=0.02)
        assert found.sum() == pytest.approx(1)


def test_defocus_is_a_mean_over_the_disc_with_mirrored_borders() -> None:
    clean = colour(1).astype(float)
    kernel = blur.disc(1.5, 0.1)
    found = blur.defocus(clean, rng(), 1.5, 0.1)
    reach = len(kernel) // 2
    padded = np.pad(clean[0, 1], reach, mode="reflect")
    for row, column in ((0, 0), (10, 3), (31, 15)):
        window = padded[row : row + len(kernel), column : column + len(kernel)]
        assert found[0, 1, row, column] == pytest.approx((window * kernel).sum())


def literal_motion(image: Images, radius: int, deviation: float, angle: float) -> Images:
    """ImageMagick's MotionBlurImage of a plane."""
    width, side = 2 * radius + 1, len(image)
    weights = [exp(-(i**2) / (2 * deviation**2)) for i in range(width)]
    x, y = width * sin(radians(angle)), width * cos(radians(angle))
    found = np.zeros_like(image)
    for row in range(side):
        for column in range(side):
            for i in range(width):
                across, down = ceil(i * y / hypot(x, y) - 0.5), ceil(i * x / hypot(x, y) - 0.5)
                place = min(max(row + down, 0), side - 1), min(max(column + across, 0), side - 1)
                found[row, column] += weights[i] / sum(weights) * image[place]
    return found


def test_motion_blur_is_that_of_image_magick() -> None:
    clean = colour(4).astype(float)[..., :14, :14]
    angles = np.array([-45.0, -10.3, 37.0, -120.0])
    found = blur.moved(clean, angles, 6, 1.5)
    for number, angle in enumerate(angles):
        for channel in range(3):
            expected = literal_motion(clean[number, channel], 6, 1.5, angle)
            assert np.allclose(found[number, channel], expected, atol=1e-12)
    random = rng(9)
    angles = random.uniform(-45, 45, 4)
    assert np.array_equal(blur.motion(clean, rng(9), 6, 1.5), blur.moved(clean, angles, 6, 1.5))


@pytest.mark.parametrize("side", [28, 32])
@pytest.mark.parametrize("factor", [1, 1.01, 1.07, 1.25, 1.3, 1.75, 2.25, 4.5])
def test_zooming_is_that_of_scipy(side: int, factor: float) -> None:
    [[image]] = pictures(1, side=side).astype(float)
    cropped = ceil(side / factor)
    top = (side - cropped) // 2
    large = ndimage.zoom(image[top : top + cropped, top : top + cropped], factor, order=1)
    trim = (len(large) - side) // 2
    expected = large[trim : trim + side, trim : trim + side]
    assert np.allclose(blur.zoomed(image[None, None], factor)[0, 0], expected, atol=1e-9)


def test_zoom_blur_is_the_mean_of_the_image_and_all_zooms() -> None:
    clean = colour(2).astype(float)
    factors = list(np.arange(1, 1.11, 0.01))
    expected = (clean + sum(blur.zoomed(clean, one) for one in factors)) / (len(factors) + 1)
    assert np.allclose(blur.zoom(clean, rng(), factors), expected)
    assert np.allclose(corrupted("cifar10_c_zoom_blur", 2, clean.astype(np.float32)), expected, atol=1e-6)


@pytest.mark.parametrize("grey", [True, False])
def test_glass_blur_moves_pixels_one_after_another(grey: bool) -> None:
    clean = pictures(3, side=12) if grey else pictures(3, 3, 12)
    deviation, reach, rounds = 0.7, 2, 2
    found = blur.glass(clean, rng(), deviation, reach, rounds, grey=grey)
    deviations = (0, deviation, 0) if grey else (0, deviation, deviation)

    def smooth(image: Images) -> Images:
        return ndimage.gaussian_filter(image, deviations, mode="nearest")

    images = [np.uint8(255 * smooth(one)) for one in clean]
    random = rng()
    for _ in range(rounds):
        for row in range(12 - reach, reach, -1):
            for column in range(12 - reach, reach, -1):
                across, down = random.integers(-reach, reach, (2, 3))
                exchanged = random.random(3) < 0.5 if grey else [True] * 3
                for number, image in enumerate(images):
                    if exchanged[number]:
                        other = row + down[number], column + across[number]
                        before = image[:, row, column].copy()
                        image[:, row, column] = image[:, *other]
                        if grey:
                            image[:, *other] = before
    expected = [smooth(one / 255) for one in images]
    assert np.allclose(found, expected, atol=1e-6)


# Weather.


def literal_plasma(random: np.random.Generator, side: int, decay: float) -> Images:
    """The diamond-square algorithm point by point, of one map, in the order in which numbers are drawn."""
    heights, step, size = np.zeros((side, side)), side, 100.0
    while step >= 2:
        half, count = step // 2, side // step

        def around(y: int, x: int, places: list[tuple[int, int]]) -> float:
            return sum(heights[(y + down) % side, (x + across) % side] for down, across in places) / 4

        def draws(size: float = size, count: int = count) -> Images:
            return size**2 * (2 * random.random((1, count, count), dtype=np.float32)[0] - 1)

        straight = [(-half, 0), (half, 0), (0, -half), (0, half)]
        corners = [(-half, -half), (-half, half), (half, -half), (half, half)]
        for first_row, first_column, places in (
            (half, half, corners),
            (0, half, straight),
            (half, 0, straight),
        ):
            noises = draws()
            new = {
                (i, j): around(first_row + i * step, first_column + j * step, places) + noises[i, j]
                for i in range(count)
                for j in range(count)
            }
            for (i, j), value in new.items():
                heights[first_row + i * step, first_column + j * step] = value
        step, size = half, size / decay
    heights -= heights.min()
    return heights / heights.max()


@pytest.mark.parametrize("decay", [1.4, 2, 3])
def test_plasma_is_the_diamond_square_algorithm(decay: float) -> None:
    [found] = weather.plasma(rng(4), 1, 16, decay)
    assert np.allclose(found, literal_plasma(rng(4), 16, decay), atol=1e-4)
    assert found.min() == 0 and found.max() == 1


def test_fog_adds_a_fractal_and_keeps_the_brightest_value() -> None:
    clean = colour(12)
    found = weather.fog(clean, rng(), 0.75, 2.5, 32)
    random = rng()
    clouds = np.concatenate([weather.plasma(random, n, 32, 2.5) for n in (8, 4)])
    for image, cloud, changed in zip(clean, clouds, found, strict=True):
        brightest = image.max()
        expected = (image + 0.75 * cloud) * brightest / (brightest + 0.75)
        assert np.allclose(changed, expected, atol=1e-6)
        assert changed.max() <= brightest + 1e-6


def test_snow_is_pale_images_and_flakes_from_two_sides() -> None:
    clean = colour(3).astype(float)
    mean, deviation, enlarged, threshold, radius, soft, kept = 0.25, 0.3, 2.25, 0.6, 12, 6, 0.85
    found = weather.snow(clean, rng(), mean, deviation, enlarged, threshold, radius, soft, kept)
    random = rng()
    layers = blur.zoomed(random.normal(mean, deviation, (3, 1, 32, 32)), enlarged)[:, 0]
    angles = random.uniform(-135, -45, 3)
    for number, layer in enumerate(layers):
        flakes = np.uint8(255 * np.clip(np.where(layer < threshold, 0, layer), 0, 1)) / 255
        fallen = literal_motion(flakes, radius, soft, angles[number])
        red, green, blue = clean[number]
        grey = 0.299 * red + 0.587 * green + 0.114 * blue
        for channel in range(3):
            one = clean[number, channel]
            pale = kept * one + (1 - kept) * np.maximum(one, 1.5 * grey + 0.5)
            assert np.allclose(found[number, channel], pale + fallen + np.rot90(fallen, 2), atol=1e-9)


def test_spatter_puts_mud_where_noise_is_high() -> None:
    clean = pictures(4).astype(float)
    found = weather.spatter(clean, rng(), 0.65, 0.3, 1, 0.65, 1.5)
    wet = rng().normal(0.65, 0.3, (4, 28, 28))
    for image, noise_, changed in zip(clean[:, 0], wet, found[:, 0], strict=True):
        mask = (ndimage.gaussian_filter(noise_, 1, mode="nearest") > 0.65).astype(float)
        mud = ndimage.gaussian_filter(mask, 1.5, mode="nearest")
        mud[mud < 0.8] = 0
        assert mud.any() and np.allclose(changed, image * (1 - mud) + 63 / 255 * mud)


# Coding.


def test_pixelate_shrinks_and_enlarges_by_areas() -> None:
    clean = colour(2)
    found = coding.pixelate(clean, rng(), 0.5)
    assert found.shape == clean.shape
    blocks = clean.reshape(2, 3, 16, 2, 16, 2).mean((3, 5))
    assert np.allclose(found, blocks.repeat(2, 2).repeat(2, 3), atol=1.5 / 255)


def test_jpeg_is_what_pillow_writes() -> None:
    clean = colour(2)
    found = coding.jpeg(clean, rng(), 40)
    for image, changed in zip(clean, found, strict=True):
        written = BytesIO()
        Image.fromarray(np.uint8(np.rint(255 * image)).transpose(1, 2, 0)).save(written, "JPEG", quality=40)
        assert np.array_equal(np.asarray(Image.open(written)).transpose(2, 0, 1) / 255, changed)


# Drawn.


def test_stripes_are_the_outer_quarters() -> None:
    clean = pictures()
    found = drawn.stripe(clean, rng())
    assert np.allclose(found[..., :7], 1 - clean[..., :7]) and np.allclose(
        found[..., 21:], 1 - clean[..., 21:]
    )
    assert np.array_equal(found[..., 7:21], clean[..., 7:21])


def test_a_line_fades_with_the_vertical_distance() -> None:
    found = drawn.line(28, 3, 4, 22, 20)
    for row in range(28):
        for column in range(28):
            distance = abs(row - (4 + 16 / 19 * (column - 3)))
            inside = 3 <= column < 22
            value = max(0, 1 + log(1 - distance / 2.3)) if distance < 2.3 else 0
            assert found[row, column] == pytest.approx(value if inside else 0, abs=1e-9)
    assert not drawn.line(28, 5, 0, 5, 27).any()


def test_a_dotted_line_has_two_columns_in_four() -> None:
    black = np.zeros((30, 1, 28, 28))
    found = drawn.dotted_line(black, rng())
    assert all(not image[..., column].any() for image in found for column in range(28) if column % 4 < 2)
    ends = rng().integers(0, 27, (30, 2))
    shown = np.arange(28) % 4 >= 2
    for image, (first, last) in zip(found[:, 0], ends, strict=True):
        assert np.allclose(image, drawn.line(28, 0, first, 27, last) * shown)


def test_a_zigzag_goes_up_and_down_along_a_line() -> None:
    """Along a level line, its points are those of the published program: teeth at 2, 6, … of height 2."""
    columns = [0, 2, 6, 10, 14, 18, 22, 23]
    rows = [0, 2, -2, 2, -2, 2, -2, -2 / (2 * (23 - 20))]
    expected = sum(
        drawn.line(28, 2 + columns[i], 12 + rows[i], 2 + columns[i + 1], 12 + rows[i + 1]) for i in range(7)
    )
    assert np.allclose(drawn.zigzag_line(28, 12, 12), expected)
    black = np.zeros((30, 1, 28, 28))
    found = drawn.zigzag(black, rng())
    random = rng()
    first = random.integers(0, 27, 30)
    last = first + random.integers(-5, 5, 30)
    for image, start, end in zip(found[:, 0], first, last, strict=True):
        assert np.allclose(image, np.minimum(drawn.zigzag_line(28, start, end), 1))


def test_edges_are_those_of_scikit_image() -> None:
    feature = pytest.importorskip("skimage.feature")
    noisy = np.clip(pictures(40) + rng().normal(0, 0.1, (40, 1, 28, 28)), 0, 1)
    for planes in (pictures(40)[:, 0].astype(float), noisy[:, 0]):
        theirs = [feature.canny(one) for one in planes]
        assert np.any(theirs) and np.array_equal(edges.edges(planes), theirs)
