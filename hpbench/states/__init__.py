"""States of runs on disk, from which a run that was killed goes on."""
