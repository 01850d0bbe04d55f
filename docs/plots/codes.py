"""Draws what every neural code makes of a ramp of values into `codes.png` beside this file.

Run: `uv run python docs/plots/codes.py`
"""

from pathlib import Path

from matplotlib.figure import Figure

from hpbench.report.code_raster import draw_code
from hpbench.spiking.codes.phase import Phase
from hpbench.spiking.codes.table import CODES

STEPS = 32


def main() -> None:
    """One panel for each code, and one for the second form of the phase code."""
    codes = [(name, name, code()) for name, code in CODES.items()]
    codes.insert(5, ("phase", "phase, shifted", Phase(phase_form="shifted")))
    figure = Figure(figsize=(12, 11.5), layout="constrained")
    for axis, (name, title, code) in zip(figure.subplots(3, 3).flat, codes, strict=True):
        draw_code(axis, name, code, STEPS)
        axis.set_title(title, fontsize=11, fontweight="bold", loc="left")
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=80)


if __name__ == "__main__":
    main()
