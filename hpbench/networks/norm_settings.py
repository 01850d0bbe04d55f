"""Settings of a norm in dense layers, and of what the norm does through a test stream."""

from dataclasses import dataclass

from hpbench.core.acting import SET
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.networks.settings import one_test_stream


@dataclass
class NormSettings:
    """A batch norm of hidden layers, for strategies whose networks have no trace."""

    norm: str = setting(
        "none",
        "batch norm of the currents of dense hidden layers, before their neurons: none or batch",
        choices=("none", "batch"),
        acts_with={"hidden": SET},
    )
    adapt_at_test: str = setting(
        "none",
        "what the norm does through a test stream: nothing; its means and variances are those of the batch "
        "(statistics); or its gains and offsets also learn to lower the entropy of each batch's predictions "
        "(tent)",
        choices=("none", "statistics", "tent"),
        at_test_only=True,
        acts_with={"norm": "batch"},
    )
    tent_lr: float = setting(
        1e-3,
        "Adam's learning rate of tent, one step for each test batch",
        low=0,
        high=10,
        at_test_only=True,
        acts_with={"adapt_at_test": "tent"},
    )

    @property
    def entropy_lr(self) -> float | None:
        """The learning rate of entropy minimisation at test; None without it."""
        return self.tent_lr if self.adapt_at_test == "tent" else None

    def check(self) -> None:
        """Raise InputError for settings that a norm cannot be combined with."""
        following = getattr(super(), "check", None)
        if following is not None:
            following()
        if self.norm == "none":
            return
        for name, why in (
            ("recurrent", "currents of recurrent connections are not normed"),
            ("energy_weight", "the implicit energy is that of weights without a norm"),
        ):
            if getattr(self, name, None):
                raise InputError(f"strategy.norm=batch with strategy.{name}={getattr(self, name)}: {why}")
        if self.adapt_at_test == "tent" and getattr(self, "prototypes", False):
            raise InputError(
                "strategy.adapt_at_test=tent with strategy.prototypes=on: the scores of class means are no "
                "predictions whose entropy a norm could lower; use statistics"
            )

    def skip(self, stream: Stream) -> str:
        """Why such a network cannot be run on the stream; empty if it can."""
        following = getattr(super(), "skip", None)
        reason: str = following(stream) if following is not None else ""
        adapting = "" if self.adapt_at_test == "none" else f"strategy.adapt_at_test={self.adapt_at_test}"
        return reason or one_test_stream(stream, adapting)
