"""Texts as Markdown that shows them as they are: nothing of a row links, formats, mentions or hides."""

import re

_LONGEST = 300

_PLAIN = re.compile(r"(?:[^\W_]|(?<=\w)_(?=\w)|[ .,%()±–+/=:;-])*")
"""Letters, digits, _ within a word, and signs that mean nothing in Markdown."""

_LINKED = re.compile(r"://|www\.|:\w+:|^[+-] |^=|^\d+[.)] ", re.IGNORECASE)
"""What plain signs can still make: a link, an emoji, a list, a heading's underline."""


def prose(text: str) -> str:
    """A sentence of hpbench's own files, with the signs of Markdown escaped."""
    return re.sub(r"([\\|*`<\[])", r"\\\1", text)


def data(text: str) -> str:
    """A text from a row, cut if it is long: as it is, or in a code span if Markdown would act on it."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if not cut or (_PLAIN.fullmatch(cut.removesuffix("…")) and not _LINKED.search(cut)):
        return cut
    # Between more backticks than there are inside, with spaces that are not shown.
    fence = "`" * (1 + max(map(len, re.findall("`+", cut)), default=0))
    space = " " if "`" in cut else ""
    return f"{fence}{space}{cut}{space}{fence}".replace("|", "\\|")
