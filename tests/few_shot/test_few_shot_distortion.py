"""Distortions: none at size 0, every image its own, within bounds, ink in sum about kept, seeded."""

import torch

from hpbench.few_shot import distortion
from hpbench.few_shot.distortion import distorted


def dots(number: int) -> torch.Tensor:
    """A square of 3x3 pixels in the middle of (number, 1, 1, 29, 29)."""
    images = torch.zeros(number, 1, 1, 29, 29)
    images[..., 13:16, 13:16] = 1
    return images


def test_size_zero_is_the_image_itself() -> None:
    images = torch.rand(3, 2, 1, 8, 8)
    assert distorted(images, 0) is images


def test_every_image_has_changes_of_its_own_from_torch_s_generator() -> None:
    torch.manual_seed(0)
    one = distorted(dots(5), 1.0)
    assert one.shape == (5, 1, 1, 29, 29)
    assert len({image.numpy().tobytes() for image in one}) == 5
    torch.manual_seed(0)
    assert torch.equal(distorted(dots(5), 1.0), one)


def test_shifts_stay_within_their_bound_and_reach_far_into_it() -> None:
    torch.manual_seed(0)
    images = distorted(dots(500), 1.0).squeeze()
    places = torch.arange(29.0) - 14
    ink = images.sum((1, 2))
    right = (images.sum(1) * places).sum(1) / ink
    down = (images.sum(2) * places).sum(1) / ink
    assert 1.7 < right.abs().max() < 29 * distortion.SHIFT * 1.45  # the others move the middle a little
    assert 1.7 < down.abs().max() < 29 * distortion.SHIFT * 1.45
    assert abs(ink.mean() / 9 - 1) < 0.1


def test_a_turn_alone_is_a_turn(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The known case: a quarter turn, drawn at its largest."""
    image = torch.rand(1, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    for name in ("SHEAR", "SCALE", "SHIFT"):
        monkeypatch.setattr(distortion, name, 0.0)
    monkeypatch.setattr(distortion, "TURN", torch.pi / 2)
    monkeypatch.setattr(torch, "rand", lambda *shape: torch.ones(*shape))
    assert torch.allclose(distorted(image, 1.0), image.rot90(1, (2, 3)), atol=1e-5)


def test_a_recording_is_changed_alike_at_all_its_steps_and_in_both_polarities() -> None:
    """Each recording (T, P, H, W) is a picture with as many channels: one transform for all of them."""
    frames = torch.rand(2, 3, 4, 2, 9, 9)
    torch.manual_seed(0)
    moved = distorted(frames, 1.0)
    torch.manual_seed(0)
    assert torch.equal(moved, distorted(frames.flatten(2, 3), 1.0).view(2, 3, 4, 2, 9, 9))
    same = frames[:, :, :1, :1].expand(2, 3, 4, 2, 9, 9)
    moved = distorted(same, 1.0)
    assert torch.equal(moved, moved[:, :, :1, :1].expand_as(moved))
    assert not torch.equal(moved[0, 0], distorted(same, 1.0)[0, 0])
