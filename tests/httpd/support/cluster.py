"""Machines that share their pictures through memcached: servers, each with memory of its own.

Each image is noise around a colour of its own, so that a picture tells by itself which image it
shows."""
import concurrent.futures
import io
import re
import time

import numpy
import pytest
from conftest import public_folder, service, vips, wait_until_settled
from PIL import Image
from private_httpd import Server

COLOURS = {
    "red": (200, 40, 40), "green": (40, 190, 60), "blue": (50, 60, 210), "grey": (128, 128, 128),
    "pink": (220, 130, 180), "gold": (205, 170, 40), "teal": (30, 130, 130), "dark": (35, 30, 40),
}
TILES = [f"/iiif/{name}.tif/{x},{y},256,256/{width},/0/default.jpg"
         for name in COLOURS for x, y, width in ((0, 0, 256), (256, 128, 200))]
SECRET = 'IIPMemcachedSecret "known to both machines"'

# For tests that count what memcached is asked: on a busy machine 25 ms may not do.
PATIENT = "IIPMemcachedDeadline 5000"

# For tests of servers in trouble: no other is to be taken for one.
UNHURRIED = "IIPMemcachedDeadline 250"

# Much more than any wait with an end takes, and less than one without.
LONG = 30


@pytest.fixture(scope="module")
def images():
    """Deflate pyramids, so that no stored tile goes out as it is."""
    with public_folder() as folder:
        random = numpy.random.default_rng(1)
        for name, colour in COLOURS.items():
            noise = random.integers(-20, 21, (512, 512, 3))
            Image.fromarray((noise + colour).astype("uint8")).save(folder / f"{name}.png")
            vips("tiffsave", folder / f"{name}.png", folder / f"{name}.tif", "--tile", "--pyramid",
                 "--compression", "deflate", "--tile-width", "256", "--tile-height", "256")
        wait_until_settled()
        yield folder


def right(answer, target):
    """Whether the answer shows what `target` asks for."""
    assert answer.status == 200, answer.body
    name = re.match("/iiif/([a-z]+)[.]tif/", target)[1]
    picture = numpy.asarray(Image.open(io.BytesIO(answer.body)).convert("RGB"), dtype=float)
    width = int(re.search("/([0-9]+),/", target)[1])
    assert picture.shape == (width, width, 3), target
    mean = picture.mean(axis=(0, 1))
    assert abs(mean - COLOURS[name]).max() < 3, f"{target} shows {mean}"
    return True


def get_all(server, targets=TILES):
    """All of them, each right; the time that it took."""
    start = time.monotonic()
    for target in targets:
        assert right(server.get(target), target)
    return time.monotonic() - start


@pytest.fixture
def machines(tmp_path, images):
    """machine(configuration...) starts a server whose pictures are all asked for in memcached: it
    keeps none itself."""
    servers = []

    def machine(*lines, cache=0, processes=1, mpm="event"):
        server = Server(tmp_path / f"machine{len(servers)}", mpm)
        servers.append(server)
        settings = [f"IIPMaxImageCacheSize {cache}", f"StartServers {processes}",
                    f"ServerLimit {processes}"]
        if mpm == "prefork":
            settings += [f"MaxRequestWorkers {processes}"]
        else:
            settings += ["ThreadsPerChild 25", f"MaxRequestWorkers {25 * processes}",
                         "MinSpareThreads 1", f"MaxSpareThreads {25 * processes}"]
        return server.start(service(images, "IIPProtocol IIIF") +
                            "\n".join([*settings, *lines]) + "\n")

    yield machine
    with concurrent.futures.ThreadPoolExecutor() as stoppers:
        for stopped in [stoppers.submit(server.stop) for server in servers]:
            stopped.result()
