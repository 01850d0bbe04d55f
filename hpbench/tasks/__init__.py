"""The tasks that scenarios build: one type for each protocol, and what scenarios need to build them."""
