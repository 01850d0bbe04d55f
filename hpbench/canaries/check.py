"""Compares canaries with their recorded figures."""

from collections.abc import Iterable
from pathlib import Path

from hpbench.canaries.canary import Canary
from hpbench.canaries.compare import NOTE, moved, rounded, sentence
from hpbench.canaries.files import read
from hpbench.core.errors import InputError


def check(canary: Canary, folder: Path) -> str | None:
    """The problem of a canary in a sentence that says what to do; None if its figures are unchanged."""
    sheet = read(folder / canary.file).get(canary.protocol, {})
    recorded = sheet.get("canaries", {}).get(canary.name)
    again = f"run: hpbench canary record {canary.subject}"
    if recorded is None:
        return f"{canary}: no figures are recorded; {again}"
    versions = canary.versions()
    for role, source in canary.sources:
        if sheet["versions"][role] != versions[role]:
            return (
                f"{canary}: {source} has VERSION {versions[role]}, the recorded figures are of "
                f"{sheet['versions'][role]}; {again}"
            )
    try:
        now = rounded(canary.measure(0.0))
    except InputError as error:
        return f"{canary}: it cannot be run any more: {error}"
    # Defaults of removed settings are ignored: removing one that matters would change other figures.
    names = now.keys() if canary.grows else recorded.keys() - {NOTE}
    recorded = {name: one for name, one in recorded.items() if name in names}
    found = list(moved(recorded, now, canary.tolerance))
    (role, source), *_ = canary.sources
    return sentence(str(canary), found, versions[role], source) if found else None


def orphans(all_canaries: Iterable[Canary], folder: Path) -> list[str]:
    """Sentences about recorded figures that belong to no canary."""
    known = {(str(one.file), one.protocol, one.name) for one in all_canaries}
    subjects = {file for file, *_ in known}
    found = []
    for path in sorted(folder.glob("*/*.json")):
        file = path.relative_to(folder).as_posix()
        if file not in subjects:
            found.append(f"{path}: there is no {path.stem} any more; remove the file")
            continue
        for protocol, sheet in read(path).items():
            for name in sheet["canaries"]:
                if (file, protocol, name) not in known:
                    found.append(
                        f"{path.stem}, {protocol}, {name}: figures without a canary are recorded; "
                        f"run: hpbench canary record {path.stem}"
                    )
    return found
