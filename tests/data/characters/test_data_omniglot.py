"""Omniglot from any of its forms: the same classes in the same order, reduced in the same way."""

import io
import os
import shutil
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from hpbench.core.errors import InputError
from hpbench.data.characters import omniglot, omniglot_files
from hpbench.data.characters.characters import Characters
from hpbench.data.characters.glyphs import load_glyphs
from hpbench.data.characters.omniglot import cached_file, load_omniglot
from hpbench.data.characters.omniglot_files import FOLDER, read_omniglot, reduce
from hpbench.data.characters.splits import divide
from hpbench.data.inventory import inventory
from hpbench.few_shot.episodes import fixed_episodes
from hpbench.few_shot.learner import FeatureLearner
from hpbench.few_shot.read_outs import Prototypes
from hpbench.few_shot.testing import accuracies, predictions
from hpbench.tasks.few_shot import Classes, Shape

REAL = Path(os.environ.get("HPBENCH_DATA", "/nowhere")) / FOLDER  # read before the fixtures hide it

CLASSES = [
    ("background", "Aleph", "character01"),
    ("background", "Aleph", "character02"),
    ("background", "Beth_(old)", "character01"),
    ("evaluation", "Aaa", "character10"),
]


def drawings() -> np.ndarray:
    """(4, 20, 105, 105), 1 = ink."""
    return (np.random.RandomState(0).rand(4, 20, 105, 105) < 0.1).astype(np.uint8)


def write_pngs(folder: Path) -> None:
    """In an order that is not that of the classes."""
    ink = drawings()
    for number in reversed(range(4)):
        part, alphabet, character = CLASSES[number]
        place = folder / f"images_{part}" / alphabet / character
        place.mkdir(parents=True)
        for drawer in range(20):
            Image.fromarray((255 * (1 - ink[number, drawer])).astype(np.uint8)).convert("1").save(
                place / f"{number:04d}_{drawer + 1:02d}.png"
            )


