"""A tiny set in MNIST's format, a web server for it, and no way to the user's cache or the network."""

import dataclasses
import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hpbench.data import complete, inventory, mnist, omniglot
from hpbench.data.images import ImageData
from hpbench.data.torchvision_images import FILES, TorchvisionSet


@dataclasses.dataclass(frozen=True)
class Fake:
    """A set of 40 + 20 random images, with its catalogue entry and the content of its files."""

    entry: TorchvisionSet
    data: ImageData
    content: dict[str, bytes]

    def write(self, root: Path) -> Path:
        """Write the raw files under `root`; returns their folder."""
        folder = self.entry.folder(root)
        folder.mkdir(parents=True)
        for file, content in self.content.items():
            (folder / file).write_bytes(content)
        return folder


def idx(array: np.ndarray) -> bytes:
    """An array of unsigned bytes in the IDX format."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The cache folder of this test (not made yet); downloads are forbidden unless a test allows them."""
    cache = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(cache))
    monkeypatch.setattr(complete, "_loaded", {})
    monkeypatch.setattr(complete, "_failed", {})
    monkeypatch.setattr(omniglot, "_loaded", {})
    monkeypatch.setattr(omniglot, "_failed", {})
    monkeypatch.delenv("HPBENCH_DATA", raising=False)
    monkeypatch.setenv("HPBENCH_OFFLINE", "1")
    return cache


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A tiny MNIST, in the catalogue in place of the real one."""
    random = np.random.RandomState(1)
    arrays = []
    for samples in (40, 20):
        arrays.append(random.randint(0, 256, (samples, 28, 28)).astype(np.uint8))
        arrays.append(np.arange(samples) % 10)
    data = ImageData("mnist", *arrays, source="made up")
    content = dict(zip(FILES, map(idx, arrays), strict=True))
    entry = TorchvisionSet(
        name="mnist",
        class_name="MNIST",
        md5=tuple(hashlib.md5(one).hexdigest() for one in content.values()),
        train=40,
        test=20,
        sha256=data.sha256,
    )
    monkeypatch.setattr(mnist, "MNIST", entry)
    monkeypatch.setattr(inventory, "MNIST", entry)
    return Fake(entry, data, content)


class Mirror(http.server.ThreadingHTTPServer):
    """Serves compressed files, and counts how often each was asked for."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.asked: list[str] = []
        self.cut_short = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        self.server.asked.append(name)
        if name not in self.server.files:
            self.send_error(404)
            return
        content = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if self.server.cut_short else content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def mirror(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A server of the tiny MNIST, known to torchvision's class as its only mirror."""
    from torchvision.datasets import MNIST

    files = {f"{name}.gz": gzip.compress(content) for name, content in fake.content.items()}
    server = Mirror(files)
    monkeypatch.setattr(MNIST, "mirrors", [server.url])
    monkeypatch.setattr(MNIST, "resources", [(name, hashlib.md5(c).hexdigest()) for name, c in files.items()])
    monkeypatch.delenv("HPBENCH_OFFLINE")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
