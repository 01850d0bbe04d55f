"""Eq. 9 against loops over samples, classes and steps; first-spike gradients against flipped spikes."""

import math
from pathlib import Path

import pytest
import torch
from smooth import smooth_step

from hpbench.core.errors import InputError
from hpbench.spiking.choices import READ_OUTS
from hpbench.spiking.readout import read_out
from hpbench.spiking.surrogate import SURROGATES

THRESHOLD = 0.35
ENGINE = (
    (Path(__file__).resolve().parents[2] / "docs" / "engine.md")
    .read_text()
    .partition("## Range of the scores")[2]
)


def literal(coding: str, spikes: torch.Tensor, membranes: torch.Tensor) -> torch.Tensor:
    steps, batch, classes = spikes.shape
    scores = torch.zeros(batch, classes, dtype=spikes.dtype)
    for b in range(batch):
        for k in range(classes):
            s, u = spikes[:, b, k].tolist(), membranes[:, b, k].tolist()
            if coding == "rate":
                score = s.count(1.0) / steps
            elif coding == "membrane_last":
                score = u[-1]
            elif coding == "membrane_mean":
                score = sum(u) / steps
            elif coding == "first_spike":
                score = (steps - s.index(1.0)) / steps if 1.0 in s else 0.0
            else:
                score = min(u[-1] / THRESHOLD, 1.1)
            scores[b, k] = score
    return scores


def response(steps: int = 7) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(steps)
    membranes = torch.randn(steps, 5, 4, dtype=torch.double) * 0.4
    membranes[:, 0, 0] = -1.0  # one neuron is silent
    membranes[0, 1, 1] = 1.0  # one spikes at once
    return SURROGATES["rectangular"](membranes - THRESHOLD), membranes


@pytest.mark.parametrize("coding", READ_OUTS)
@pytest.mark.parametrize("steps", [1, 7])
def test_equals_the_loop(coding: str, steps: int) -> None:
    spikes, membranes = response(steps)
    scores = read_out(coding, spikes, membranes, THRESHOLD)
    assert scores.shape == (5, 4)
    assert torch.allclose(scores, literal(coding, spikes, membranes), rtol=1e-14, atol=1e-15)


DOCUMENTED = {
    "rate": (0.0, 1.0),
    "first_spike": (0.0, 1.0),
    "clipped_membrane": (-math.inf, 1.1),
    "membrane_last": (-math.inf, math.inf),
    "membrane_mean": (-math.inf, math.inf),
}


@pytest.mark.parametrize("coding", READ_OUTS)
def test_scores_reach_the_ends_of_the_documented_range_and_no_further(coding: str) -> None:
    low, high = DOCUMENTED[coding]
    always, far = torch.ones(7, 1, 1), torch.full((7, 1, 1), 1e6)
    highest = read_out(coding, always, far, THRESHOLD).item()
    lowest = read_out(coding, 0 * always, -far, THRESHOLD).item()
    assert highest == pytest.approx(high) if math.isfinite(high) else highest > 1e5
    assert lowest == pytest.approx(low) if math.isfinite(low) else lowest < -1e5
    for line in ENGINE.splitlines():
        if line.startswith("|") and f"`{coding}`" in line and "scores" not in line:
            words = "in [0, 1]" if low == 0 else "at most 1.1" if high == 1.1 else "unbounded"
            assert words in line
            break
    else:
        pytest.fail(f"{coding} is not in docs/engine.md")


def test_clipped_membrane_is_the_release_to_the_last_bit() -> None:
    spikes, membranes = (one.float() for one in response())
    expected = torch.clamp(membranes[-1] / THRESHOLD, max=1.1)
    assert (expected == 1.1).any() and (expected < 1.1).any()
    assert torch.equal(read_out("clipped_membrane", spikes, membranes, THRESHOLD), expected)


def test_an_earlier_first_spike_scores_more_and_later_spikes_do_not_count() -> None:
    spikes = torch.zeros(4, 1, 4)
    spikes[0, 0, 0] = spikes[2, 0, 1] = spikes[2, 0, 2] = spikes[3, 0, 2] = 1
    scores = read_out("first_spike", spikes, spikes, THRESHOLD)[0].tolist()
    assert scores == [1.0, 0.5, 0.5, 0.0]


def test_first_spike_gradient_is_the_change_when_a_spike_is_flipped() -> None:
    spikes, _ = response()
    leaf = spikes.clone().requires_grad_()
    read_out("first_spike", leaf, spikes, THRESHOLD).sum().backward()
    for place in [(t, b, k) for t in range(7) for b in range(5) for k in range(4)]:
        without, given = spikes.clone(), spikes.clone()
        without[place], given[place] = 0, 1
        with_one, with_none = (literal("first_spike", one, one).sum() for one in (given, without))
        assert leaf.grad[place].item() == pytest.approx((with_one - with_none).item(), abs=1e-14)


def test_a_silent_neuron_and_the_steps_before_the_first_spike_get_a_gradient() -> None:
    membranes = torch.full((4, 1, 2), 0.3, requires_grad=True)
    raised = membranes + torch.tensor([[[0.0, 0.0]], [[0.0, 0.0]], [[0.0, 0.1]], [[0.0, 0.0]]])
    spikes = SURROGATES["triangular"](raised - THRESHOLD)
    assert spikes[:, 0].tolist() == [[0, 0], [0, 0], [0, 1], [0, 0]]
    read_out("first_spike", spikes, raised, THRESHOLD).sum().backward()
    silent, late = membranes.grad[:, 0, 0], membranes.grad[:, 0, 1]
    assert bool((silent > 0).all()) and bool((silent[:-1] > silent[1:]).all())
    assert bool((late[:3] > 0).all()) and late[3] == 0


@pytest.mark.parametrize("coding", READ_OUTS)
def test_gradients_through_a_smooth_step(coding: str) -> None:
    _, membranes = response(5)
    leaf = membranes.clone().requires_grad_()

    def scores(u: torch.Tensor) -> torch.Tensor:
        return read_out(coding, smooth_step(u - THRESHOLD), u, THRESHOLD)

    assert torch.autograd.gradcheck(scores, (leaf,))


@pytest.mark.parametrize("coding", ["rate", "first_spike"])
def test_spikes_pass_their_surrogate_gradient_on(coding: str) -> None:
    _, membranes = response()
    leaf = membranes.clone().requires_grad_()
    read_out(coding, SURROGATES["rectangular"](leaf - THRESHOLD), leaf, THRESHOLD).sum().backward()
    outside = (membranes - THRESHOLD).abs() >= 0.5
    assert bool((leaf.grad[outside] == 0).all()) and bool((leaf.grad[~outside] != 0).any())


def test_scores_keep_their_precision_under_autocast() -> None:
    spikes, membranes = (one.float() for one in response())
    plain = read_out("membrane_mean", spikes, membranes, THRESHOLD)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(read_out("membrane_mean", spikes, membranes, THRESHOLD), plain)


def test_bad_input_is_named() -> None:
    spikes, membranes = response()
    with pytest.raises(InputError, match="'first_spike'"):
        read_out("firstspike", spikes, membranes, THRESHOLD)
    with pytest.raises(InputError, match=r"\(7, 5, 4\) and \(5, 4\)"):
        read_out("rate", spikes, membranes[-1], THRESHOLD)
    with pytest.raises(InputError, match="T > 0"):
        read_out("rate", spikes[:0], membranes[:0], THRESHOLD)
    with pytest.raises(InputError, match="above 0"):
        read_out("clipped_membrane", spikes, membranes, 0.0)
