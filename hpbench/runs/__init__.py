"""Doing a run: the three protocols at work, and what a row says of code and machine."""