def write_npz(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    packed = np.packbits(1 - drawings(), axis=-1)
    np.savez(
        folder / "omniglot_105x105.npz",
        background_images=packed[:3],
        background_alphabet=[0, 0, 1],
        background_character=[1, 2, 1],
        background_alphabet_names=["Aleph", "Beth_(old)"],
        evaluation_images=packed[3:],
        evaluation_alphabet=[0],
        evaluation_character=[10],
        evaluation_alphabet_names=["Aaa"],
    )


def write_zips(folder: Path) -> None:
    write_pngs(folder / "unpacked")
    for part in ("background", "evaluation"):
        shutil.make_archive(
            str(folder / f"images_{part}"), "zip", root_dir=folder / "unpacked", base_dir=f"images_{part}"
        )
    shutil.rmtree(folder / "unpacked")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Characters:
    """What the small set must be read as, taken for complete Omniglot."""
    images = np.stack([reduce(one) for one in drawings()])
    data = Characters(
        "omniglot",
        images,
        np.array([alphabet for _, alphabet, _ in CLASSES]),
        np.array([name for *_, name in CLASSES]),
        np.array([part == "background" for part, *_ in CLASSES]),
        "made here",
    )
    monkeypatch.setattr(omniglot, "SHA256", data.sha256)
    return data


def test_reduction_is_the_mean_over_each_pixels_area():
    ink = drawings()[0, :2]
    fine = np.repeat(np.repeat(ink, 4, axis=1), 4, axis=2)  # 420 x 420: 15 x 15 for each pixel
    means = fine.reshape(2, 28, 15, 28, 15).mean((2, 4))
    assert np.array_equal(reduce(ink), np.floor(255 * means + 0.5 - 1e-9).astype(np.uint8))
    assert reduce(np.ones((1, 105, 105), np.uint8)).min() == 255


@pytest.mark.parametrize("write", [write_pngs, write_npz, write_zips])
@pytest.mark.parametrize("below", [FOLDER, "."])
def test_every_form_gives_the_same_set_and_is_kept(small, tmp_path, write, below):
    write(tmp_path / "data" / below)
    data = load_omniglot("auto", tmp_path / "data", print)
    assert data.name == "omniglot"
    assert data.sha256 == small.sha256
    assert np.array_equal(data.images, small.images)
    assert list(zip(data.alphabets, data.names, strict=True)) == [one[1:] for one in CLASSES]
    assert cached_file().is_file()


def test_what_was_kept_is_used_and_a_damaged_file_is_not(small, tmp_path):
    write_npz(tmp_path / "data")
    load_omniglot("omniglot", tmp_path / "data", print)
    (tmp_path / "data" / "omniglot_105x105.npz").unlink()
    omniglot._loaded.clear()
    assert load_omniglot("omniglot", tmp_path / "data", print).sha256 == small.sha256
    [found] = [one for one in inventory(tmp_path / "data") if one.name == "omniglot"]
    assert found.status == "complete"
    omniglot._loaded.clear()
    cached_file().write_bytes(cached_file().read_bytes()[:-100])
    with pytest.raises(InputError, match="Omniglot is not in"):
        load_omniglot("omniglot", tmp_path / "data", print)


def test_missing_drawings_are_an_error_and_not_passed_over(small, tmp_path):
    write_pngs(tmp_path / "data")
    next((tmp_path / "data").glob("**/*_07.png")).unlink()
    with pytest.raises(InputError, match=r"not every character has the drawers 1 to 20"):
        load_omniglot("auto", tmp_path / "data", print)
    shutil.rmtree(tmp_path / "data" / "images_evaluation")
    shutil.rmtree(tmp_path / "data" / "images_background" / "Aleph")
    with pytest.raises(InputError, match=r"(not every character|does not hold complete Omniglot)"):
        load_omniglot("auto", tmp_path / "data", print)


@pytest.mark.parametrize("content", [b"no archive", b""])
def test_a_damaged_archive_is_named(small, tmp_path, content):
    (tmp_path / "images_background.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"cannot read Omniglot in"):
        load_omniglot("auto", tmp_path, print)


@pytest.mark.parametrize(
    "damage",
    [lambda content: content[:-60], lambda content: b"GIF" + content[3:], lambda content: b""],
    ids=["cut off", "no PNG", "empty"],
)
def test_a_damaged_picture_is_named_in_a_folder_and_in_a_zip(small, tmp_path, damage):
    write_pngs(tmp_path / "folder")
    hurt = sorted((tmp_path / "folder").glob("**/*_07.png"))[2]
    hurt.write_bytes(damage(hurt.read_bytes()))
    for part in ("background", "evaluation"):
        shutil.make_archive(
            str(tmp_path / "zips" / f"images_{part}"), "zip", tmp_path / "folder", f"images_{part}"
        )
    for below in ("folder", "zips"):
        with pytest.raises(InputError, match=rf"{hurt.name}: .*delete what is damaged"):
            load_omniglot("auto", tmp_path / below, print)


def test_a_damaged_npz_is_named(small, tmp_path):
    write_npz(tmp_path)
    archive = tmp_path / "omniglot_105x105.npz"
    archive.write_bytes(b"\x93NUMPY" + archive.read_bytes()[6:])
    with pytest.raises(InputError, match=r"omniglot_105x105\.npz: .*delete what is damaged"):
        load_omniglot("auto", tmp_path, print)


def odd_npz(folder: Path, **changed: object) -> Path:
    """The .npz with these arrays in place of its own."""
    write_npz(folder)
    archive = folder / "omniglot_105x105.npz"
    with np.load(archive) as file:
        arrays = {**file, **changed}
    np.savez(archive, **arrays)
    return archive


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"background_images": np.zeros((3, 20, 105, 14))},
            r"background_images are float64",
        ),
        ({"background_images": np.zeros((3, 20, 105, 13), np.uint8)}, r"expected uint8 \(C, 20, 105, 14\)"),
        ({"evaluation_images": np.zeros((1, 105), np.uint8)}, r"evaluation_images are uint8 \(1, 105\)"),
        (
            {"background_alphabet": [0, 0, 7]},
            "background_alphabet must have a whole number from 0 to 1",
        ),
        ({"background_alphabet": [0, 0, -1]}, "background_alphabet must have a whole number from 0 to 1"),
        ({"background_alphabet": [0.0, 0.0, 1.0]}, "background_alphabet must have a whole number"),
        ({"background_alphabet": [0]}, "background_alphabet must have .* for each of 3 characters"),
        ({"evaluation_character": ["ten"]}, "evaluation_character must have a whole number"),
        ({"background_alphabet": np.array([None] * 3)}, "Object arrays cannot be loaded"),
    ],
)
def test_an_npz_with_other_arrays_is_named(tmp_path, changed, says):
    odd_npz(tmp_path, **changed)
    with pytest.raises(InputError, match=rf"omniglot_105x105\.npz: .*{says}.*delete what is damaged"):
        read_omniglot(tmp_path)


