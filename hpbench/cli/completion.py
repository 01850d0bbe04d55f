"""Shell completion."""

import click
from click.shell_completion import CompletionItem, get_completion_class

from hpbench import registry


class Override(click.ParamType[str]):
    """An override; completes keys, and names of scenarios and strategies."""

    name = "override"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """What an unfinished word may become."""
        words = [f"scenario={entry.name}" for entry in registry.entries("scenarios")]
        words += [f"strategy={entry.name}" for entry in registry.entries("strategies")]
        words += ["seed=", "device=auto", "device=cpu", "device=cuda", "data_root=", "threads="]
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


OVERRIDE = Override()


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a completion script; for bash: eval "$(hpbench completion bash)"."""
    completer = get_completion_class(shell)
    assert completer is not None
    click.echo(completer(context.find_root().command, {}, "hpbench", "_HPBENCH_COMPLETE").source())
