"""Download of a complete image set through torchvision: all of it or nothing."""

from pathlib import Path
from typing import Any

from hpbench.core.errors import InputError
from hpbench.data.download import DownloadError, fetching, first_to_answer, put_together
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.torchvision_sets import TorchvisionSet, find, is_complete


def download(entry: TorchvisionSet, cache: Path) -> ImageData:
    """Download the set into `cache`, unless another process did so in the meantime.

    It is put together in a temporary folder beside, its checksums are verified, and it is renamed into
    place: `cache` holds the whole set or nothing of it. Torchvision's progress bars show on a terminal.
    Raises DownloadError with the reason, and InputError if `cache` holds damaged files of the set.
    """
    import torchvision

    dataset = _answering(getattr(torchvision.datasets, entry.class_name))
    with put_together(entry.class_name, cache) as temporary:
        found = find(entry, cache)
        if found is not None:
            return found
        with fetching():
            dataset(str(temporary), download=True)
        _move_into_place(entry, temporary, cache)
    found = find(entry, cache)
    if found is None:
        raise DownloadError(f"{entry.folder(cache)} vanished after the download")
    return found


def _answering(dataset: Any) -> Any:
    """Torchvision's class; one that asks the first mirror to answer, if it knows several."""
    if not hasattr(dataset, "mirrors"):
        folder, _, archive = dataset.url.rpartition("/")
        first_to_answer([f"{folder}/"], archive)
        return dataset
    mirror = first_to_answer(dataset.mirrors, dataset.resources[0][0])
    # A class of the same name, since torchvision names the folder after it.
    return type(dataset.__name__, (dataset,), {"mirrors": [mirror]})


def _move_into_place(entry: TorchvisionSet, temporary: Path, cache: Path) -> None:
    folder = entry.folder(temporary)
    for archive in folder.glob("*.gz"):
        archive.unlink()
    try:
        is_complete(entry, temporary)
    except InputError as error:
        raise DownloadError(f"the server sent something else: {error}") from error
    target = entry.folder(cache)
    target.parent.mkdir(exist_ok=True)
    folder.replace(target)
