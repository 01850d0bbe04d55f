"""A task as it travels to another process or machine, which plans its run again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpbench.made import Made, add_made, everything_made
from hpbench.sweeps.executor import Task

if TYPE_CHECKING:
    from hpbench.runs.perform import Performed


@dataclass(frozen=True)
class Sent:
    """The words that ask for the run, and what was made in Python. The other fields are those of a `Task`."""

    number: int
    words: tuple[str, ...]
    known: frozenset[str]
    anew: bool
    checkpoint_minutes: float
    made: tuple[Made, ...]

    @classmethod
    def of(cls, task: Task) -> "Sent":
        """The task, ready to travel."""
        return cls(
            task.number, task.run.words, task.known, task.anew, task.checkpoint_minutes, everything_made()
        )

    def perform(self, say: Callable[[str], None], report: Callable[[Any], None]) -> "Performed":
        """Perform the run; raises what `perform` raises."""
        from hpbench.plan.compose import plan
        from hpbench.runs.perform import perform

        for one in self.made:
            add_made(one)
        [run] = plan(self.words)
        return perform(
            run,
            known=self.known,
            anew=self.anew,
            say=say,
            report=report,
            checkpoint_minutes=self.checkpoint_minutes,
        )
