"""Recordings of event cameras: in files, downloaded, or generated from images."""
