"""A share as it stands in a table."""


def percent(share: float | None) -> str:
    """Per cent with two digits, or nothing for what is not known."""
    return "" if share is None else f"{100 * share:.2f}"
