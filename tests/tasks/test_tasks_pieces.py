"""Inputs in pieces and choices of them against the one tensor that they stand for."""

import pytest
import torch

from hpbench.tasks.pieces import Chosen, Pieces, chosen, together


class Made:
    """Inputs that are no tensor."""

    def __init__(self, values: torch.Tensor) -> None:
        self.values = values
        self.shape, self.device = values.shape, values.device

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: torch.Tensor) -> torch.Tensor:
        assert rows.min() >= 0
        return self.values[rows]


VALUES = torch.arange(60.0).view(10, 2, 3)


def test_pieces_are_the_whole() -> None:
    pieces = Pieces([Made(VALUES[:4]), Made(VALUES[4:5]), Made(VALUES[5:])])
    assert (len(pieces), pieces.shape, pieces.device) == (10, (10, 2, 3), VALUES.device)
    for rows in ([0, 1], [4], [9, 0, 4, 4, 5, 3], list(range(10))):
        assert torch.equal(pieces[torch.tensor(rows)], VALUES[rows])


def test_a_choice_of_a_choice() -> None:
    first = chosen(Made(VALUES), torch.tensor([7, 2, 5, 0]))
    second = chosen(first, torch.tensor([3, 1]))
    assert isinstance(second, Chosen)
    assert (len(second), second.shape, second.device) == (2, (2, 2, 3), VALUES.device)
    assert torch.equal(second[torch.tensor([1, 0, 1])], VALUES[[2, 0, 2]])


def test_tensors_stay_tensors() -> None:
    assert torch.equal(chosen(VALUES, torch.tensor([3, 1])), VALUES[[3, 1]])  # type: ignore[arg-type]
    assert torch.equal(together([VALUES[:4], VALUES[4:]]), VALUES)  # type: ignore[arg-type]
    made = Made(VALUES)
    assert together([made]) is made
    mixed = together([VALUES[:4], Made(VALUES[4:])])
    assert torch.equal(mixed[torch.tensor([5, 2])], VALUES[[5, 2]])


@pytest.mark.parametrize("row", [10])
def test_a_row_beyond_the_end_is_an_error(row: int) -> None:
    with pytest.raises(IndexError):
        Pieces([Made(VALUES)])[torch.tensor([row])]
