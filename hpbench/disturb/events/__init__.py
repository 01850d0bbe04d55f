"""Corruptions of event recordings."""
