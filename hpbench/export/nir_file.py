"""NIR graphs as files."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hpbench.core.files import write_atomically

if TYPE_CHECKING:
    import nir


def write_nir(path: Path, graph: "nir.NIRGraph") -> None:
    """Write a graph as HDF5, as `nir.read` reads it. Raises InputError if the file cannot be written."""
    import nir

    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "network.nir"
        nir.write(whole, graph)
        content = whole.read_bytes()
    write_atomically(path, content)
