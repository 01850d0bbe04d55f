"""Data sets, independent of any protocol: where they are looked for, how they are had, what there is."""
