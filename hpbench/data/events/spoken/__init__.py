"""Spoken digits as spikes of the channels of a cochlea: in files, or generated words in their place."""
