"""Mean accuracy on the tasks learned so far, after each task of permuted MNIST.

From the rows of permuted_mnist and their records. Run: `uv run python docs/plots/multitask_curves.py`
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt

from hpbench.boards.counted import counted
from hpbench.boards.parse import records
from hpbench.boards.record_file import read_records
from hpbench.boards.table import read
from hpbench.core.presets import shortest_name
from hpbench.registry import find

BOARD = Path(__file__).parents[2] / "leaderboards" / "permuted_mnist.csv"
TASKS, PASSES = 10, 1


def main() -> None:
    """One line a strategy and regime, means over seeds with a band from the lowest to the highest."""
    rows, _ = counted(records(read(BOARD)))
    kept = read_records(BOARD)
    curves: dict[str, list[list[float]]] = defaultdict(list)
    for row in rows:
        if (row["experiences"], row["passes"], row["evaluated_on"]) == (TASKS, PASSES, "test"):
            matrix = kept[row["run_id"]]["R"]
            curves[named(row)].append(
                [100 * float(np.mean(found[: number + 1])) for number, found in enumerate(matrix)]
            )
    figure, panel = plt.subplots(figsize=(9, 5), layout="constrained")
    tasks = range(1, TASKS + 1)
    for name, found in sorted(curves.items(), key=lambda one: -np.mean(one[1], 0)[-1]):
        values = np.array(found)
        seeds = f"{len(values)} seed{'s' if len(values) > 1 else ''}"
        [line] = panel.plot(tasks, values.mean(0), marker=".", label=f"{name} ({seeds})")
        panel.fill_between(tasks, values.min(0), values.max(0), color=line.get_color(), alpha=0.2)
    panel.set(
        xlabel="tasks learned",
        ylabel="mean accuracy on these tasks (%)",
        title=f"Permuted MNIST, {TASKS} tasks, {PASSES} pass each",
        xticks=tasks,
    )
    low, high = panel.get_ylim()
    panel.set_ylabel(f"{panel.get_ylabel()}, axis from {low:.1f} to {high:.1f}")
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)
    figure.legend(fontsize="small", loc="outside lower center")
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=130)


def named(row: Any) -> str:
    """The strategy with what differs from its defaults, and whether the task is given."""
    own = [word for word in row["overrides"].split() if word.startswith("strategy.")]
    name = shortest_name(row["strategy"], own, find("strategies", row["strategy"]).presets.values())
    return f"{name.replace('strategy.', '')}, task {'given' if row['task_identity_at_test'] else 'not given'}"


if __name__ == "__main__":
    main()
