"""Bad input of every kind: exit code 2, one message, no traceback, and every file as it was."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from toy import files, light_strategy_text, strategy_text, write_file, write_toy

LONG = "x" * 5000
RUN = ("run", "scenario=toy", "strategy=ann")
DATA = ("run", "scenario=split_mnist", "strategy=ncm")

WHOLE = ("many", "1.5", "nan", "inf", "-1", "[1]", "1e3", "''", "{a:1}", "9" * 30)
REAL = ("ten", "nan", "inf", "-inf", "[1]", "-1", "1e999", "''", "{a:1}", "true")
LISTS = ("16", "many", "[many]", "[-1]", "[1.5]", "[[1]]", "[0]", "{a:1}", "[nan]", "''")
WORDS = ("no_such_word", "[a]", "'two words'", "{a:1}", "''")
FLAGS = ("maybe", "[true]", "nan", "''")

SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "strategy.batch": ("scenario=toy strategy=ann", (*WHOLE, "0")),
    "strategy.lr": ("scenario=toy strategy=ann", (*REAL, "1e30", "11")),
    "strategy.hidden": ("scenario=toy strategy=ann", LISTS),
    "strategy.loss": ("scenario=toy strategy=ann", WORDS),
    "strategy.prototypes": ("scenario=toy strategy=gp", FLAGS),
    "strategy.threshold": ("scenario=toy strategy=gp", (*REAL, "0")),
    "strategy.membrane_decay": ("scenario=toy strategy=gp", (*REAL, "1.1")),
    "strategy.surrogate": ("scenario=toy strategy=gp", WORDS),
    "strategy.dialect": ("scenario=toy strategy=hp", WORDS),
    "strategy.trace_at_test": ("scenario=toy strategy=hp", WORDS),
    "strategy.ewc_lambda": ("scenario=toy strategy=ewc", REAL),
    "strategy.memory": ("scenario=toy strategy=replay", (*WHOLE, "0")),
    "scenario.passes": ("scenario=toy strategy=ann", (*WHOLE, "0")),
    "scenario.time_steps": ("scenario=toy strategy=gp", (*WHOLE, "0")),
    "scenario.order_seed": (
        "scenario=toy strategy=ann",
        ("many", "1.5", "nan", "-2", "[1]", "99999999999", "''"),
    ),
    "scenario.validation_share": ("scenario=toy strategy=ann", (*REAL, "1.1")),
    "scenario.regime": ("scenario=toy strategy=ann", WORDS),
    "scenario.evaluate_on": ("scenario=toy strategy=ann", WORDS),
    "scenario.k_shot": ("scenario=omniglot strategy=protonet", (*WHOLE, "0")),
    "scenario.episodes": ("scenario=omniglot strategy=protonet", WHOLE),
    "scenario.levels": (
        "scenario=noisy_mnist strategy=gp",
        ("many", "[many]", "[-1]", "[nan]", "[[1]]", "{a:1}"),
    ),
    "scenario.disturbances": (
        "scenario=noisy_mnist strategy=gp",
        ("salt", "[no_such]", "[[salt]]", "[salt,salt]", "[1]"),
    ),
    "seed": (
        "scenario=toy strategy=ann",
        ("-1", "many", "1.5", "nan", "4294967296", "[1]", "range(0)", "range(0,5,0)", "''"),
    ),
    "threads": (
        "scenario=toy strategy=ann",
        ("0", "-1", "many", "1.5", "100000", "9999999999999", "nan", "[1]"),
    ),
    "device": ("scenario=toy strategy=ann", ("gpu", "cuda:9", "[cpu]", "0", "''")),
}
"""Values that each of these settings must refuse, and what it is a setting of."""

GRAMMAR = (
    *(
        "split_mnist",
        "=",
        "=ann",
        "scenario",
        "+strategy.x=1",
        "~strategy.lr",
        "++strategy.lr=1",
        "strategy@x=1",
    ),
    *(
        "strategy..lr=1",
        ".lr=1",
        "strategy.=1",
        "lr=1",
        "strategy.lr",
        "strategy.lr==1",
        "strategy.lr=[1",
        "seed=(1",
    ),
    *(
        "strategy.lr=1,,2",
        "strategy.lr=,1",
        "seed=choice()",
        "seed=range(a)",
        "seed=interval(0,1)",
        "strategy.lr=${x}",
    ),
    *(
        "strategy.lr=${oc.env:HOME}",
        "strategy.lr=?",
        "strategy.lr=???",
        "strategy.lr=\\",
        'strategy.lr="',
        "strategy.lr='",
    ),
    *(
        "seed=1 2",
        "\n",
        "strategy.lr=\n",
        "strategy.lr=\x00",
        "strategy.lr=\u202e1",
        "ßtrategy.lr=1",
        "-x",
        "--no-such",
    ),
    *(
        f"strategy.lr={LONG}",
        f"{LONG}=1",
        f"strategy.{LONG}=1",
        "hydra.run.dir=x",
        "hydra/launcher=x",
        "defaults=[]",
    ),
    *(
        "scenario.scenario=toy",
        "strategy.strategy=ann",
        "strategy.__class__=1",
        "run=1",
        "out=/tmp",
        "seed=1e400",
    ),
    *(
        "seed=glob(*)",
        "seed=sort(1,2,reverse=maybe)",
        "seed=shuffle()",
        "seed=tag(a)",
        "seed=extend_list(1)",
        "seed={1:2}",
    ),
    *(
        "strategy.hidden=[1,2",
        "strategy.hidden=1,2",
        "strategy.hidden=[,]",
        "strategy.hidden=[1 2]",
        "strategy.lr=1_000_0",
    ),
)
"""Words after `run scenario=toy strategy=ann` that are no overrides, or none of a setting that there is."""

NAMES = (
    *(
        "anm",
        "ANN",
        "ann:no_such",
        "ann:",
        ":ann",
        "ann:a:b",
        "123",
        "nan",
        "true",
        "null",
        "1e5",
        "a.b",
        "../ann",
    ),
    *(
        "/etc/passwd",
        "ümlaut",
        "<script>",
        "=1+1",
        "@x",
        "ann,no_such",
        "''",
        "[ann]",
        LONG,
        "a b",
        "_registry",
    ),
)
"""Names of no strategy."""

COMMANDS = (
    ("",),
    ("rum",),
    ("run", "--forse"),
    ("run", "--out"),
    ("run", "--quiet=3"),
    ("run",),
    ("run", "scenario=toy"),
    ("run", "strategy=ann"),
    (*RUN, "scenario=toy"),
    (*RUN, "--out", ""),
    (*RUN, "--out", " "),
    (*RUN, "--out", "/dev/null"),
    (*RUN, "--out", "/dev/null/x"),
    (*RUN, "--out", "/proc/x"),
    (*RUN, "--out", f"/tmp/{LONG}"),
    (*DATA, "data_root=/no/such/folder"),
    (*DATA, "data_root=~nosuchuser"),
    (*DATA, f"data_root=/{LONG}"),
    (*DATA, "data_root="),
    ("run", "scenario=omniglot", "strategy=ewc"),
    ("run", "scenario=toy", "strategy=maml"),
    ("run", "scenario=online_split_mnist", "scenario.boundaries=hidden", "strategy=ewc"),
    ("show",),
    ("show", "hp"),
    ("show", "strategy=no_such"),
    ("show", "scenario=no_such"),
    ("show", "strategy=hp", "strategy=gp"),
    ("show", "seed=3"),
    ("show", "neuron=no_such"),
    ("show", "neuron=lif", "neuron=adaptive"),
    ("show", "neuron=lif", "strategy=hp"),
    ("show", "neuron=lif", "neuron.current=0.5"),
    ("show", "neuron=lif", "neuron.current=much", "--picture"),
    ("show", "neuron=lif", "neuron.current=1,2", "--picture"),
    ("show", "neuron=lif", "neuron.steps=0", "--picture"),
    ("show", "neuron=lif", "scenario.passes=1", "--picture"),
    ("show", "strategy=hp", "--picture"),
    ("show", "scenario=toy", "--picture"),
    ("show", "scenario=omniglot", "strategy=ewc"),
    ("show", "strategy=hp", "--out", ""),
    ("list", "extra"),
    ("list", "--no-such"),
    ("data", "--data-root", ""),
    ("data", "--data-root", "/no/such/folder"),
    ("data", "extra"),
    ("board",),
    ("board", "no_such"),
    ("board", ""),
    ("board", ".."),
    ("board", "../toy"),
    ("board", LONG),
    ("board", "toy", "--pear"),
    ("board", "toy", "regime"),
    ("board", "toy", "no_such=1"),
    ("board", "toy", "regime=no_such"),
    ("board", "check", "extra"),
    ("board", "check", "--out", "/no/such/folder"),
    ("board", "check", "--out", ""),
    ("board", "publish"),
    ("board", "publish", ""),
    ("board", "publish", "/dev/null"),
    ("board", "publish", f"/{LONG}"),
    ("board", "publish", "~nosuchuser/boards"),
    ("board", "check", "--out", f"/{LONG}"),
    ("board", "check", "--out", "~nosuchuser"),
    ("export", "abc", "nir", "--to", f"/{LONG}"),
    (*RUN, "--out", f"/{LONG}"),
    ("board", "publish", "/tmp/x", "--out", "/no/such/folder"),
    ("board", "migrate", "--out", "/no/such/folder"),
    ("board", "reproducibility", "--out", "/dev/null"),
    ("board", "verify"),
    ("board", "verify", "no_such"),
    ("board", "verify", "toy", "0123456789abcdef"),
    ("board", "verify", "toy", "--rows", "0"),
    ("board", "verify", "toy", "--rows", "many"),
    ("board", "add"),
    ("board", "add", "/no/such/record.json"),
    ("board", "add", "/dev/null"),
    ("board", "add", ""),
    ("canary",),
    ("canary", "check", "no_such"),
    ("canary", "record", "no_such"),
    ("completion", "no_such_shell"),
)

PATHS = ("/no/such/folder", "/dev/null", LONG, "/proc/self/mem", "\x01", "relative/none")
"""What HPBENCH_PATH and HPBENCH_DATA may name by mistake."""

OWN_FILES = {
    "syntax": "def continual(settings task): ...\n",
    "no_function": '"""x"""\nclass Settings: pass\n',
    "import_error": strategy_text() + "\nimport no_such_library\n",
    "exit": strategy_text() + "\nraise SystemExit(0)\n",
    "name_error": strategy_text() + "\nno_such_name\n",
    "no_settings": "def continual(settings, task): ...\n",
    "settings_no_class": "Settings = 3\ndef continual(settings, task): ...\n",
    "settings_no_dataclass": "class Settings: pass\ndef continual(settings, task): ...\n",
    "settings_without_default": light_strategy_text("width: int"),
    "settings_of_an_odd_type": light_strategy_text("width: object = setting(3, 'width')"),
    "default_of_another_type": light_strategy_text("width: int = setting('x', 'width')"),
    "settings_that_exit": light_strategy_text("def __post_init__(self): raise SystemExit(0)"),
    "settings_of_an_unknown_type": light_strategy_text("width: 'nosuch' = setting(3, 'width')"),
    "presets_no_list": strategy_text() + "\nPRESETS = 3\n",
    "published_no_tuple": strategy_text() + "\nPUBLISHED = 3\n",
    "next_no_tuple": strategy_text() + "\nNEXT = 3\n",
    "skip_fails": strategy_text()
    + "\ndef skip(settings, stream): raise ValueError('no')\ncontinual.skip = skip\n",
    "bytes": "\ufeff\x00",
    "two_bytes_of_nothing": "\n\n",
    "nested": "x = " + "(" * 500 + ")" * 500,
}
"""Files of strategies that cannot be used."""


@pytest.fixture(scope="module")
def place(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a board and a folder of one's own strategies, which no test may change."""
    import shutil

    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(finished, folder / "out")
    write_toy(folder / "mine")
    for name, text in OWN_FILES.items():
        write_file(folder / "mine" / "strategies" / f"own_{name}.py", text)
    yield folder


