"""The sets of event recordings on this machine, and how to get the others: for `hpbench data`."""

from pathlib import Path

from hpbench.data.characters import n_omniglot
from hpbench.data.characters.omniglot import BACKGROUND_CLASSES, CLASSES
from hpbench.data.events.catalogue import EVENT_SETS, EventSet
from hpbench.data.events.load import find, how_to_get
from hpbench.data.events.spoken import load as spoken
from hpbench.data.events.spoken.catalogue import SPOKEN_SETS, SpokenSet
from hpbench.data.inventory import Found
from hpbench.data.places import places


def event_inventory(data_root: Path | None) -> list[Found]:
    """All known sets of recordings. Lists files without reading them; imports neither torch nor tonic.

    Raises InputError if `data_root` does not exist.
    """
    folders = places(data_root)
    return [
        *(_look_up(entry, folders) for entry in EVENT_SETS.values()),
        *(_spoken(entry, folders) for entry in SPOKEN_SETS.values()),
        _n_omniglot(folders),
    ]


def _spoken(entry: SpokenSet, folders: list[Path]) -> Found:
    root = spoken.find(entry, folders)
    train, test = entry.sizes
    return Found(
        name=entry.name,
        status="missing" if root is None else "not read yet",
        path=entry.folder(root or folders[0]),
        train=train,
        test=test,
        sha256=None,
        how_to_get="nothing to do" if root else spoken.how_to_get(entry, folders[0]),
    )


def _n_omniglot(folders: list[Path]) -> Found:
    found = n_omniglot.find_files(folders)
    root, classes, training = (
        (found[0], len(found[1]), found[2]) if found else (folders[0], CLASSES, BACKGROUND_CLASSES)
    )
    complete = found is not None and classes == CLASSES
    samples = n_omniglot.DRAWERS
    part = f"a part: {classes * samples:,} recordings"
    return Found(
        name="n_omniglot",
        status="complete" if complete else part if found else "missing",
        path=root / n_omniglot.FOLDER,
        train=training * samples,
        test=(classes - training) * samples,
        sha256=None,
        how_to_get="nothing to do" if complete else n_omniglot.how_to_get(root),
    )


def _look_up(entry: EventSet, folders: list[Path]) -> Found:
    found = find(entry, folders)
    root = found.root if found else folders[0]
    train, test = (len(found.train), len(found.test)) if found else entry.sizes
    size = train + test
    complete = size == sum(entry.sizes)
    return Found(
        name=entry.name,
        status="missing" if not found else "complete" if complete else f"a part: {size:,} recordings",
        path=entry.folder(root),
        train=train,
        test=test,
        sha256=None,
        how_to_get="nothing to do" if found and complete else how_to_get(entry, root),
    )
