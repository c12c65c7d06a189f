"""JPEG and PNG files as pictures, by every protocol, beside what Pillow makes of them."""
import io
import json
import re

import numpy as np
import pytest
from PIL import Image, ImageOps

from conftest import PHOTOS, service
from private_httpd import Server

STORED = (900, 600)
SEEN = (600, 900)  # orientation 6: a quarter turn


@pytest.fixture(scope="module")
def folder(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    photo = Image.open(PHOTOS / "coffee.jpg").convert("RGB").resize(STORED)
    exif = Image.Exif()
    exif[274] = 6
    photo.save(folder / "turned.jpg", quality=85, exif=exif)
    photo.save(folder / "progressive.jpg", quality=85, progressive=True)
    photo.save(folder / "plain.png")
    photo.convert("CMYK").save(folder / "inks.jpg", quality=90)
    whole = (folder / "turned.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.fixture(scope="module")
def server(module_folder, folder):
    server = Server(module_folder / "server")
    gallery = server.docs / "gallery"
    gallery.mkdir()
    (gallery / "turned.jpg").write_bytes((folder / "turned.jpg").read_bytes())
    (gallery / ".htaccess").write_text("AddHandler iip-image .tif .tiff .jpg .png\n")
    server.start(
        service(folder)
        + service(folder, path="/any")
        + f'<Directory "{server.docs}">\n    AllowOverride FileInfo\n</Directory>\n'
    )
    yield server
    server.stop()


def picture(server, target):
    answer = server.get(target)
    assert answer.status == 200, answer.body
    return np.asarray(Image.open(io.BytesIO(answer.body)))


def decoded(path):
    return np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def test_every_protocol_sees_the_picture_upright(server):
    for target in ("/iiif/turned.jpg/info.json", "/gallery/turned.jpg/info.json"):
        info = json.loads(server.get(target).body)
        assert (info["width"], info["height"]) == SEEN
    size = re.search(rb'Width="(\d+)"\s+Height="(\d+)"|Height="(\d+)"\s+Width="(\d+)"',
                     server.get("/any?DeepZoom=turned.jpg.dzi").body)
    width, height = (size[1], size[2]) if size[1] else (size[4], size[3])
    assert (int(width), int(height)) == SEEN
    zoomify = server.get("/any?Zoomify=turned.jpg/ImageProperties.xml").body
    assert b'WIDTH="600" HEIGHT="900"' in zoomify
    iip = server.get("/any?FIF=turned.jpg&OBJ=Max-size&OBJ=Tile-size").body
    assert b"Max-size:600 900" in iip and b"Tile-size:256 256" in iip


@pytest.mark.parametrize("name", ["turned.jpg", "progressive.jpg", "plain.png", "inks.jpg"])
def test_tiles_are_the_pixels_of_the_file(server, folder, name):
    expected = decoded(folder / name)
    for x, y in ((0, 0), (256, 256), (344, 300)):
        tile = picture(server, f"/iiif/{name}/{x},{y},256,256/max/0/default.png")
        assert np.array_equal(tile, expected[y:y + 256, x:x + 256])


def test_the_file_itself_is_still_the_file(server, folder):
    assert server.get("/gallery/turned.jpg").body == (folder / "turned.jpg").read_bytes()


def test_a_file_cut_short_says_so(server):
    assert picture(server, "/iiif/cut.jpg/400,0,200,100/max/0/default.png").shape == (100, 200, 3)
    answer = server.get("/iiif/cut.jpg/0,800,100,100/max/0/default.png")
    assert answer.status == 500
    server.expect_log("JPEG: cut short or damaged")
