"""Replaces the part of a README between two markers and leaves the rest unchanged."""

from pathlib import Path

from hpbench.core.errors import InputError

BEGIN = "<!-- ranking:begin -->"
END = "<!-- ranking:end -->"
_TITLE = "# Leaderboards\n"


def current(path: Path, data: bytes | None) -> str:
    """The README's text from its content, with its line breaks unchanged; a title if there is no such file.

    Raises InputError if it is not UTF-8 text; `path` is used in the message only.
    """
    try:
        return _TITLE if data is None else data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {path} ({error}); it was left unchanged") from error


def with_ranking(path: Path, text: str, ranking: str) -> str:
    """`text` with `ranking` between the markers, which are appended if absent.

    Raises InputError if there is only one marker, one occurs twice, or they are in the wrong order; `path`
    is used in the message only.
    """
    block = f"{BEGIN}\n{ranking}\n{END}"
    if BEGIN not in text and END not in text:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}{block}\n"
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise InputError(
            f"{path}: expected {BEGIN} once and after it {END} once, around the ranking; "
            "repair the two markers or delete both. Nothing was written."
        )
    before, _, rest = text.partition(BEGIN)
    return before + block + rest.partition(END)[2]
