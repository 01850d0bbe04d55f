"""Publishing: rows are merged, never lost, doubled or changed; all is refused before anything is written."""

import contextlib

import pytest
from board_rows import exit_codes, make_row, processes, put_cell, raw_board

from hpbench.boards import publish as module
from hpbench.boards.counted import Versions
from hpbench.boards.merge import NOT_RESULTS, ScenarioReport
from hpbench.boards.publish import publish
from hpbench.boards.readme import BEGIN, END
from hpbench.boards.snapshot import listed
from hpbench.boards.table import add, read
from hpbench.core.errors import InputError

BOARD = "split_mnist.csv"


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "mine", tmp_path / "shared"


def _content(folder):
    """What stands in the folder, without the locks, which are no content."""
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.suffix != ".lock"}


def _seeds(folder, name=BOARD):
    return list(read(folder / name)["seed"])


def test_rows_are_merged_in_order_and_only_once(folders):
    mine, shared = folders
    raw_board(mine / BOARD, *(make_row(seed=seed) for seed in (1, 2, 4)))
    raw_board(shared / BOARD, *(make_row(seed=seed) for seed in (0, 2, 3)))
    report = publish(mine, shared)
    assert report.scenarios == (ScenarioReport("split_mnist", 2, 1, 0),)
    assert report.readme == shared / "README.md"
    assert _seeds(shared) == [0, 1, 2, 3, 4]
    before = _content(shared)
    assert publish(mine, shared).scenarios == (ScenarioReport("split_mnist", 0, 3, 0),)
    assert _content(shared) == before


def test_a_new_folder_and_several_scenarios(folders):
    mine, shared = folders
    raw_board(mine / BOARD, make_row())
    raw_board(mine / "permuted.csv", make_row(scenario="permuted"))
    raw_board(shared / "older.csv", make_row(scenario="older"))
    report = publish(mine, shared)
    assert [(one.scenario, one.added) for one in report.scenarios] == [("permuted", 1), ("split_mnist", 1)]
    readme = (shared / "README.md").read_text()
    assert [f"### {name} 1" in readme for name in ("older", "permuted", "split_mnist")] == [True] * 3
    assert readme.startswith("# Leaderboards\n\n" + BEGIN) and readme.endswith(END + "\n")


def test_uncommitted_rows_are_left_out_unless_asked_for(folders):
    mine, shared = folders
    raw_board(mine / BOARD, make_row(seed=1), make_row(seed=2, checkout="changed"))
    assert publish(mine, shared).scenarios == (ScenarioReport("split_mnist", 1, 0, 1),)
    assert _seeds(shared) == [1]
    assert "uncommitted" not in (shared / "README.md").read_text()
    assert publish(mine, shared, include_uncommitted=True).scenarios == (
        ScenarioReport("split_mnist", 1, 1, 0),
    )
    assert _seeds(shared) == [1, 2]
    assert "uncommitted: 1" in (shared / "README.md").read_text()


def test_only_uncommitted_rows_make_no_board(folders):
    mine, shared = folders
    raw_board(mine / BOARD, make_row(checkout="changed"))
    assert publish(mine, shared).scenarios == (ScenarioReport("split_mnist", 0, 0, 1),)
    assert not (shared / BOARD).exists()


def test_time_and_machine_may_differ_and_the_published_row_stays(folders):
    mine, shared = folders
    row = make_row()
    other = {
        "train_seconds": 9.0,
        "test_seconds": 9.0,
        "peak_memory_mb": 9.0,
        "peak_gpu_memory_mb": 9.0,
        "finished": "2026-03-01T00:00:00Z",
        "device": "cuda",
        "processor": "another",
        "threads": 9,
        "own_code": "strategy package mine 2.0",
        "commit": "abc0123",
        "hpbench_version": "9",
        "sources_hash": "9" * 16,
        **{f"{name}_version": "9" for name in ("python", "torch", "numpy", "norse", "avalanche")},
    }
    assert set(other) | {"checkout"} == NOT_RESULTS
    raw_board(mine / BOARD, row | other)
    raw_board(shared / BOARD, row | {"checkout": "changed"})
    before = (shared / BOARD).read_bytes()
    assert publish(mine, shared).scenarios == (ScenarioReport("split_mnist", 0, 1, 0),)
    assert (shared / BOARD).read_bytes() == before


def test_other_results_of_a_run_are_refused_and_nothing_is_written(folders):
    mine, shared = folders
    row = make_row(samples_to_80=0.25)
    raw_board(mine / "another.csv", make_row(scenario="another"))
    raw_board(mine / BOARD, row | {"accuracy": 0.5, "samples_to_80": None}, make_row(seed=9))
    raw_board(shared / BOARD, row | {"accuracy": 0.75})
    (shared / "README.md").write_text("old\n")
    before = _content(shared)
    with pytest.raises(InputError) as caught:
        publish(mine, shared)
    message = str(caught.value)
    assert f"split_mnist.csv, run {row['run_id']}: " in message
    assert "accuracy 0.5 here, 0.75 there, samples_to_80 empty here, 0.25 there" in message
    assert "seed" not in message
    assert _content(shared) == before


def test_an_uncommitted_row_with_other_results_is_no_conflict_while_left_out(folders):
    mine, shared = folders
    raw_board(mine / BOARD, make_row(accuracy=0.5, checkout="changed"))
    raw_board(shared / BOARD, make_row(accuracy=0.75))
    assert publish(mine, shared).scenarios[0].left_out == 1
    with pytest.raises(InputError, match=r"accuracy 0\.5 here, 0\.75 there"):
        publish(mine, shared, include_uncommitted=True)


