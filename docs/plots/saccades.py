"""Sets generated recordings beside real N-MNIST, digit by digit: `saccades.png`, and figures.

Needs N-MNIST (the first 1,000 training recordings suffice) and complete MNIST below HPBENCH_DATA. The
generator was fitted on digits 1 to 500; picture and figures are of digits 501 to 1,000.
Run: `uv run python docs/plots/saccades.py`
"""

import itertools
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from hpbench.data.events.load import RecordingSettings, load_recordings
from hpbench.data.events.saccades.generated import saccade_sources
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.mnist import load_mnist

DIGITS, FITTED = 1000, 500
SIZE = (34, 34, 2)
SACCADES = (0, 92, 192, 320)
"""Milliseconds between which each of the three lies."""

SHOWN = (8, 11, 17, 19)
"""In the picture, of the digits that were not fitted."""


def main() -> None:
    """Read, generate, measure, draw."""
    complete = load_mnist("mnist", None, print)
    real, made = real_recordings()[FITTED:], generated(complete, FITTED, DIGITS)
    measure(real, made, generated(complete, FITTED, DIGITS, sensor_seed=1, seed=1))
    draw(real, made, complete.train_images[FITTED:DIGITS])


def real_recordings():  # type: ignore[no-untyped-def]
    """Those of the first digits, in MNIST's order, which the files' numbers are."""
    source = load_recordings("nmnist", RecordingSettings(), None, print).train
    order = np.argsort([int(path.stem) for path in source.paths])  # type: ignore[attr-defined]
    return [source.chunk(place, place + 1)[0] for place in order[:DIGITS]]


def generated(complete, first, stop, **settings):  # type: ignore[no-untyped-def]
    """Those of digits first … stop - 1 of MNIST's training part."""
    images, labels = complete.train_images[first:stop], complete.train_labels[first:stop]
    some = ImageData("mnist", images, labels, images[:1], labels[:1], "")
    return saccade_sources(some, SaccadeSettings(**settings)).train.chunk(0, stop - first)


def columns(recordings):  # type: ignore[no-untyped-def]
    """Number of the recording, x, y, t (microseconds), p of all events."""
    both = np.concatenate(recordings)
    number = np.repeat(np.arange(len(recordings)), [len(one) for one in recordings])
    return number, *(both[name].astype(np.int64) for name in "xytp")


def pauses(recordings):  # type: ignore[no-untyped-def]
    """Milliseconds between two events of a pixel, polarity of the first, of the second."""
    number, x, y, t, p = columns(recordings)
    pixel = (number * SIZE[1] + y) * SIZE[0] + x
    order = np.lexsort((t, pixel))
    same = np.diff(pixel[order]) == 0
    return np.diff(t[order])[same] / 1000, p[order][:-1][same], p[order][1:][same]


def maps(recordings):  # type: ignore[no-untyped-def]
    """Events counted: (N, 3 saccades, OFF and ON, 34, 34)."""
    number, x, y, t, p = columns(recordings)
    saccade = np.digitize(t / 1000, SACCADES[1:-1])
    shape = (len(recordings), 3, 2, *SIZE[:2])
    place = np.ravel_multi_index((number, saccade, p, y, x), shape)
    return np.bincount(place, minlength=np.prod(shape)).reshape(shape)


