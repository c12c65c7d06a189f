"""JPEG 2000 files as pictures, by every protocol, beside what opj_decompress makes of them."""
import io
import json
import subprocess

import numpy as np
import pytest
from PIL import Image

from conftest import PHOTOS, service
from private_httpd import Server

SIZE = (700, 500)
LAYERS = 3


def deep():
    """A picture of 12 bits whose lowest bits are in use."""
    y, x = np.mgrid[0:SIZE[1], 0:SIZE[0]]
    return (x * 5 + y + (x * y) % 13) % 4096


@pytest.fixture(scope="module")
def folder(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    source = module_folder / "photo.ppm"
    Image.open(PHOTOS / "coffee.jpg").convert("RGB").resize(SIZE).save(source)
    subprocess.run(["opj_compress", "-i", source, "-o", folder / "photo.jp2", "-I", "-r", "60,20,8"],
                   check=True, capture_output=True)
    for sign, less in (("u", 0), ("s", 2048)):
        raw = module_folder / "deep.raw"
        raw.write_bytes((deep() - less).astype(">i2").tobytes())
        subprocess.run(["opj_compress", "-i", raw, "-o", folder / f"deep_{sign}.jp2",
                        "-F", f"{SIZE[0]},{SIZE[1]},1,12,{sign}"], check=True, capture_output=True)
    whole = (folder / "photo.jp2").read_bytes()
    (folder / "cut.jp2").write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.fixture(scope="module")
def server(module_folder, folder):
    server = Server(module_folder / "server")
    gallery = server.docs / "gallery"
    gallery.mkdir()
    (gallery / "photo.jp2").write_bytes((folder / "photo.jp2").read_bytes())
    (gallery / ".htaccess").write_text("AddHandler iip-image .jp2\nIIPMaxLayers 1\n")
    server.start(
        service(folder)
        + service(folder, path="/any")
        + service(folder, "IIPMaxLayers -1", path="/all")
        + service(folder, "IIPMaxLayers 2", path="/two")
        + f'<Directory "{server.docs}">\n    AllowOverride FileInfo\n</Directory>\n'
    )
    yield server
    server.stop()


def picture(server, target):
    answer = server.get(target)
    assert answer.status == 200, answer.body
    return np.asarray(Image.open(io.BytesIO(answer.body)))


@pytest.fixture(scope="module")
def decoded(module_folder, folder):
    """decoded(layers, reduce): what opj_decompress gives."""
    def decode(layers, reduce=0):
        out = module_folder / f"decoded_{layers}_{reduce}.ppm"
        subprocess.run(["opj_decompress", "-i", folder / "photo.jp2", "-o", out, "-l", str(layers), "-r", str(reduce)],
                       check=True, capture_output=True)
        return np.asarray(Image.open(out))
    return decode


def test_every_protocol_sees_the_picture(server):
    info = json.loads(server.get("/iiif/photo.jp2/info.json").body)
    assert (info["width"], info["height"]) == SIZE
    assert info["tiles"] == [{"width": 256, "height": 256, "scaleFactors": [1, 2, 4]}]
    assert b"MaxZoom" not in server.get("/any?DeepZoom=photo.jp2.dzi").body
    assert b'WIDTH="700" HEIGHT="500"' in server.get("/any?Zoomify=photo.jp2/ImageProperties.xml").body
    # Resolutions down to the first that fits a tile: 700, 350, 175.
    iip = server.get("/any?FIF=photo.jp2&OBJ=Max-size&OBJ=Tile-size&OBJ=Resolution-number").body
    assert b"Max-size:700 500" in iip and b"Tile-size:256 256" in iip and b"Resolution-number:3" in iip


@pytest.mark.parametrize("prefix, layers", [("/iiif", 2), ("/all", 3), ("/two", 2)])
def test_tiles_are_the_pixels_of_the_layers_that_the_configuration_says(server, decoded, prefix, layers):
    expected = decoded(layers)
    for x, y in ((0, 0), (256, 256), (444, 244)):
        tile = picture(server, f"{prefix}/photo.jp2/{x},{y},256,256/max/0/default.png")
        assert np.array_equal(tile, expected[y:y + 256, x:x + 256])
    half = picture(server, f"{prefix}/photo.jp2/full/350,250/0/default.png")
    assert np.array_equal(half, decoded(layers, 1))


@pytest.mark.parametrize("path, asked, layers", [
    ("/any", 1, 1), ("/any", 3, 3), ("/any", -1, 3), ("/any", 99, 3),
    ("/two", 3, 2), ("/two", -1, 2), ("/two", 1, 1),
])
def test_lyr_asks_for_layers(server, decoded, path, asked, layers):
    tile = picture(server, f"{path}?FIF=photo.jp2&LYR={asked}&PTL=2,1")
    assert np.array_equal(tile, decoded(layers)[0:256, 256:512])


@pytest.mark.parametrize("name, least", [("deep_u", 0), ("deep_s", -2048)])
def test_twelve_bits_are_kept(server, name, least):
    values = deep()
    # Lossless: the file's values are those that went into it.
    png = picture(server, f"/any?FIF={name}.jp2&BIT=16&CVT=png")
    assert png.dtype.itemsize > 1
    assert np.array_equal(png, np.floor(values / 4095 * 65535 + 0.5))
    tile = picture(server, f"/any?FIF={name}.jp2&BIT=16&TTL=2,4")
    assert np.array_equal(tile, np.floor(values[256:500, 256:512] / 4095 * 65535 + 0.5))
    assert np.array_equal(picture(server, f"/any?FIF={name}.jp2&BIT=8&CVT=png"), np.floor(values / 4095 * 255 + 0.5))
    low, high = least + 1000, least + 1300
    stretched = picture(server, f"/any?FIF={name}.jp2&MINMAX=0:{low},{high}&CVT=png").astype(int)
    assert np.abs(stretched - np.floor(np.clip((values - 1000) / 300 * 255, 0, 255) + 0.5)).max() <= 1
    profile = server.get(f"/any?FIF={name}.jp2&PFL=2:10,20-200,20")
    assert json.loads(profile.body)["profile"] == (values[20, 10:200] + least).tolist()
    assert b"Bits-per-channel:12" in server.get(f"/any?FIF={name}.jp2&OBJ=Bits-per-channel").body


def test_beside_the_document(server, folder, decoded):
    assert server.get("/gallery/photo.jp2").body == (folder / "photo.jp2").read_bytes()
    whole = picture(server, "/gallery/photo.jp2/full/max/0/default.png")
    assert np.array_equal(whole, decoded(1))


def test_a_file_cut_short_is_no_picture(server):
    answer = server.get("/iiif/cut.jp2/full/max/0/default.png")
    assert answer.status == 500
    server.expect_log(r"cut\.jp2: The image file is damaged: JP2: ")
