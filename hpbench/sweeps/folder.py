"""The folder of boards that a sweep will write to."""

from collections.abc import Iterable
from pathlib import Path

from hpbench.boards.table import lock_file
from hpbench.core.files import remove_left_over
from hpbench.core.writable import check_writable


def prepare_folder(folder: Path, scenarios: Iterable[str]) -> None:
    """Make the folder, and remove what processes that died have left in it.

    Raises InputError if the boards of these scenarios, or folders of runs, could not be written at the end.
    """
    boards = [folder / f"{name}.csv" for name in dict.fromkeys(scenarios)]
    check_writable([folder, folder / "runs"], changed=map(lock_file, boards), replaced=boards)
    remove_left_over([folder, *(folder / "runs").glob("*")])
