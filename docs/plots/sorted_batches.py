"""What an adapting trace owes to its test batch: accuracy against noise, batches mixed and sorted by class.

From the rows of noisy_fashion_mnist. Run: `uv run python docs/plots/sorted_batches.py`
"""

import statistics
from collections import defaultdict
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

from hpbench.boards.counted import counted
from hpbench.boards.parse import records
from hpbench.boards.table import read
from hpbench.core.levels import from_text

BOARD = Path(__file__).parents[2] / "leaderboards" / "noisy_fashion_mnist.csv"
LEARNERS = ("hp", "lp", "gp")
STYLES = {
    ("frozen", "data"): ("frozen trace, any order", "-"),
    ("batch", "data"): ("trace adapts, batches mixed", "--"),
    ("batch", "class"): ("trace adapts, batches sorted by class", ":"),
    ("", "data"): ("no trace", "-"),
}


def main() -> None:
    """One panel a learner, one line a trace and order, means over seeds."""
    rows, _ = counted(records(read(BOARD)))
    curves: dict[tuple[str, str, str], dict[float, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        if row["strategy"] in LEARNERS and row["evaluated_on"] == "test":
            place = row["strategy"], row["trace_at_test"], row["test_order"]
            for level, accuracy in from_text(row["by_level"]).get("gaussian", {}).items():
                curves[place][level][row["seed"]] = 100 * accuracy
    figure, panels = plt.subplots(1, len(LEARNERS), figsize=(12, 4), sharey=True, layout="constrained")
    for learner, panel in zip(LEARNERS, panels, strict=True):
        for (trace, order), (label, style) in STYLES.items():
            found = curves.get((learner, trace, order))
            if found:
                means = [statistics.fmean(by_seed.values()) for by_seed in found.values()]
                panel.plot(list(found), means, style, label=label)
        panel.set(title=learner, xlabel="variance of the noise")
        panel.legend(fontsize="small", loc="lower left")
    panels[0].set(ylabel="accuracy on Fashion-MNIST (%)", ylim=(15, 92))
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main()
