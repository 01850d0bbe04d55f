"""Shell completion."""

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    get_completion_class,
)

from hpbench import registry
from hpbench.cli.models import KINDS, names_of


class Override(click.ParamType[str]):
    """An override; completes keys, and names of scenarios and strategies."""

    name = "override"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The completions of an unfinished word."""
        words = [f"scenario={entry.name}" for entry in registry.entries("scenarios")]
        for entry in registry.entries("strategies"):
            words += [
                f"strategy={name}" for name in (entry.name, *(f"{entry.name}:{one}" for one in entry.presets))
            ]
        words += [f"{kind}={name}" for kind in KINDS for name in names_of(kind)]
        words += [
            "seed=",
            "device=auto",
            "device=cpu",
            "device=cuda",
            "data_root=",
            "threads=",
            "save=model",
            "log=tensorboard",
            "log=snapshots",
        ]
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


OVERRIDE = Override()


@add_completion_class
class BashOverrides(BashComplete):
    """Bash splits words at "=": for "strategy=h" it requests completions of "h"."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the unfinished one, and the unfinished one, joined again at "="."""
        words, incomplete = super().get_completion_args()
        self._cut = ""
        if incomplete == "=" and words:
            self._cut, incomplete = f"{words.pop()}=", ""
        elif words[-1:] == ["="]:
            self._cut = "".join(words[-2:])
            words = words[:-2]
        return words, self._cut + incomplete

    def format_completion(self, item: CompletionItem[str]) -> str:
        """The text that replaces the part after "="."""
        item.value = item.value.removeprefix(self._cut)
        return super().format_completion(item)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a completion script; for bash: eval "$(hpbench completion bash)"."""
    completer = get_completion_class(shell)
    assert completer is not None
    click.echo(completer(context.find_root().command, {}, "hpbench", "_HPBENCH_COMPLETE").source())
