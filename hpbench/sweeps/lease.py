"""Leases on runs: what one process is at, no other process that writes into the same folder begins."""

from pathlib import Path

import filelock

from hpbench.core.errors import InputError
from hpbench.core.identity import short_hash
from hpbench.core.run import Run


class Leases:
    """The leases that this process holds in a folder of boards.

    A lease is a lock on a file named by the run, which the system releases when its holder dies.
    """

    def __init__(self, out: Path) -> None:
        self.folder = out
        self._held: dict[Path, filelock.BaseFileLock] = {}

    def take(self, run: Run | str) -> bool:
        """Whether the run is this process's now; False if it is another's, or is taken here already.

        Something else than a run is leased by its name.

        Raises InputError if the folder cannot be written.
        """
        path = self._path(run)
        if path in self._held:
            return False
        lock = filelock.FileLock(path)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except filelock.Timeout:
            return False
        except OSError as error:
            raise InputError(
                f"cannot write {self.folder} ({error.strerror}). Choose a folder that can be written."
            ) from error
        self._held[path] = lock
        return True

    def give_back(self, run: Run | str) -> None:
        """Let others have the run, and remove the file."""
        self._release(self._path(run))

    def give_back_all(self) -> None:
        """Let others have all runs."""
        for path in list(self._held):
            self._release(path)

    def _release(self, path: Path) -> None:
        lock = self._held.pop(path)
        path.unlink(missing_ok=True)  # while it is locked: whoever waits for it notices, and makes a new one
        lock.release()

    def _path(self, run: Run | str) -> Path:
        return self.folder / f".run-{short_hash(str(run))}.lock"
