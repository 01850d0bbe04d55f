"""Corruptions of test inputs with graded severity: noise, missing data, adversarial attacks."""
