"""The table of settings that `hpbench show` prints."""

from typing import TYPE_CHECKING, Any

from hpbench.core.presets import Preset
from hpbench.core.stream import Stream

if TYPE_CHECKING:
    from rich.table import Table


def settings_table(
    title: str, settings_class: type, preset: dict[str, Any], chosen: Preset | None, stream: Stream | None
) -> "Table":
    """The settings as a table: first those that always have an effect, then the others by condition.

    In place of a default None stands the value that it implies.
    """
    from rich.table import Table

    from hpbench.core.acting import can_act, conditions_of, words_of
    from hpbench.core.settings import filled, settings_of, with_defaults

    table = Table(title=title, title_justify="left", box=None)
    for heading in ("name", "default", "unit", "meaning", "acts with"):
        table.add_column(heading, no_wrap=heading not in ("meaning", "acts with"))
    needs = {name: words_of(some) for name, some in conditions_of(settings_class).items()}
    of_preset = chosen.settings if chosen is not None else {}
    with_preset = with_defaults(settings_class, {**preset, **of_preset})
    defaults = filled(with_preset())
    settings = [one for one in settings_of(with_preset) if can_act(settings_class, one.name, stream)]
    for one in sorted(settings, key=lambda one: needs[one.name]):
        allowed = ", ".join(one.choices) or one.range
        meaning = one.meaning + (f" ({allowed})" if allowed else "")
        default = getattr(defaults, one.name)
        text = ("none" if default is None else str(default)) + (" *" if one.name in of_preset else "")
        table.add_row(one.name, text, one.unit or one.type, meaning, needs[one.name])
    return table
