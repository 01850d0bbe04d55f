"""Formatting of fractions as per cent."""


def percent(share: float | None) -> str:
    """Per cent with two decimals, or an empty text for None."""
    return "" if share is None else f"{100 * share:.2f}"
