"""Images of classes, episodes and pairs in files: what is read, and what is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hpbench.core.errors import InputError
from hpbench.data.images.given_files import class_folders, folder_episodes, pair_episodes


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def test_classes_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    touched(tmp_path, "10/a.png", "2/a.jpg", "2/.hidden.png", "2/notes.md", "1/b.PNG", "readme.txt")
    found = class_folders(tmp_path)
    assert list(found) == ["1", "2", "10"]
    assert [one.name for one in found["2"]] == ["a.jpg"]


def test_an_episode_shows_one_image_of_each_class_after_another(tmp_path: Path) -> None:
    touched(tmp_path, *(f"support/{name}/{k}.png" for name in "ab" for k in (1, 2)), "query/b/3.png")
    [found] = folder_episodes(tmp_path)
    assert found.labels == ["a", "b", "a", "b"]
    assert [one.name for one in found.support] == ["1.png", "1.png", "2.png", "2.png"]
    assert found.answers == ["b"]


@pytest.mark.parametrize(
    ("read", "names", "message"),
    [
        (
            class_folders,
            ("1.png", "2.png"),
            "2 images, but no folders: expected a folder of images for each class",
        ),
        (class_folders, ("notes.md",), "has no folders"),
        (class_folders, ("a/1.png", "b/notes.md"), r"b has no images \(.png"),
        (folder_episodes, ("notes.md",), "has no episodes"),
        (folder_episodes, ("e1/support/a/1.png", "e1/support/b/1.png"), "e1 has no folder 'query'"),
        (folder_episodes, ("e1/query/a/1.png",), "e1 has no folder 'support'"),
        (
            folder_episodes,
            ("support/a/1.png", "support/b/1.png", "query/c/1.png"),
            "queries of class 'c', of which its support has no image",
        ),
        (folder_episodes, ("support/a/1.png", "query/a/1.png"), "has one class"),
        (pair_episodes, ("a/1.png",), "has no lists of pairs"),
    ],
)
def test_what_is_missing_is_named(
    read: Callable[[Path], object], names: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        read(touched(tmp_path, *names))


@pytest.mark.parametrize("read", [class_folders, folder_episodes, pair_episodes])
def test_a_path_to_nothing_is_named(read: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not there"):
        read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("q.png,gone.png", "line 1: there is no image gone.png"),
        ("query,support\nq.png", "line 2: 1 entries, expected query,support"),
        ("a b c d", "line 1: 4 entries"),
        ("", "has no pairs"),
        ("query,support\nq.png,s.png", "all queries have the same support image"),
    ],
)
def test_a_list_that_cannot_be_used_is_named_by_line(lines: str, message: str, tmp_path: Path) -> None:
    touched(tmp_path, "q.png", "s.png")
    (tmp_path / "pairs.csv").write_text(lines)
    with pytest.raises(InputError, match=message):
        pair_episodes(tmp_path / "pairs.csv")


def test_a_list_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(InputError, match=r"cannot read .* as a list of image pairs"):
        pair_episodes(tmp_path / "pairs.csv")
