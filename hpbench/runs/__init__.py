"""Execution of runs: the three protocols, and the columns on code and machine."""
