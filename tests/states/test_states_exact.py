"""What is pickled goes on as it would have, or is refused."""

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

from hpbench.states.constants import named
from hpbench.states.exact import NotStorableError, pickled, unpickled


def again(content: Any, constants: dict[str, Any] | None = None) -> Any:
    return unpickled(pickled(content, constants or {}), constants or {})


def rising() -> Iterator[int]:
    yield from range(5)


def with_hook(tensor: torch.Tensor) -> torch.Tensor:
    tensor.register_hook(lambda gradient: 2 * gradient)
    return tensor


def local() -> object:
    class Local:
        pass

    return Local()


def begun() -> Iterator[int]:
    generator = rising()
    next(generator)
    return generator


def test_an_optimizer_goes_on_with_its_hooks_its_schedule_and_the_gradients() -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = torch.optim.Adam([weight], lr=0.1)
    schedule = LambdaLR(optimizer, lambda step: 1 / (step + 1))
    factor = [1.0]

    def shrink(optimizer: Any, arguments: Any, more: Any) -> None:
        factor[0] *= 0.5
        with torch.no_grad():
            optimizer.param_groups[0]["params"][0].mul_(factor[0])

    optimizer.register_step_post_hook(shrink)

    def steps(weight: Any, optimizer: Any, schedule: Any) -> list[list[float]]:
        found = []
        for _ in range(3):
            optimizer.step()  # with the gradient of before
            schedule.step()
            found.append(weight.tolist())
        return found

    weight.square().sum().backward()
    optimizer.step()
    restored = again([weight, optimizer, schedule])
    assert restored[1].param_groups[0]["params"][0] is restored[0]
    assert steps(*restored) == steps(weight, optimizer, schedule)


def test_functions_inside_functions_share_their_variables_as_before() -> None:
    def counter() -> tuple[Callable[[], int], Callable[[], int]]:
        count = 0

        def add() -> int:
            nonlocal count
            count += 1
            return count

        return add, lambda: count

    add, read = counter()
    add()
    add_again, read_again = again([add, read])
    assert (add_again(), read_again()) == (2, 2)
    assert read() == 1


def test_methods_references_and_generators_that_have_not_begun_are_kept() -> None:
    numbers = torch.nn.Linear(2, 1)
    content = {
        "owner": numbers,
        "bound": numbers.forward,
        "reference": weakref.ref(numbers),
        "later": rising(),
    }
    restored = again(content)
    assert restored["bound"].__self__ is restored["owner"] is restored["reference"]()
    assert list(restored["later"]) == [0, 1, 2, 3, 4]


def test_data_are_stored_by_name_wherever_they_are_met() -> None:
    data = {"images": torch.rand(1000, 1000), "parts": [torch.nn.Identity(), torch.ones(3)]}
    constants = named({"data": data})
    stored = pickled([data["images"], data["parts"][0]], constants)
    assert len(stored) < 10_000
    found = unpickled(stored, constants)
    assert found[0] is data["images"] and found[1] is data["parts"][0]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (begun, "generator rising, which has begun"),
        (local, "class local.<locals>.Local, which is inside a function"),
        (lambda: torch.ones(2, requires_grad=True) * 2, "part of a graph"),
        (lambda: with_hook(torch.nn.Parameter(torch.ones(2))), "hook of a tensor"),
        (lambda: iter(torch.utils.data.DataLoader([1, 2])), "SingleProcess"),
        (lambda: weakref.ref(local()), "weak reference"),
    ],
)
def test_what_cannot_be_stored_exactly_is_refused(make: Callable[[], Any], reason: str) -> None:
    with pytest.raises(NotStorableError, match=reason):
        pickled([make()], {})
