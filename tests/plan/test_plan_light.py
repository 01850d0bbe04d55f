"""Planning imports no library that trains: a process that only distributes runs starts in a second."""

import subprocess
import sys

HEAVY = ["torch", "torchvision", "avalanche", "norse", "learn2learn", "tonic", "matplotlib"]

SCRIPT = """
import sys
from hpbench import registry
from hpbench.core.settings import with_defaults
from hpbench.plan.compose import _cannot_be_done, sweep
from hpbench.protocols.table import PROTOCOLS

scenarios, strategies = registry.shipped("scenarios"), registry.shipped("strategies")
reasons = []
for scenario in scenarios:
    [protocol] = scenario.protocols
    of_scenario = registry.settings_class(scenario, protocol)()
    for strategy in strategies:
        if protocol in strategy.protocols:
            settings_class = registry.settings_class(strategy, protocol)
            for preset in ({}, *(one.settings for one in strategy.presets.values())):
                # What planning calls of a file, without Hydra, which takes a tenth of a second for each run.
                of_strategy = with_defaults(settings_class, {**registry.preset(scenario), **preset})()
                reasons.append(_cannot_be_done(scenario, strategy, of_scenario, of_strategy))
for protocol in PROTOCOLS:
    scenario = next(one.name for one in scenarios if one.protocols == (protocol,))
    strategy = next(one.name for one in strategies if protocol in one.protocols)
    [planned] = sweep([f"scenario={scenario}", f"strategy={strategy}"])
    assert planned.run is not None
print(len(scenarios), len(strategies), reasons.count(""))
print("imported:", *(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_every_strategy_is_planned_on_every_scenario_without_torch() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, *HEAVY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    counts, imported = done.stdout.splitlines()
    scenarios, strategies, possible = map(int, counts.split())
    assert possible > scenarios * strategies / 2
    assert imported.split() == ["imported:"]