def test_what_would_unpack_to_too_much_is_named_before_it_is_unpacked(small, tmp_path, monkeypatch):
    archive = odd_npz(tmp_path / "npz", more=np.zeros(10**6, np.uint8))
    monkeypatch.setattr(omniglot_files, "_LARGEST_NPZ", 10**6)
    with pytest.raises(InputError, match=rf"{archive.name} would unpack to [0-9,]+ bytes, expected"):
        read_omniglot(tmp_path / "npz")
    (tmp_path / "zip").mkdir()
    with zipfile.ZipFile(tmp_path / "zip" / "images_background.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images_background/A/character01/0001_01.png", bytes(10**6))
    with pytest.raises(InputError, match=r"0001_01\.png: 1,000,000 bytes are no drawing of 105 x 105"):
        read_omniglot(tmp_path / "zip")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [12_000, 60_000])
def test_a_picture_that_would_unpack_to_too_much_is_named(tmp_path, side):
    place = tmp_path / "images_background" / "A" / "character01"
    place.mkdir(parents=True)
    buffer = io.BytesIO()
    Image.new("1", (105, 105)).save(buffer, "png")
    content = bytearray(buffer.getvalue())
    content[16:24] = side.to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    (place / "0001_01.png").write_bytes(content)
    with pytest.raises(InputError, match=r"0001_01\.png: .*(expected 105 x 105|decompression bomb)"):
        read_omniglot(tmp_path)


@pytest.mark.parametrize(
    "name", ["images.zip", "omniglot_105x105.npz", "images_background/A/character01/0_01.png"]
)
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_named(tmp_path, name, make):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)
    with pytest.raises(InputError, match=rf"{path.name} is (a folder|no regular file).*, expected a file"):
        read_omniglot(tmp_path)


def test_hidden_files_are_no_archives(small, tmp_path):
    write_zips(tmp_path)
    (tmp_path / "._images_background.zip").write_bytes(b"\0\5\26\7")
    (tmp_path / "._omniglot_105x105.npz").write_bytes(b"\0\5\26\7")
    assert load_omniglot("auto", tmp_path, print).sha256 == small.sha256


