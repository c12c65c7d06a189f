import contextlib
import pathlib
import subprocess
import sys
import tempfile
import time

import pytest

FOLDER = pathlib.Path(__file__).parent
sys.path[:0] = [str(FOLDER), str(FOLDER / "support")]

from private_httpd import MODULE, REPOSITORY, Server  # noqa: E402

PHOTOS = REPOSITORY / "samples" / "photos"


@pytest.fixture(scope="session", autouse=True)
def module_is_built():
    assert MODULE.exists(), f"{MODULE} is not built (set IIP_MODULE)"


def vips(*arguments):
    subprocess.run(["vips", *arguments], check=True, capture_output=True)


def tiff(source, target, *options):
    """A tiled pyramid, made by vips."""
    target.parent.mkdir(parents=True, exist_ok=True)
    vips("tiffsave", source, target, "--tile", "--pyramid", *options)
    return target


def wait_until_settled():
    """Until files made just now count as unchanging: their ETags are strong, answers are kept."""
    time.sleep(1.1)


# In place of pytest's own folders, which only the user that runs the tests may enter: httpd's
# children run as another one where root starts it.


@contextlib.contextmanager
def public_folder():
    with tempfile.TemporaryDirectory(prefix="iip-", ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name).resolve()
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def tmp_path():
    with public_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def module_folder():
    with public_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def session_folder():
    with public_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def pictures(session_folder):
    """JPEG-compressed pyramids with 256x256 tiles: astronaut.tif (512x512), coffee.tif (600x400)."""
    folder = session_folder / "pictures"
    folder.mkdir()
    size = ("600", "--height", "400", "--size", "force")
    vips("thumbnail", PHOTOS / "coffee.jpg", folder / "coffee.png", *size)
    tiles = "--compression jpeg --Q 85 --tile-width 256 --tile-height 256".split()
    tiff(PHOTOS / "astronaut.jpg", folder / "astronaut.tif", *tiles)
    tiff(folder / "coffee.png", folder / "coffee.tif", *tiles)
    wait_until_settled()
    return folder


@pytest.fixture
def server(tmp_path):
    private = Server(tmp_path / "server")
    yield private
    private.stop()


def service(folder, *directives, path="/iiif"):
    """The configuration of a service at `path` over `folder`."""
    lines = "\n    ".join(directives)
    return f"""
<Location "{path}">
    SetHandler iip
    IIPFilesystemPrefix "{folder}"
    {lines}
</Location>
<Directory "{folder}">
    Require all granted
</Directory>
"""
