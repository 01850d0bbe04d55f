"""A task as it travels to another process or machine, which plans its run again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hpbench.core.run import Run
from hpbench.made import Made, add_made, everything_made
from hpbench.sweeps.executor import Task

if TYPE_CHECKING:
    from hpbench.runs.perform import Performed


@dataclass(frozen=True)
class Sent:
    """A task without its run; the words that ask for the run; and what was made in Python."""

    task: Task
    words: tuple[str, ...]
    made: tuple[Made, ...]

    @classmethod
    def of(cls, task: Task) -> "Sent":
        """The task, ready to travel: its settings may be of a file that is imported by its path."""
        nothing = Run("", "", None, None, 0, "", 0, None)
        return cls(replace(task, run=nothing), task.run.words, everything_made())

    def perform(self, say: Callable[[str], None], report: Callable[[Any], None]) -> "Performed":
        """Perform the run; raises what `perform` raises."""
        from hpbench.plan.compose import plan

        for one in self.made:
            add_made(one)
        [run] = plan(self.words)
        return replace(self.task, run=run).perform(say, report)