def test_a_folder_and_a_zip_complete_each_other(small, tmp_path):
    write_zips(tmp_path)
    with zipfile.ZipFile(tmp_path / "images_background.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "images_background.zip").unlink()
    assert load_omniglot("auto", tmp_path, print).sha256 == small.sha256


def test_one_drawing_in_two_versions_is_refused_and_both_are_named(small, tmp_path):
    write_zips(tmp_path)
    place = tmp_path / "other" / "images_evaluation" / "Aaa" / "character10"
    place.mkdir(parents=True)
    Image.new("1", (105, 105)).save(place / "0003_05.png")
    with pytest.raises(InputError, match=r"other.*0003_05\.png and .*images_evaluation.zip.* differ"):
        load_omniglot("auto", tmp_path, print)


def test_a_picture_of_another_size_is_named(tmp_path):
    place = tmp_path / "images_background" / "A" / "character01"
    place.mkdir(parents=True)
    Image.new("1", (28, 28)).save(place / "0001_01.png")
    with pytest.raises(InputError, match=r"0001_01\.png: a picture of \(28, 28\), expected 105 x 105"):
        read_omniglot(tmp_path)


def archives() -> dict[str, bytes]:
    """Torchvision's two archives of the small set."""
    made = {}
    ink = drawings()
    for part in ("background", "evaluation"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number, (of, alphabet, character) in enumerate(CLASSES):
                for drawer in range(20 if of == part else 0):
                    picture = io.BytesIO()
                    Image.fromarray((255 * (1 - ink[number, drawer])).astype(np.uint8)).save(picture, "PNG")
                    name = f"images_{part}/{alphabet}/{character}/{number:04d}_{drawer + 1:02d}.png"
                    archive.writestr(name, picture.getvalue())
        made[f"images_{part}.zip"] = buffer.getvalue()
    return made


def test_download_through_torchvision_keeps_only_the_reduced_set(small, mirror, isolated, monkeypatch):
    import hashlib

    from torchvision.datasets import Omniglot

    mirror.files = archives()
    monkeypatch.setattr(Omniglot, "download_url_prefix", mirror.url.rstrip("/"))
    sums = {name[:-4]: hashlib.md5(content).hexdigest() for name, content in mirror.files.items()}
    monkeypatch.setattr(Omniglot, "zips_md5", sums)
    lines = []
    assert load_omniglot("auto", None, lines.append).sha256 == small.sha256
    assert lines == [f"Downloaded Omniglot; it is stored at 28x28 in {cached_file()}."]
    assert [path.name for path in isolated.iterdir() if path.suffix != ".lock"] == [cached_file().name]
    assert load_omniglot("omniglot", None, lines.append).sha256 == small.sha256 and len(lines) == 1


def test_another_content_from_the_server_leaves_nothing(mirror, isolated, monkeypatch):
    import hashlib

    from torchvision.datasets import Omniglot

    mirror.files = archives()  # not complete Omniglot
    monkeypatch.setattr(Omniglot, "download_url_prefix", mirror.url.rstrip("/"))
    sums = {name[:-4]: hashlib.md5(content).hexdigest() for name, content in mirror.files.items()}
    monkeypatch.setattr(Omniglot, "zips_md5", sums)
    with pytest.raises(InputError, match=r"the server sent something else: .*4 of 1,623 characters"):
        load_omniglot("omniglot", None, print)
    assert [path.name for path in isolated.iterdir() if path.suffix != ".lock"] == []


def test_without_it_glyphs_are_used_and_said_so(tmp_path, monkeypatch):
    monkeypatch.setattr(omniglot, "load_glyphs", lambda: "the glyphs")
    lines = []
    assert load_omniglot("auto", tmp_path, lines.append) == "the glyphs"
    [line] = lines
    for part in ("Omniglot is not in", "HPBENCH_OFFLINE", "glyphs", "not Omniglot"):
        assert part in line
    assert load_omniglot("glyphs", tmp_path, print) == "the glyphs"
    with pytest.raises(InputError, match=r"To get it, put images_background\.zip"):
        load_omniglot("omniglot", tmp_path, print)
    with pytest.raises(InputError, match="'omniglott' is unknown"):
        load_omniglot("omniglott", tmp_path, print)


@pytest.mark.skipif(not REAL.is_dir(), reason="HPBENCH_DATA does not hold Omniglot")
def test_real_omniglot_and_glyphs_that_are_as_hard():
    data = read_omniglot(REAL)
    assert (len(data.images), int(data.background.sum())) == (omniglot.CLASSES, omniglot.BACKGROUND_CLASSES)
    assert data.sha256 == omniglot.SHA256
    for ways, shots in ((5, 5), (20, 1)):
        shape = Shape(ways, shots, 10)
        assert nearest_class_mean(load_glyphs(), shape) < nearest_class_mean(data, shape)


def nearest_class_mean(data: Characters, shape: Shape) -> float:
    """On pixels, over test episodes."""
    classes = Classes(torch.from_numpy(data.images[divide(data, "characters").test]).unsqueeze(2))
    learner = FeatureLearner(torch.nn.Flatten(), Prototypes(), {})
    episodes = fixed_episodes(classes, shape, 600, 1, "test")
    return float(accuracies(predictions(learner, classes, episodes), episodes).mean())
