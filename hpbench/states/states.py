"""The state of a run: when it is written, and how the run goes on from it."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from hpbench.core.errors import InputError
from hpbench.core.files import remove_left_over
from hpbench.states.file import Label, UnusableError, own_folder, private_folder, read_state, write_state

_SELDOM = 10.0
"""Seconds between two states that are written because a pass, an experience or a test has ended."""

_WORTH = 50.0
"""Such a state is written after as many times the seconds that the last one took: 2 % of the time at most."""


@dataclass
class States:
    """Writes the state of one run to a file and takes it up again. Made without `minutes`, it does neither.

    `folder` holds the states of all runs and users, `name` is the run's own, `made_by` what a state depends
    on: versions, code, data. A state is due after `minutes`, and earlier when a part of the run has ended.
    `modules` gives the modules of the user's own code. `say` gets a line for the user: that the run goes on
    from a state, or, once, why there is none.
    """

    folder: Path = Path()
    name: str = ""
    made_by: dict[str, Any] = field(default_factory=dict)
    minutes: float = 0.0
    say: Callable[[str], None] = print
    modules: Callable[[], list[ModuleType]] = list

    def __post_init__(self) -> None:
        self._constants: dict[str, Any] = {}
        self._live: dict[str, Any] = {}
        self._where: Callable[[], str] = str
        self._path: Path | None = None
        self._stored = ""  # where in the run the last state was made
        self._written = self._tried = time.monotonic()
        self._cost = 0.0
        self._said = False

    def take_up(
        self,
        data: Mapping[str, Any],
        live: Mapping[str, Any],
        others: Mapping[str, Any],
        where: Callable[[], str],
    ) -> bool:
        """Bring the run to where its state was made; False, and nothing is changed, if there is none.

        `live` are the objects whose attributes are the state, with all that they lead to; `data` and all that
        it leads to, and `others`, are made anew by every start of the run and are not stored. `where` says
        in words where the run is.
        """
        if not self.minutes:
            return False
        from hpbench.states.constants import named

        self._constants = {**named(data), **others, **live}
        self._live, self._where = dict(live), where
        try:
            remove_left_over([private_folder(self.folder)])
            self._path = self.path
            assert self._path is not None
            found = read_state(self._path, self._accept)
            if found is not None:
                self._restore(found[1])
        except InputError as error:
            self._complain(f"{error}")
            return False
        except UnusableError as reason:
            self._refuse(reason)
            return False
        if found is None:
            return False
        self._stored = found[0].where
        self.say(f"Goes on where an earlier start of this run was ended: {self._stored}")
        return True

    @property
    def path(self) -> Path | None:
        """Where the state is, which need not exist; None if none is read or written."""
        return own_folder(self.folder) / f"{self.name}.state" if self.minutes else None

    @property
    def due(self) -> bool:
        """Whether it is time for a state."""
        return bool(self._path) and time.monotonic() - max(self._written, self._tried) >= 60 * self.minutes

    @property
    def due_early(self) -> bool:
        """Whether it is worth to write a state because a part of the run has ended."""
        between = min(60 * self.minutes, max(_SELDOM, _WORTH * self._cost))
        return bool(self._path) and time.monotonic() - self._written >= between

    def write(self) -> None:
        """Write the state. If that fails, the user is told once, the last one stays, and the run goes on."""
        from hpbench.states.exact import NotStorableError

        if self._path is None:
            return
        self._tried, where = time.monotonic(), self._where()
        try:
            write_state(self._path, Label(self.made_by, where), self._content())
        except (InputError, NotStorableError, MemoryError) as error:
            self._complain(str(error) or type(error).__name__)
            return
        self._written, self._stored = time.monotonic(), where
        self._cost = self._written - self._tried

    def remove(self) -> None:
        """Remove the state of a run that is done."""
        if self.path is not None:
            with suppress(OSError):  # it will not fit a later run, or is another user's
                self.path.unlink(missing_ok=True)

    def _content(self) -> bytes:
        from hpbench.states.exact import pickled
        from hpbench.states.generators import generators_among, global_generators
        from hpbench.states.own_modules import remembered

        return pickled(
            {
                "live": {name: vars(one) for name, one in self._live.items()},
                "generators": global_generators(),
                "of_data": generators_among(self._constants),
                "modules": remembered(self.modules()),
            },
            self._constants,
        )

    def _restore(self, content: bytes) -> None:
        from hpbench.states.exact import unpickled
        from hpbench.states.generators import global_generators, set_generators_among, set_global_generators
        from hpbench.states.own_modules import remind

        before = global_generators()
        try:
            found = unpickled(content, self._constants)
            attributes = [(vars(self._live[name]), own) for name, own in found["live"].items()]
        except Exception as error:
            set_global_generators(before)
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise UnusableError(f"it cannot be read ({reason})") from error
        for own, stored in attributes:
            own.clear()
            own.update(stored)
        remind(found["modules"])
        set_generators_among(self._constants, found["of_data"])
        set_global_generators(found["generators"])

    def _accept(self, label: Label) -> None:
        apart = [
            f"{name.replace('_', ' ')} was {label.made_by.get(name)!r}, is {value!r}"
            for name, value in self.made_by.items()
            if label.made_by.get(name) != value
        ]
        if apart or label.made_by.keys() != self.made_by.keys():
            raise UnusableError("; ".join(apart[:2]) or "it is of another version of hpbench")

    def _refuse(self, reason: UnusableError) -> None:
        if reason.ours and self._path is not None:
            self.say(f"The state of an earlier start of this run is removed, the run begins anew: {reason}")
            self._path.unlink(missing_ok=True)
        else:
            self.say(f"No state of this run is read or written, it begins anew: {reason}")
            self._path = None

    def _complain(self, reason: str) -> None:
        if not self._said:
            self._said = True
            later = f"goes on from an earlier one ({self._stored})" if self._stored else "begins anew"
            self.say(
                f"The state of this run cannot be stored now: {reason.rstrip('.')}. The run goes on; if it "
                f"is killed before there is another state, it {later}."
            )
