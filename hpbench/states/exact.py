"""Pickling of everything that a run has changed, exactly or not at all.

Pickle alone drops some of what decides how a training goes on: gradients and hooks of tensors, hooks of
optimizers. These are kept here, or refused. Functions inside functions, and generators that have not begun,
are kept too; a generator that has begun cannot be.
"""

import importlib
import inspect
import marshal
import pickle
import sys
import types
import weakref
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from typing import Any

import torch

_DEPTH = 8_000
"""Recursion allowed while pickling: memories of online streams are deeply nested."""


class NotStorableError(Exception):
    """Something cannot be stored such that what is read again goes on in the same way."""


_constants: ContextVar[Mapping[str, Any]] = ContextVar("_constants")


def pickled(content: Any, constants: Mapping[str, Any]) -> bytes:
    """The content as bytes; objects among the values of `constants` are stored by name.

    Raises NotStorableError, with the reason.
    """
    names = {id(one): name for name, one in constants.items()}
    gradients: list[tuple[torch.Tensor, torch.Tensor]] = []

    class Pickler(pickle.Pickler):
        def reducer_override(self, one: Any) -> Any:
            name = names.get(id(one))
            if name is not None:
                return _constant, (name,)
            if isinstance(one, torch.Tensor) and one.grad_fn is None and one.grad is not None:
                gradients.append((one, one.grad))
            return _reduced(one)

    found = BytesIO()
    # The gradients come last: their list is filled while the content is pickled.
    try:
        with _deep():
            torch.save([content, gradients], found, pickle_module=_PickleModule(Pickler))
    except NotStorableError:
        raise
    except Exception as error:  # of any class: a user's objects are asked to pickle themselves
        raise NotStorableError(" ".join(str(error).split()) or type(error).__name__) from error
    return found.getvalue()


def unpickled(data: bytes, constants: Mapping[str, Any]) -> Any:
    """The content again, with the constants of this process. Executes code: only for files of one's own."""
    token = _constants.set(constants)
    try:
        with _deep():
            content, gradients = torch.load(BytesIO(data), weights_only=False)
    finally:
        _constants.reset(token)
    for tensor, gradient in gradients:
        tensor.grad = gradient
    return content


class _PickleModule:
    """What torch.save uses of a module like pickle."""

    __name__ = __name__

    def __init__(self, pickler: type[pickle.Pickler]) -> None:
        self.Pickler = pickler


@contextmanager
def _deep() -> Any:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _constant(name: str) -> Any:
    return _constants.get()[name]


# -- How objects of some classes are taken apart; the first that fits


def _reduced(one: Any) -> Any:
    for kind, reduce in _REDUCERS.items():
        if isinstance(one, kind):
            return reduce(one)
    return NotImplemented


def _reduce_tensor(tensor: torch.Tensor) -> Any:
    if tensor.grad_fn is not None:
        raise NotStorableError(f"a tensor {tuple(tensor.shape)} that is part of a graph for a backward pass")
    if tensor._backward_hooks or getattr(tensor, "_post_accumulate_grad_hooks", None):
        raise NotStorableError(f"a hook of a tensor {tuple(tensor.shape)}")
    return NotImplemented


def _reduce_optimizer(optimizer: torch.optim.Optimizer) -> Any:
    # Its own __getstate__ drops hooks.
    return _new, (type(optimizer),), optimizer.__dict__, None, None, _set_attributes


def _new(kind: type) -> Any:
    return object.__new__(kind)


def _set_attributes(one: Any, attributes: dict[str, Any]) -> None:
    one.__dict__.update(attributes)


def _reduce_function(function: types.FunctionType) -> Any:
    if _named(function.__module__, function.__qualname__) is function:
        return NotImplemented
    home = function.__globals__.get("__name__", "")
    if getattr(sys.modules.get(home), "__dict__", None) is not function.__globals__:
        raise NotStorableError(f"the function {function.__qualname__}, which belongs to no module")
    state = {
        "__module__": function.__module__,
        "__defaults__": function.__defaults__,
        "__kwdefaults__": function.__kwdefaults__,
        "__qualname__": function.__qualname__,
        "__dict__": function.__dict__,
    }
    code = marshal.dumps(function.__code__)
    cells = function.__closure__
    return _function, (home, code, function.__name__, cells), state, None, None, _set_function


def _function(module: str, code: bytes, name: str, cells: Any) -> types.FunctionType:
    return types.FunctionType(
        marshal.loads(code), importlib.import_module(module).__dict__, name, None, cells
    )


def _set_function(function: types.FunctionType, state: dict[str, Any]) -> None:
    for name, value in state.items():
        setattr(function, name, value)


def _reduce_cell(cell: types.CellType) -> Any:
    try:
        return _cell, (), (cell.cell_contents,), None, None, _fill_cell
    except ValueError:  # it is empty
        return _cell, ()


def _cell() -> types.CellType:
    return types.CellType()


def _fill_cell(cell: types.CellType, contents: tuple[Any]) -> None:
    [cell.cell_contents] = contents


def _reduce_method(method: types.MethodType) -> Any:
    return _method, (method.__func__, method.__self__)


def _method(function: Callable[..., Any], owner: object) -> types.MethodType:
    return types.MethodType(function, owner)


def _reduce_reference(reference: weakref.ref[Any]) -> Any:
    target = reference()
    if target is None or type(reference) is not weakref.ref:
        raise NotStorableError("a weak reference")
    return weakref.ref, (target,)


def _reduce_generator(generator: "types.GeneratorType[Any, Any, Any]") -> Any:
    code, frame = generator.gi_code, generator.gi_frame
    name = code.co_qualname
    if inspect.getgeneratorstate(generator) != inspect.GEN_CREATED or frame is None:
        raise NotStorableError(f"the generator {name}, which has begun")
    function = _named(frame.f_globals.get("__name__"), name)
    if getattr(function, "__code__", None) is not code:
        raise NotStorableError(f"the generator {name}, whose function is not to be found")
    flags = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    if flags or code.co_kwonlyargcount:
        raise NotStorableError(f"the generator {name}")
    arguments = [frame.f_locals[one] for one in code.co_varnames[: code.co_argcount]]
    return _call, (function, *arguments)


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _reduce_module(module: types.ModuleType) -> Any:
    return importlib.import_module, (module.__name__,)


def _reduce_class(kind: type) -> Any:
    name = kind.__qualname__
    if _named(kind.__module__, name) is kind:
        return NotImplemented
    # Some say that they are of another module than the one that has them, such as Norse's tuples.
    owners = (one for one in sorted(sys.modules) if vars(sys.modules[one]).get(name) is kind)
    owner = next(owners, None)
    if owner is None:
        raise NotStorableError(f"the class {name}, which is inside a function")
    return _class, (owner, name)


def _class(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


_REDUCERS: dict[type, Callable[[Any], Any]] = {
    type: _reduce_class,
    torch.Tensor: _reduce_tensor,
    torch.optim.Optimizer: _reduce_optimizer,
    types.FunctionType: _reduce_function,
    types.CellType: _reduce_cell,
    types.MethodType: _reduce_method,
    weakref.ReferenceType: _reduce_reference,
    types.GeneratorType: _reduce_generator,
    types.ModuleType: _reduce_module,
}


def _named(module: str | None, qualname: str) -> Any:
    """What a module has under this name; None for want of it."""
    found: Any = sys.modules.get(module or "")
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found
