"""Trained models as files: written by runs that are asked to, built again anywhere."""
