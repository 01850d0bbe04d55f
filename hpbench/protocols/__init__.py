"""The protocols: for each what its rows hold and what is shown of them; `table` has them by name."""
