"""Classes of event recordings, given to episodes as frames; a turned recording is of a class of its own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.tasks.continual import Inputs
from hpbench.tasks.few_shot import ClassSet

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class FrameClasses(ClassSet):
    """Some classes of a set of recordings, in their turns.

    `frames` are (N, T, P, H, W), D = `each` samples of one class of the set after those of another. Class c
    has the samples of class `members[c]`, turned by 90° `turns[c]` times, anticlockwise, as if the camera had
    been turned the other way: a quarter turn needs H = W. Members and turns are (C,), on the CPU.
    """

    frames: Inputs
    each: int
    members: "Tensor"
    turns: "Tensor"
    alphabets: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """(C, D, T, P, H, W)."""
        return (len(self.members), self.each, *self.frames.shape[1:])

    @property
    def device(self) -> "torch.device":
        """Where frames become dense."""
        return self.frames.device

    def at(self, places: "Tensor") -> "Tensor":
        """Frames (…, T, P, H, W) at indices (…) into all C·D samples, class after class."""
        asked = places.flatten().cpu()
        classes = asked // self.each
        found = self.frames[self.members[classes] * self.each + asked % self.each]
        turns = self.turns[classes].to(found.device)
        for turn in turns.unique().tolist():
            if turn:
                found[turns == turn] = found[turns == turn].rot90(turn, (-2, -1))
        return found.view(*places.shape, *found.shape[1:])