def measure(real, made, other):  # type: ignore[no-untyped-def]
    """Print the figures, of real recordings and of generated ones."""
    for name, recordings in (("real", real), ("generated", made)):
        number, _, _, t, p = columns(recordings)
        counts = np.bincount(number)
        print(f"{name}: events {counts.mean():.0f} ± {counts.std():.0f}, ON share {p.mean():.4f}")
        for saccade, (first, last) in enumerate(itertools.pairwise(SACCADES), 1):
            inside = (t >= 1000 * first) & (t < 1000 * last)
            print(f"  saccade {saccade}: {inside.sum() / len(counts):.0f}, ON share {p[inside].mean():.4f}")
        pause, before, after = pauses(recordings)
        for kind in ("ON ON", "OFF OFF", "OFF ON", "ON OFF"):
            chosen = pause[(before == (kind.split()[0] == "ON")) & (after == (kind.split()[1] == "ON"))]
            quantiles = " ".join(f"{one:.1f}" for one in np.quantile(chosen, [0.05, 0.25, 0.5, 0.75, 0.95]))
            print(f"  {kind}: {len(chosen) / len(counts):.0f} a recording, quantiles {quantiles} ms")
        print(f"  pauses below 5 us: {(pause < 0.005).sum() / len(counts):.2f} a recording")
    counts = [np.array([len(one) for one in recordings]) for recordings in (real, made)]
    print(f"counts: correlation {np.corrcoef(*counts)[0, 1]:.4f}", end=", ")
    print(f"relative error, root mean square {np.sqrt(np.mean((counts[1] / counts[0] - 1) ** 2)):.4f}")
    rates = [np.histogram(columns(one)[3], 62, (0, 310_000))[0] for one in (real, made)]
    print(f"rate in steps of 5 ms: mean difference {abs(rates[0] - rates[1]).sum() / rates[0].sum():.4f}")
    all_maps = [maps(recordings).reshape(len(recordings), -1) for recordings in (real, made, other)]
    for name, (one, two) in {"real, generated": (0, 1), "two generated": (1, 2)}.items():
        a, b = all_maps[one], all_maps[two]
        cosines = (a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1))
        print(f"maps, {name}: cosine {cosines.mean():.3f}, lowest {cosines.min():.3f}")


def draw(real, made, images):  # type: ignore[no-untyped-def]
    """Rates, pauses, counts, and event maps of a few digits."""
    figure = plt.figure(figsize=(11, 10), layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=(1, 2))
    rate, pause, count = upper.subplots(1, 3)
    styles = ((real, "real", "-"), (made, "generated", "--"))
    for recordings, name, line in styles:
        _, _, _, t, p = columns(recordings)
        times, before, after = pauses(recordings)
        for on, color in ((True, "tab:red"), (False, "tab:blue")):
            label = f"{name}, {'ON' if on else 'OFF'}"
            heights = np.histogram(t[p == on] / 1000, 155, (0, 310))[0] / len(recordings) / 2
            rate.plot(np.arange(155) * 2 + 1, heights, line, color=color, label=label, linewidth=1)
            bins = np.geomspace(0.3, 300, 60)
            heights = np.histogram(times[(before == on) & (after == on)], bins)[0] / len(recordings)
            pause.stairs(heights, bins, color=color, linestyle=line, label=f"{label} {label.split()[1]}")
        heights = np.histogram(times[(before == 0) & (after == 1)], bins)[0] / len(recordings)
        pause.stairs(heights, bins, color="tab:green", linestyle=line, label=f"{name}, OFF ON")
    rate.set(ylim=(0, 22), xlabel="time (ms)", ylabel="events / ms", title="Rate over time")
    pause.set(xscale="log", xlabel="ms", ylabel="a recording", title="Time to a pixel's next event")
    count.plot(*([len(one) for one in recordings] for recordings, _, _ in styles), ".", markersize=2)
    count.axline((4000, 4000), slope=1, color="grey", linewidth=0.8)
    count.set(xlabel="real", ylabel="generated", title="Events of each recording", aspect="equal")
    for panel in (rate, pause, count):
        panel.spines[["top", "right"]].set_visible(False)
    rate.legend(fontsize="x-small", ncols=2, loc="upper center")
    pause.legend(fontsize="x-small")
    panels = lower.subplots(len(SHOWN), 7)
    for row, digit in zip(panels, SHOWN, strict=True):
        row[0].imshow(np.pad(images[digit], 3), cmap="gray")
        shown = [maps([recordings[digit]])[0] for recordings in (real, made)]
        for panel, (off, on) in zip(row[1:], np.concatenate(shown), strict=True):
            panel.imshow(on - off, cmap="RdBu_r", vmin=-8, vmax=8)
        for panel in row:
            panel.set(xticks=[], yticks=[])
    titles = ("image", *(f"{name}, saccade {one}" for name in ("real", "generated") for one in (1, 2, 3)))
    for panel, title in zip(panels[0], titles, strict=True):
        panel.set_title(title, fontsize=9)
    lower.supxlabel("ON - OFF events of a pixel in each saccade, from -8 (blue) to 8 (red)", fontsize=9)
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main()
