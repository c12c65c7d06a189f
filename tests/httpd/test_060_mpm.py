"""The same answers under every process model of httpd."""
import time

import pytest
from conftest import service
from load import Load
from private_httpd import Server

TARGETS = [
    "/iiif/coffee.tif/info.json",
    "/iiif/coffee.tif/0,0,256,256/256,/0/default.jpg",
    "/iiif/coffee.tif/full/300,/90/gray.png",
    "/iiif/astronaut.tif/10,20,300,300/200,/0/default.jpg",
    "/fcgi?FIF=coffee.tif&WID=150&CVT=jpeg",
]


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_mpm(tmp_path, pictures, mpm):
    server = Server(tmp_path / "server", mpm)
    server.start(service(pictures) + service(pictures, path="/fcgi"))
    try:
        expected = {target: server.get(target).body for target in TARGETS}
        with Load(server.port, expected, clients=8) as load:
            while load.count < 500 and not load.failures:
                time.sleep(0.05)
        assert not load.failures
    finally:
        server.stop()
