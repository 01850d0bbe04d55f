"""`hpbench`: the commands, and their exit codes on errors."""

import contextlib
import io
import os
import sys
from pathlib import Path

import click

from hpbench.cli.add import add
from hpbench.cli.board import board
from hpbench.cli.canary import canary
from hpbench.cli.catalogue import data, list_everything
from hpbench.cli.compare import compare
from hpbench.cli.completion import completion
from hpbench.cli.evaluate import evaluate
from hpbench.cli.export import export
from hpbench.cli.messages import complain
from hpbench.cli.run import run
from hpbench.cli.show import show
from hpbench.cli.tune import tune
from hpbench.cli.verify import verify
from hpbench.core.errors import InputError, shown
from hpbench.core.paths import expanded
from hpbench.core.user_folders import user_folder


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hpbench")
def cli() -> None:
    """Continual- and few-shot-learning benchmarks for hybrid-plasticity spiking networks.

    \b
    hpbench run scenario=split_mnist strategy=hp     train, test, and add a row to the leaderboard
    hpbench list                                     scenarios, and the strategies that run on them
    hpbench show strategy=hp                         description and settings of a strategy
    """


for command in (run, tune, compare, evaluate, export, list_everything, show, data, board, canary, completion):
    cli.add_command(command)
board.add_command(verify)
board.add_command(add)


def main() -> None:
    """Run the command line; exit with 0, 2 for bad input, 130 for Ctrl-C, 1 for a bug in hpbench."""
    sys.exit(_guarded())


def _guarded() -> int:
    _prepare()
    try:
        return cli.main(prog_name="hpbench", standalone_mode=False) or 0
    except InputError as error:
        if error.__cause__ is not None:
            _log_failure()
        complain(str(error))
        return 2
    except click.ClickException as error:
        message = io.StringIO()
        error.show(file=message)
        click.echo(shown(message.getvalue()), err=True, nl=False)
        return 2
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted. Rows of finished runs are on the leaderboard; nothing is half written.")
        return 130
    except Exception as error:  # a bug: the user gets a line, the log the traceback
        where = _log_failure()
        complain(f"unexpected {type(error).__name__}: {error}. The traceback is in {where}")
        return 1


def _prepare() -> None:
    """Replace characters that the output cannot show; give libraries a home folder where there is none."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if expanded(Path("~")) == Path("~"):
        with contextlib.suppress(InputError):
            os.environ["HOME"] = str(user_folder("cache").parent)


def _log_failure() -> str:
    from hpbench.core.log import record_failure

    return record_failure()
