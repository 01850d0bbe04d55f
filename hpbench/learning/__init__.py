"""Where Avalanche is met: loaders, templates and plugins that learn a stream, and what is asked of them."""
