"""What commands say on standard error."""

import click

from hpbench.core.errors import shown


def complain(text: str) -> None:
    """A line that begins with "hpbench: ", as a terminal may show it."""
    click.echo(shown(f"hpbench: {text}"), err=True)


def mention(line: str) -> None:
    """A line that is no result, such as what is waited for."""
    click.echo(line, err=True)
