"""What corruptions work on: images (N, C, S, S) in [0, 1], grey ones with C = 1.

A corruption takes images, NumPy's generator and its constants, and returns images of the same shape; what
leaves [0, 1] is cut off afterwards.
"""

from typing import Any

from numpy.typing import NDArray

Images = NDArray[Any]
"""Images (N, C, S, S) or parts of them, floats."""

Values = NDArray[Any]
"""Other floats: weights, angles, drawings."""
