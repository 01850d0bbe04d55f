"""Download from a server on this machine: all of it or nothing."""

import gzip
import socket
import threading
import time

import pytest

from hpbench.core.errors import InputError
from hpbench.data import download as module
from hpbench.data.download import DownloadError
from hpbench.data.images.download import download
from hpbench.data.images.torchvision_sets import FILES


def nothing_left(cache):
    """Whether a failed download left nothing but its lock file."""
    return not cache.exists() or [path.name for path in cache.iterdir() if path.suffix != ".lock"] == []


def test_download(fake, mirror, isolated, capfd):
    before = socket.getdefaulttimeout()
    data = download(fake.entry, isolated)
    assert data.sha256 == fake.data.sha256
    assert sorted(path.name for path in fake.entry.folder(isolated).iterdir()) == sorted(FILES)
    assert [path.name for path in isolated.iterdir() if path.suffix != ".lock"] == ["MNIST"]
    assert socket.getdefaulttimeout() == before
    assert capfd.readouterr() == ("", "")


def test_two_at_once_download_once(fake, mirror, isolated):
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(download(fake.entry, isolated).sha256))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [fake.data.sha256] * 2
    assert mirror.asked.count(f"{FILES[3]}.gz") == 2  # torchvision asks for redirections first


def test_wrong_archive_leaves_nothing(fake, mirror, isolated):
    mirror.files[f"{FILES[1]}.gz"] = gzip.compress(b"another file")
    with pytest.raises(DownloadError, match="corrupted"):
        download(fake.entry, isolated)
    assert nothing_left(isolated)


def test_wrong_content_leaves_nothing(fake, mirror, isolated, monkeypatch):
    """The archive is the one that torchvision expects; what it holds is not what the catalogue expects."""
    from torchvision.datasets import MNIST

    archives = [(name, None) for name, _ in MNIST.resources]
    monkeypatch.setattr(MNIST, "resources", archives)
    labels = bytearray(fake.content[FILES[1]])
    labels[-1] ^= 1
    mirror.files[f"{FILES[1]}.gz"] = gzip.compress(labels)
    with pytest.raises(DownloadError, match=f"the server sent something else: .*{FILES[1]}"):
        download(fake.entry, isolated)
    assert nothing_left(isolated)


def test_connection_cut_leaves_nothing(fake, mirror, isolated):
    mirror.cut_short = True
    with pytest.raises(DownloadError):
        download(fake.entry, isolated)
    assert nothing_left(isolated)


def test_interruption_leaves_nothing_and_passes_on(fake, mirror, isolated, monkeypatch):
    import torchvision.datasets.mnist

    real = torchvision.datasets.mnist.download_and_extract_archive

    def interrupted(*args, filename, **kwargs):
        if filename.startswith(FILES[2]):
            raise KeyboardInterrupt
        real(*args, filename=filename, **kwargs)

    monkeypatch.setattr(torchvision.datasets.mnist, "download_and_extract_archive", interrupted)
    before = socket.getdefaulttimeout()
    with pytest.raises(KeyboardInterrupt):
        download(fake.entry, isolated)
    assert nothing_left(isolated)
    assert socket.getdefaulttimeout() == before


def test_no_server_is_said_quickly_and_touches_nothing(fake, mirror, isolated, monkeypatch):
    from torchvision.datasets import MNIST

    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{port}/"])
        start = time.monotonic()
        with pytest.raises(DownloadError, match=f"127.0.0.1:{port}: Connection refused"):
            download(fake.entry, isolated)
    assert time.monotonic() - start < 2
    assert not isolated.exists()


def test_silent_server_does_not_hold_up_another(fake, mirror, isolated, monkeypatch):
    from torchvision.datasets import MNIST

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(MNIST, "mirrors", [url, mirror.url])
        assert download(fake.entry, isolated).sha256 == fake.data.sha256


def test_silent_server_alone_is_given_up(fake, mirror, isolated, monkeypatch):
    from torchvision.datasets import MNIST

    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{silent.getsockname()[1]}/"])
        with pytest.raises(DownloadError, match=r"timed out|no answer within 0.2 s"):
            download(fake.entry, isolated)
    assert not isolated.exists()


def test_refusing_server_is_named(fake, mirror, isolated):
    mirror.files.clear()
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:.*: HTTP status 404"):
        download(fake.entry, isolated)


def test_unwritable_cache_is_a_reason(fake, mirror, isolated):
    isolated.write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match=r"File exists|Not a directory"):
        download(fake.entry, isolated)


def test_damaged_cache_is_an_error_and_stays(fake, mirror, isolated):
    path = fake.write(isolated) / FILES[0]
    path.write_bytes(b"damaged")
    with pytest.raises(InputError, match=FILES[0]):
        download(fake.entry, isolated)
    assert path.read_bytes() == b"damaged"
