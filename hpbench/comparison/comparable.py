"""Which runs can be compared."""

from collections.abc import Sequence

from hpbench.core.errors import InputError
from hpbench.core.run import Run


def check_comparable(runs: Sequence[Run]) -> None:
    """Raise InputError for a single run, and for runs on several scenarios."""
    scenarios = sorted({one.scenario for one in runs})
    if len(scenarios) > 1:
        raise InputError(
            f"scenario={','.join(scenarios)}: networks are compared on the samples of one scenario: name one"
        )
    if len(runs) < 2:
        raise InputError(
            "there is nothing to compare with: name several strategies (strategy=gp,dfa), several values of "
            "a setting, or several seeds (seed=0,1,2)"
        )
