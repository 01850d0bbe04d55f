"""A picture of a run: its accuracy matrix and its learning curve."""

import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure


def run_picture(row: dict[str, Any], details: dict[str, Any]) -> bytes:
    """A PNG with R as a heat map, and the accuracy on training batches over samples seen."""
    matrix = np.asarray(details["R"])
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.imshow(matrix, vmin=0, vmax=1, cmap="viridis")
    for (i, j), value in np.ndenumerate(matrix):
        left.text(
            j, i, f"{100 * value:.0f}", ha="center", va="center", color="white" if value < 0.7 else "black"
        )
    left.set_xticks(range(matrix.shape[1]), [str(j + 1) for j in range(matrix.shape[1])])
    left.set_yticks(range(matrix.shape[0]), [str(i + 1) for i in range(matrix.shape[0])])
    left.set(xlabel="tested on experience", ylabel="after learning experience", title="accuracy (%)")
    curve = details["curve"]
    for experience in sorted({point["experience"] for point in curve}):
        own = [point for point in curve if point["experience"] == experience]
        right.plot(
            [p["samples"] for p in own], [p["accuracy"] for p in own], label=f"experience {experience + 1}"
        )
    right.set(xlabel="samples seen", ylabel="accuracy on training batches", ylim=(0, 1.02))
    right.legend(fontsize="small", loc="lower right")
    figure.suptitle(
        f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['regime']} regime, "
        f"seed {row['seed']}): {row['accuracy']:.1%}"
    )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
