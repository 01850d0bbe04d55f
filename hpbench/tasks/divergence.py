"""When a run diverged: its loss in training, or the scores at test, were no numbers."""

from torch import Tensor

AT_TEST = "scores at test"


def unusable(scores: Tensor) -> Tensor:
    """Which scores are no numbers, or +∞; −∞ may stand for an output that is out of play."""
    return scores.isnan() | scores.isposinf()


def when(in_training: str, at_test: bool) -> str:
    """The column `diverged`: when the loss was first no number, else whether scores at test were unusable."""
    return in_training or (AT_TEST if at_test else "")