@pytest.fixture
def refused(
    hpbench: Callable, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., str]:
    """Asserts that a command is refused as bad input must be; returns the message."""
    monkeypatch.setenv("HPBENCH_PATH", str(place / "mine"))
    monkeypatch.chdir(tmp_path)
    # Whatever is not refused fails at once in place of being trained.
    monkeypatch.setattr("hpbench.runs.perform.seed_everything", lambda seed: 1 / 0)

    def check(*words: str) -> str:
        before = files(place)
        ended = hpbench(*words)
        shown = ended.out + ended.err
        assert ended.code == 2, (ended.code, shown[-600:])
        assert "Traceback" not in shown and "hpbench: unexpected" not in shown, shown[-600:]
        assert ended.err.strip(), "no message"
        assert len(ended.err) < 1500, "a message that nobody reads"
        assert files(place) == before
        assert list(tmp_path.iterdir()) == []
        return str(ended.err)

    return check


def one_line(message: str) -> bool:
    """One message: a line of ours, or click's usage, hint and error."""
    return message.count("\n") == 1 or (message.startswith("Usage: ") and message.count("Error: ") == 1)


VALUES = [(key, of, value) for key, (of, values) in SETTINGS.items() for value in values]


@pytest.mark.parametrize(
    ("key", "of", "value"), VALUES, ids=[f"{key}={value[:20]}" for key, _, value in VALUES]
)
def test_values(refused: Callable, place: Path, key: str, of: str, value: str) -> None:
    message = refused("run", *of.split(), f"{key}={value}", "--out", str(place / "out"))
    assert one_line(message) and message.startswith("hpbench: ")
    assert key.rpartition(".")[2].partition("_")[0].rstrip("s") in message


