"""The spiking network of `gp`, with other errors for its hidden layers in training.

In evaluation each is that network: the same scores, costs and gradients. What a layer makes of the error of
its spikes, through the time steps and its own recurrent connections, is what `gp` does.
"""

from typing import Any

from torch import Tensor

from hpbench.spiking.credit.feedback import broadcast, from_outputs, like_weights
from hpbench.spiking.credit.locality import Locality
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.window import Response, Window


class FeedbackAlignment(SpikingNetwork):
    """∂s_l(t) = ∂(W x)_{l+1}(t) B_{l+1}, B fixed and random in place of W: feedback alignment.

    Source: Lillicrap et al., Nat. Commun. 7:13276 (2016).
    """

    locality = Locality(
        local_in_time=False, local_in_space=False, weight_transport=False, update_locking=True
    )

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        for layer in list(self.layers)[1:]:
            layer.feedback = like_weights(layer.cell.weight)  # type: ignore[union-attr, arg-type]


class Separated(SpikingNetwork):
    """In training no error passes from a layer to the one before it.

    `reached` are the values that each hidden layer passed on, (T, B, …), with their graph: set by a forward
    pass in training, taken by `taken`.
    """

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.reached: list[Tensor] = []

    def unrolled(self, inputs: Tensor) -> Response:
        """Spikes and membranes of the last layer, (T, B, K)."""
        self.reached = []
        return super().unrolled(inputs)

    def taken(self) -> list[Tensor]:
        """What is in `reached`, which is then empty: no graph stays behind."""
        found, self.reached = self.reached, []
        return found

    def _pooled(self, spikes: Tensor, number: int) -> Tensor:
        passed = super()._pooled(spikes, number)
        if not self.training or number == len(self.layers) - 1:
            return passed
        self.reached.append(passed)
        return passed.detach()


class Projected(Separated):
    """Separated layers, each with a fixed random B_l, (K, m_l), from the K outputs."""

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        for number, neurons in enumerate(self.passed_on):
            self.register_buffer(f"matrix_{number}", from_outputs(self.outputs, neurons))

    @property
    def matrices(self) -> list[Tensor]:
        """B_1 … B_n."""
        return [self.get_buffer(f"matrix_{number}") for number in range(len(self.passed_on))]


class DirectFeedback(Projected):
    """∂s_l(t) = ∂(W x)_out(t) B_l: direct feedback alignment. Source: Nøkland, NeurIPS 2016."""

    locality = Locality(local_in_time=False, local_in_space=True, weight_transport=False, update_locking=True)

    def _answer(self, number: int, shown: Window) -> Response:
        if not self.reached or number < len(self.layers) - 1:
            return super()._answer(number, shown)
        reached, matrices = self.taken(), self.matrices
        response: Response = self.layers[number](shown, lambda ahead: broadcast(ahead, reached, matrices))
        return response


class TargetProjection(Projected):
    """∂s_l(t) = −y* B_l / T, y* the one-hot target: direct random target projection.

    The objective of a layer is the mean over the batch of ⟨its rates, y* B_l⟩, to be raised. Nothing in it
    depends on the layers above. Source: Frenkel, Lefebvre and Bol, Front. Neurosci. 15:629892 (2021).
    """

    locality = Locality(
        local_in_time=False, local_in_space=True, weight_transport=False, update_locking=False
    )

    def local_loss(self, loss: Tensor, targets: Tensor) -> Tensor:
        """The hidden layers' loss for targets (B, K); that of the scores plays no part."""
        total = loss.new_zeros(())
        for passed, matrix in zip(self.taken(), self.matrices, strict=True):
            total = total - (passed.mean(0).flatten(1) * (targets @ matrix)).sum(1).mean()
        return total
