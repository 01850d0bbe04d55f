"""The name of a search, and the command that runs its best settings on the test part."""

import shlex
from collections.abc import Mapping

from hpbench import registry
from hpbench.core.identity import short_hash
from hpbench.protocols.table import PROTOCOLS
from hpbench.tuning.space import Space


def search_name(space: Space, seeds: int) -> str:
    """A name of what is searched and measured: space, fixed settings, seeds, versions."""
    run = space.run
    scenario, strategy = registry.find("scenarios", run.scenario), registry.find("strategies", run.strategy)
    searched = sorted([one.key, one.low, one.high, one.log, list(one.choices)] for one in space.searched)
    protocol = PROTOCOLS[scenario.protocols[0]]
    versions = [scenario.version, strategy.version, protocol.version]
    return f"{run.scenario}-{run.strategy}-{short_hash([searched, run.overrides, seeds, versions])[:8]}"


def command_on_test_part(space: Space, words: Mapping[str, str], seeds: int) -> str:
    """The command line that runs these settings on the test part, with the seeds of the search."""
    of_seeds = f"seed=range({seeds})" if seeds > 1 else "seed=0"
    settings = [f"{key}={value}" for key, value in words.items()]
    return shlex.join(["hpbench", "run", *space.fixed, *settings, of_seeds])
