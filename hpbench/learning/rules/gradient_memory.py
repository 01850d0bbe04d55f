"""Avalanche's GEM and A-GEM, which also say how many samples they store."""

from avalanche.training.plugins import AGEMPlugin, GEMPlugin


class GradientMemory(GEMPlugin):
    """Lopez-Paz and Ranzato, NeurIPS 2017: no step may raise the loss on any earlier experience's samples."""

    @property
    def memory_samples(self) -> int:
        """Number of samples stored."""
        return sum(len(samples) for samples in self.memory_x.values())


class AveragedGradientMemory(AGEMPlugin):
    """Chaudhry et al., ICLR 2019: no step may raise the mean loss on samples drawn from the memory."""

    @property
    def memory_samples(self) -> int:
        """Number of samples stored."""
        return sum(len(buffer) for buffer in self.buffers)