@pytest.mark.parametrize("word", GRAMMAR, ids=[ascii(word)[:24] for word in GRAMMAR])
def test_words_that_are_no_overrides(refused: Callable, place: Path, word: str) -> None:
    assert one_line(refused(*RUN, "--out", str(place / "out"), word))


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:24] for name in NAMES])
def test_names_of_nothing(refused: Callable, place: Path, name: str) -> None:
    assert one_line(refused("run", "scenario=toy", f"strategy={name}", "--out", str(place / "out")))
    assert one_line(refused("run", f"scenario={name}", "strategy=ann", "--out", str(place / "out")))


@pytest.mark.parametrize("words", COMMANDS, ids=[" ".join(words)[:40] for words in COMMANDS])
def test_commands(refused: Callable, place: Path, words: tuple[str, ...]) -> None:
    reads = words[:1] == ("board",) and len(words) > 1 and "--out" not in words
    message = refused(*words, *(("--out", str(place / "out")) if reads else ()))
    assert one_line(message) or message.startswith("Usage: ")


@pytest.mark.parametrize("path", PATHS, ids=[ascii(path)[:20] for path in PATHS])
@pytest.mark.parametrize("variable", ["HPBENCH_PATH", "HPBENCH_DATA"])
def test_folders_in_the_environment(
    refused: Callable, place: Path, monkeypatch: pytest.MonkeyPatch, variable: str, path: str
) -> None:
    monkeypatch.setenv(variable, path)
    message = refused("run", "scenario=split_mnist", "strategy=ncm", "--out", str(place / "out"))
    assert one_line(message) and variable in message


@pytest.mark.parametrize("name", OWN_FILES)
def test_files_of_ones_own(refused: Callable, place: Path, name: str) -> None:
    message = refused("run", "scenario=toy", f"strategy=own_{name}", "--out", str(place / "out"))
    assert one_line(message) and f"own_{name}" in message


def test_there_are_enough() -> None:
    count = len(VALUES) + len(GRAMMAR) + 2 * len(NAMES) + len(COMMANDS) + 2 * len(PATHS) + len(OWN_FILES)
    assert count >= 300
