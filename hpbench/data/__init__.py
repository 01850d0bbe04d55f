"""Data sets, independent of any protocol: search paths, downloads, readers and an inventory."""
