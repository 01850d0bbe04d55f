"""What `hpbench data` tells."""

import subprocess
import sys
from pathlib import Path

import pytest

from hpbench.core.errors import InputError
from hpbench.data.images.mnist5k import load_mnist5k
from hpbench.data.images.torchvision_sets import FILES
from hpbench.data.inventory import inventory


def test_what_is_there_and_what_is_missing(fake, tmp_path):
    folder = fake.write(tmp_path)
    mnist, mnist5k, fashion, cifar10, omniglot, vowels = inventory(tmp_path)
    assert (mnist.name, mnist.status, mnist.path) == ("mnist", "complete", folder)
    assert (mnist.train, mnist.test, mnist.sha256) == (40, 20, fake.data.sha256)
    assert (mnist5k.name, mnist5k.status) == ("mnist5k", "shipped with hpbench")
    assert (mnist5k.train, mnist5k.test, mnist5k.sha256) == (4000, 1000, load_mnist5k().sha256)
    assert mnist5k.path.is_file()
    assert (vowels.name, vowels.train, vowels.test) == ("japanese_vowels", 270, 370)
    assert vowels.status == "shipped with hpbench" and vowels.path.is_file()
    assert (fashion.name, fashion.status, fashion.sha256) == ("fashion_mnist", "missing", None)
    assert (omniglot.name, omniglot.status, omniglot.sha256) == ("omniglot", "missing", None)
    assert "images_background.zip" in omniglot.how_to_get
    assert (cifar10.name, cifar10.status, cifar10.sha256) == ("cifar10", "missing", None)
    assert (cifar10.train, cifar10.test) == (50_000, 10_000)
    assert cifar10.path == tmp_path / "cifar-10-batches-py"
    assert fashion.path == tmp_path / "FashionMNIST" / "raw"
    assert "torchvision.datasets.FashionMNIST" in fashion.how_to_get


def test_cache_counts(fake, tmp_path, isolated):
    folder = fake.write(isolated)
    assert inventory(tmp_path)[0].path == folder
    assert inventory(None)[0].status == "complete"


def test_damage_is_told(fake, tmp_path):
    (fake.write(tmp_path) / FILES[0]).write_bytes(b"x")
    found = inventory(tmp_path)[0]
    assert found.status.startswith("damaged: ")
    assert FILES[0] in found.status
    assert found.sha256 is None


def test_missing_folder():
    with pytest.raises(InputError, match="no such folder"):
        inventory(Path("/nowhere"))


def test_needs_no_torch(isolated):
    """`hpbench data` answers at once."""
    code = (
        f"import sys, platformdirs; platformdirs.user_cache_dir = lambda *_, **__: {str(isolated)!r}; "
        "from hpbench.data.inventory import inventory; from hpbench.data.images import mnist; "
        "inventory(None); assert not {'torch', 'torchvision'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
