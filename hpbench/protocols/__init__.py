"""The protocols: for each the columns of its rows and how they are shown; `table` has them by name."""
