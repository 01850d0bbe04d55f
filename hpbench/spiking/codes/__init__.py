"""Neural codes: how values become currents or spikes over a window of time steps. One file for each code."""
