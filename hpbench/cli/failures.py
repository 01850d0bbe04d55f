"""What is said at the end of a sweep of the runs that failed."""

from collections.abc import Sequence

from hpbench.cli.messages import complain
from hpbench.core.errors import InputError, LoggedError
from hpbench.core.run import Run


def tell_failures(failures: Sequence[tuple[Run, Exception]], runs: int, log: str) -> int:
    """Say on the standard error which runs failed and why; returns the exit code.

    `runs` is the number of all runs, `log` says where tracebacks are. Raises the failure of a single run that
    is a mistake of ours.
    """
    if not failures:
        return 0
    if runs == 1 and not isinstance(failures[0][1], InputError):
        raise failures[0][1]
    if runs > 1:
        complain(f"{len(failures)} of {runs} runs failed:")
    for run, error in failures:
        complain(f"{run}: {_reason(error, log)}" if runs > 1 else _reason(error, log))
    return 2


def _reason(error: Exception, log: str) -> str:
    if isinstance(error, LoggedError):
        return f"{error}. The traceback is in {log}"
    if isinstance(error, InputError):
        return str(error)
    return f"unexpected {type(error).__name__}: {error}. The traceback is in {log}"
