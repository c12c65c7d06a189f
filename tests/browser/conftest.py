"""A demo of its own for the browser tests: ./demo with its state in the build folder's browser/."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("IIP_BUILD", ROOT / "build"))
WORK = BUILD / "browser"
PHOTOS = ROOT / "samples" / "photos"


class Demo:
    """The running demo: its URL, and the folders of its pages and pictures."""

    def __init__(self, state):
        self.environment = dict(os.environ, IIP_DEMO_STATE=str(state))
        self.run("start")
        self.url = f"http://127.0.0.1:{(state / 'port').read_text().strip()}"
        served = Path((state / "served-folder").read_text().strip())
        self.pages = served / "www"
        self.images = served / "images"

    def run(self, command):
        subprocess.run([ROOT / "demo", command], env=self.environment, check=True,
                       stdin=subprocess.DEVNULL, timeout=600)


@pytest.fixture(scope="session")
def demo():
    running = Demo(BUILD / "browser" / "demo")
    try:
        yield running
    finally:
        running.run("stop")


@pytest.fixture(scope="session")
def clients(demo):
    """The pages of Leaflet-IIIF and OpenLayers, beside the demo's page."""
    modules = WORK / "node_modules"
    folder = demo.pages / "clients"
    folder.mkdir(exist_ok=True)
    for source in [*(Path(__file__).parent / "pages").iterdir(),
                   modules / "leaflet/dist/leaflet.js",
                   modules / "leaflet-iiif/leaflet-iiif.js",
                   modules / "ol/dist/ol.js"]:
        shutil.copy(source, folder)
        (folder / source.name).chmod(0o644)
    folder.chmod(0o755)
    return f"{demo.url}/clients"


ODD_SIZES = [(257, 513), (1000, 701), (513, 257)]


@pytest.fixture(scope="session")
def odd_images(demo):
    """A pyramid of each odd size among the demo's pictures: the names of the files."""
    names = {}
    for width, height in ODD_SIZES:
        source = WORK / "odd.png"
        with Image.open(PHOTOS / "coffee.jpg") as photo:
            photo.resize((width, height)).save(source)
        names[width, height] = f"odd-{width}x{height}.tif"
        target = demo.images / names[width, height]
        subprocess.run(["vips", "tiffsave", source, target, "--compression", "deflate", "--tile",
                        "--pyramid", "--tile-width", "256", "--tile-height", "256"], check=True)
        target.chmod(0o644)
    return names


def find_chromium():
    for name in ("chromium-headless-shell", "chromium"):
        if path := shutil.which(name):
            return path
    pytest.fail("neither chromium-headless-shell nor chromium is installed")


@pytest.fixture(scope="session")
def drive():
    """Runs jobs of drive.mjs, in one browser, and gives back their results by name."""
    def run(jobs):
        process = subprocess.run(["node", Path(__file__).parent / "drive.mjs", find_chromium(), WORK],
                                 input=json.dumps(jobs), text=True, stdout=subprocess.PIPE,
                                 timeout=600, check=True)
        return {result["name"]: result for result in json.loads(process.stdout)}
    return run