@pytest.mark.parametrize("damaged", [0, 1])
def test_problems_of_either_folder_are_listed_and_nothing_is_written(folders, damaged):
    mine, shared = folders
    raw_board(mine / BOARD, make_row(seed=1))
    raw_board(shared / BOARD, make_row(seed=2))
    put_cell(folders[damaged] / BOARD, 2, "seed", "5")
    before = _content(mine), _content(shared)
    with pytest.raises(
        InputError, match=r"(?s)have problems.*split_mnist\.csv: line 2, column 'run_id'"
    ) as caught:
        publish(mine, shared)
    assert str(folders[damaged]) in str(caught.value)
    assert (_content(mine), _content(shared)) == before


def test_the_rest_of_the_readme_is_untouched(folders):
    mine, shared = folders
    raw_board(mine / BOARD, make_row(seed=1))
    shared.mkdir()
    readme = shared / "README.md"
    readme.write_bytes(f"# Ours\r\nwords | α\n{BEGIN}\nold table\n{END} tail\nend without a break".encode())
    publish(mine, shared)
    text = readme.read_bytes().decode()
    assert text.startswith(f"# Ours\r\nwords | α\n{BEGIN}\n")
    assert text.endswith(f"\n{END} tail\nend without a break")
    assert "old table" not in text and "| hp |" in text


def test_markers_are_appended_where_there_are_none(folders):
    mine, shared = folders
    raw_board(mine / BOARD, make_row(seed=1))
    shared.mkdir()
    (shared / "README.md").write_text("no last break")
    publish(mine, shared)
    assert (shared / "README.md").read_text().startswith(f"no last break\n\n{BEGIN}\n")


@pytest.mark.parametrize(
    "text", [BEGIN, END, f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"]
)
def test_broken_markers_are_refused_before_anything_is_written(folders, text):
    mine, shared = folders
    raw_board(mine / BOARD, make_row())
    shared.mkdir()
    (shared / "README.md").write_text(text)
    with pytest.raises(InputError, match="repair the two markers"):
        publish(mine, shared)
    assert _content(shared) == {"README.md": text.encode()}


def test_earlier_versions_are_marked_in_the_ranking(folders):
    mine, shared = folders
    raw_board(mine / BOARD, make_row())
    publish(mine, shared, present=lambda scenario, strategy: Versions("1", "2", "1"))
    assert "earlier version (strategy 1, now 2)" in (shared / "README.md").read_text()


def test_nothing_to_publish(folders):
    mine, shared = folders
    with pytest.raises(InputError, match="there is no leaderboard folder"):
        publish(mine, shared)
    mine.mkdir()
    with pytest.raises(InputError, match="nothing to publish"):
        publish(mine, shared)
    assert not shared.exists()


def test_a_long_list_of_problems_is_cut():
    told = listed([f"problem {number}" for number in range(25)])
    assert told.count("\n") == 20 and told.endswith("… and 5 more")


def _publish(mine, shared, barrier):
    barrier.wait()
    publish(mine, shared)


def test_publishers_at_once_lose_no_row(tmp_path):
    context = processes()
    barrier = context.Barrier(3)
    jobs = []
    for number in range(3):
        mine = tmp_path / f"mine{number}"
        raw_board(mine / BOARD, *(make_row(seed=10 * number + seed) for seed in range(3)))
        raw_board(mine / f"own{number}.csv", make_row(scenario=f"own{number}"))
        jobs.append(context.Process(target=_publish, args=(mine, tmp_path / "shared", barrier)))
    assert exit_codes(jobs) == [0] * 3
    assert _seeds(tmp_path / "shared") == [0, 1, 2, 10, 11, 12, 20, 21, 22]
    readme = (tmp_path / "shared" / "README.md").read_text()
    assert all(f"### own{number} 1" in readme for number in range(3))


def _watched(monkeypatch, meanwhile):
    """Calls `meanwhile` after each preparation that is made without the locks; returns what was done."""
    done = []
    real_locks, real_prepared = module._all_locked, module._prepared

    @contextlib.contextmanager
    def locks(*arguments):
        with real_locks(*arguments):
            done.append("locked")
            yield
        done.append("free")

    def prepared(*arguments):
        found = real_prepared(*arguments)
        done.append("prepared")
        if done[-2:-1] != ["locked"]:
            meanwhile()
        return found

    monkeypatch.setattr(module, "_all_locked", locks)
    monkeypatch.setattr(module, "_prepared", prepared)
    return done


def test_all_is_prepared_without_the_locks(folders, monkeypatch):
    mine, shared = folders
    raw_board(mine / BOARD, make_row())
    done = _watched(monkeypatch, lambda: None)
    publish(mine, shared)
    assert done == ["prepared", "locked", "free"]


@pytest.mark.parametrize("times", [1, 99])
def test_rows_that_come_while_publish_prepares_are_kept(folders, monkeypatch, times):
    mine, shared = folders
    raw_board(mine / BOARD, make_row(seed=0))
    seeds = iter(range(1, 1 + times))
    done = _watched(
        monkeypatch, lambda: [add(shared / BOARD, make_row(seed=one)) for one in [next(seeds, 0)] if one]
    )
    publish(mine, shared)
    again = ["prepared", "locked", "free"]
    assert done == (again * 2 if times == 1 else [*again * 3, "locked", "prepared", "free"])
    assert _seeds(shared) == [0, *range(1, 1 + min(times, 3))]
    assert f"| {1 + min(times, 3)} |" in (shared / "README.md").read_text()
