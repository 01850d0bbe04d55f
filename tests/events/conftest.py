"""No way to the user's cache, data or network."""

from pathlib import Path

import pytest

from hpbench.events import fetch


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The cache folder of this test (not made yet); downloads are forbidden unless a test allows them."""
    cache = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(cache))
    monkeypatch.setattr(fetch, "_failed", {})
    monkeypatch.delenv("HPBENCH_DATA", raising=False)
    monkeypatch.setenv("HPBENCH_OFFLINE", "1")
    return cache
