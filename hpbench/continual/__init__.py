"""Where Avalanche is met: streams, loaders, templates and plugins of the engine's own."""
