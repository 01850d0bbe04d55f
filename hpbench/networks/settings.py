"""Settings of the networks that strategies are built around."""

from dataclasses import dataclass

from hpbench.core.settings import setting


@dataclass
class DenseSettings:
    """Shape of a fully connected network."""

    hidden: list[int] = setting([512], "neurons of each hidden layer", unit="neurons", low=1)


@dataclass
class NeuronSettings(DenseSettings):
    """Spiking neurons as the authors released them (Wu et al. 2022, Fashion-MNIST demo)."""

    threshold: float = setting(0.35, "firing threshold v_th", unit="membrane units", low=1e-6)
    membrane_decay: float = setting(0.4, "membrane left after a step, k", low=0, high=1)
    weight_time_constant: float = setting(
        40.0, "τ_w of the input's decay exp(−t/τ_w) within a window", unit="steps", low=1e-6
    )
    surrogate: str = setting("rectangular", "surrogate gradient of the spike", choices=("rectangular",))


@dataclass
class TraceSettings(NeuronSettings):
    """Spiking neurons with a Hebbian trace (`release` dialect)."""

    trace_decay: float = setting(0.95, "trace left after a step, λ", low=0, high=1)
    trace_bound: float = setting(4.0, "the trace is clamped to ± this", unit="weight units", low=0)
    trace_at_test: str = setting(
        "frozen",
        "trace at test: the trained one unchanged, adapting to each test batch, or none",
        choices=("frozen", "batch", "zero"),
    )
    theta_lr: float = setting(5e-4, "Adam's step for the meta-parameters θ = {α, β, η}", low=0)
