"""Where MNIST comes from: named folder, cache, network, mnist5k; in this order."""

import socket
from pathlib import Path

import pytest

from hpbench.core.errors import InputError
from hpbench.data.images.mnist import load_mnist
from hpbench.data.images.torchvision_sets import FILES


def silent(line):
    raise AssertionError(f"nothing to be said, but: {line}")


@pytest.mark.parametrize("which", ["auto", "mnist"])
def test_data_root_is_first(fake, tmp_path, monkeypatch, which):
    fake.write(tmp_path / "named")
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("HPBENCH_DATA", str(tmp_path / "other"))
    data = load_mnist(which, tmp_path / "named", silent)
    assert data.name == "mnist"
    assert data.sha256 == fake.data.sha256
    assert str(tmp_path / "named") in data.source


def test_environment_variable_and_cache(fake, tmp_path, monkeypatch, isolated):
    fake.write(isolated)
    assert str(isolated) in load_mnist("auto", None, silent).source
    fake.write(tmp_path / "set")
    monkeypatch.setenv("HPBENCH_DATA", str(tmp_path / "set"))
    assert str(tmp_path / "set") in load_mnist("auto", None, silent).source


def test_cache_is_used_where_data_root_has_none(fake, tmp_path, isolated):
    fake.write(isolated)
    assert str(isolated) in load_mnist("auto", tmp_path, silent).source


def test_files_are_read_once_per_process(fake, tmp_path):
    folder = fake.write(tmp_path)
    first = load_mnist("mnist", tmp_path, silent)
    (folder / FILES[0]).unlink()
    assert load_mnist("auto", tmp_path, silent) is first


def test_download_into_the_cache(fake, mirror, tmp_path, isolated):
    lines = []
    data = load_mnist("auto", tmp_path, lines.append)
    assert data.sha256 == fake.data.sha256
    assert lines == [f"Downloaded complete MNIST into {fake.entry.folder(isolated)}."]
    assert load_mnist("mnist", tmp_path, silent) is data


def test_fallback_says_so_in_one_line(fake, tmp_path):
    lines = []
    data = load_mnist("auto", tmp_path, lines.append)
    assert data.name == "mnist5k"
    assert len(lines) == 1
    for part in (str(tmp_path), "HPBENCH_OFFLINE", "mnist5k", "not ranked with MNIST's"):
        assert part in lines[0]
    assert "\n" not in lines[0]


def test_network_is_asked_once_per_process(fake, mirror, monkeypatch):
    mirror.files.clear()
    lines = []
    for _ in range(3):
        assert load_mnist("auto", None, lines.append).name == "mnist5k"
    assert len(mirror.asked) == 1
    assert len(set(lines)) == 1
    assert "HTTP status 404" in lines[0]


def test_no_network_falls_back(fake, mirror, monkeypatch):
    from torchvision.datasets import MNIST

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{taken.getsockname()[1]}/"])
        lines = []
        assert load_mnist("auto", None, lines.append).name == "mnist5k"
    assert "Connection refused" in lines[0]


def test_complete_mnist_or_an_error(fake, tmp_path, isolated):
    with pytest.raises(InputError) as caught:
        load_mnist("mnist", tmp_path, silent)
    for part in (str(tmp_path), str(isolated), "HPBENCH_DATA", "data_root=", "MNIST/raw"):
        assert part in str(caught.value)


@pytest.mark.parametrize("which", ["auto", "mnist"])
def test_damaged_files_are_never_passed_over(fake, tmp_path, which):
    (fake.write(tmp_path) / FILES[3]).write_bytes(b"")
    with pytest.raises(InputError, match=FILES[3]):
        load_mnist(which, tmp_path, silent)


def test_mnist5k_on_request(fake, tmp_path):
    fake.write(tmp_path)
    assert load_mnist("mnist5k", tmp_path, silent).name == "mnist5k"


@pytest.mark.parametrize("which", ["auto", "mnist", "mnist5k"])
def test_missing_folders_are_errors(fake, monkeypatch, which):
    with pytest.raises(InputError, match="data_root=/nowhere"):
        load_mnist(which, Path("/nowhere"), silent)
    monkeypatch.setenv("HPBENCH_DATA", "/nowhere")
    with pytest.raises(InputError, match="HPBENCH_DATA=/nowhere"):
        load_mnist(which, None, silent)


def test_unknown_set_offers_names():
    with pytest.raises(InputError, match="did you mean 'mnist"):
        load_mnist("mnist50", None, silent)
