"""Watermarks: the values of blended pixels by arithmetic, the same marks in tiles, regions and TIL,
and what a changed mark does to ETags."""
import io
import json
import re
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from conftest import service, tiff, wait_until_settled
from private_httpd import Server

SIZE = (1100, 700)
MARK = (60, 30)
GROUND = 100
SQUARES = 3 * 2  # of 512 pixels
# Left half: red, opaque. Right half: blue, of alpha 102, which is 0.4. Opacity 0.5.
RED = (178, 50, 50)  # 100 and (255, 0, 0), half each; 177.5 is rounded up
BLUE = (80, 80, 131)  # 100 * 0.8 + (0, 0, 255) * 0.2
PLAIN = (GROUND, GROUND, GROUND)


def write_mark(path, left=(255, 0, 0, 255)):
    mark = Image.new("RGBA", MARK, left)
    mark.paste((0, 0, 255, 102), (MARK[0] // 2, 0, MARK[0], MARK[1]))
    mark.save(path)


@pytest.fixture(scope="module")
def folder(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    write_mark(module_folder / "mark.png")
    plain = folder / "plain.png"
    Image.new("RGB", SIZE, PLAIN).save(plain)
    tiles = "--tile-width 256 --tile-height 256".split()
    tiff(plain, folder / "plain.tif", "--compression", "deflate", *tiles)
    tiff(plain, folder / "jpeg.tif", "--compression", "jpeg", "--Q", "90", *tiles)
    Image.new("L", SIZE, GROUND).save(folder / "grey.png")
    wait_until_settled()
    return folder


@pytest.fixture(scope="module")
def server(module_folder, folder):
    mark = module_folder / "mark.png"
    server = Server(module_folder / "server")
    server.start(
        service(folder, f'IIPWatermark "{mark}"', "IIPWatermarkOpacity 0.5")
        + service(folder, path="/plain")
        + service(folder, f'IIPWatermark "{mark}"', "IIPWatermarkOpacity 0.25", path="/faint")
        + service(folder, f'IIPWatermark "{mark}"', "IIPWatermarkProbability 0", path="/never")
    )
    yield server
    server.stop()


def write_deep_png(path, samples):
    """Big-endian grey and alpha of 16 bits, which Pillow does not write: PNG specification, 11.2."""
    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data
                + struct.pack(">I", zlib.crc32(name + data)))
    height, width, _ = samples.shape
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    path.write_bytes(b"\x89PNG\r\n\x1a\n"
                     + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 4, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pixels(server, target):
    answer = server.get(target)
    assert answer.status == 200, answer.body
    return np.asarray(Image.open(io.BytesIO(answer.body)))


def colours(picture):
    """How many pixels there are of each colour."""
    values, counts = np.unique(picture.reshape(-1, picture.shape[-1]), axis=0, return_counts=True)
    return {tuple(int(v) for v in value): int(count) for value, count in zip(values, counts)}


def is_red(picture):
    return picture[..., 0].astype(int) - picture[..., 1] > 60


def test_every_square_has_one_mark_of_the_right_colours(server):
    whole = pixels(server, "/iiif/plain.tif/full/max/0/default.png")
    half = MARK[0] * MARK[1] // 2 * SQUARES
    assert colours(whole) == {
        RED: half, BLUE: half, PLAIN: SIZE[0] * SIZE[1] - 2 * half}
    for y in range(0, SIZE[1], 512):
        for x in range(0, SIZE[0], 512):
            square = colours(whole[y:y + 512, x:x + 512])
            assert square[RED] == square[BLUE] == half // SQUARES


def test_grey_pictures_have_it_in_grey(server):
    grey = pixels(server, "/iiif/grey.png/full/max/0/default.png")
    # 0.299 * 255 = 76 and 0.114 * 255 = 29, blended as above.
    assert set(np.unique(grey)) == {GROUND, round(GROUND * 0.5 + 76 * 0.5), round(80 + 29 * 0.2)}


@pytest.mark.parametrize("scale", [1, 2])
def test_tiles_continue_the_marks(server, scale):
    """Tiles narrower than the mark, put together, beside the whole."""
    width, height = (-(-side // scale) for side in SIZE)
    whole = pixels(server, f"/iiif/plain.tif/full/{width},{height}/0/default.png")
    across, down = 56 * scale, 256 * scale
    marked = 0
    for y in range(0, SIZE[1], down):
        for x in range(0, SIZE[0], across):
            w, h = min(across, SIZE[0] - x), min(down, SIZE[1] - y)
            size = f"{-(-w // scale)},{-(-h // scale)}"
            tile = pixels(server, f"/iiif/plain.tif/{x},{y},{w},{h}/{size}/0/default.png")
            place = whole[y // scale:, x // scale:][:tile.shape[0], :tile.shape[1]]
            assert np.array_equal(tile, place)
            marked += len(colours(tile)) > 1
    squares = -(-width // 512) * -(-height // 512)
    assert marked > squares  # a whole mark lies in two tiles at least


def test_every_protocol_shows_the_same(server):
    """At full size: lossless by CVT, within JPEG's loss by tiles of IIP, DeepZoom and Zoomify."""
    whole = pixels(server, "/iiif/plain.tif/full/max/0/default.png").astype(int)
    exported = pixels(server, "/iiif?FIF=plain.tif&CVT=png")
    assert np.array_equal(exported, whole)
    answer = server.get("/iiif?FIF=plain.tif&OBJ=Resolution-number")
    largest = int(re.search(rb"Resolution-number:(\d+)", answer.body)[1]) - 1
    place = whole[:256, 256:512]
    for target in (f"/iiif?FIF=plain.tif&QLT=95&JTL={largest},1",
                   "/iiif?DeepZoom=plain.tif_files/11/1_0.jpg",  # 2**11 >= 1100
                   f"/iiif?Zoomify=plain.tif/TileGroup0/{largest}-1-0.jpg"):
        assert np.abs(pixels(server, target).astype(int) - place).mean() < 2


def test_stored_tiles_and_blocks_do_not_get_round_it(server):
    """JPEG tiles, which pass through elsewhere."""
    whole = pixels(server, "/iiif/jpeg.tif/full/max/0/default.png").astype(int)
    marked = 0
    for row in range(3):
        for column in range(5):
            x, y = column * 256, row * 256
            w, h = min(256, SIZE[0] - x), min(256, SIZE[1] - y)
            place = whole[y:y + h, x:x + w]
            tile = server.get(f"/iiif/jpeg.tif/{x},{y},{w},{h}/max/0/default.jpg")
            block = server.get(f"/iiif?FIF=jpeg.tif&TIL=3,{row * 5 + column}").body
            block = block[block.index(b"\xff\xd8"):-2]
            for body in (tile.body, block):
                shown = np.asarray(Image.open(io.BytesIO(body)))
                assert np.abs(shown.astype(int) - place).mean() < 2
                # Red keeps its place, whatever JPEG does to its edges.
                if is_red(place).sum() > 64:
                    assert is_red(shown).any()
                if not is_red(place).any():
                    assert not is_red(shown).any()
            marked += bool(is_red(place).any())
    assert marked >= SQUARES


def test_the_same_url_is_the_same_picture(server):
    target = "/iiif/plain.tif/0,0,600,600/300,300/0/default.jpg"
    first = server.get(target)
    again = server.get(target, {"Cache-Control": "no-cache"})
    assert (first.body, first["ETag"]) == (again.body, again["ETag"])
    assert server.get(target, {"If-None-Match": first["ETag"]}).status == 304
    tags = {server.get(target.replace("/iiif", path))["ETag"]
            for path in ("/iiif", "/plain", "/faint", "/never")}
    assert len(tags) == 3  # one that is never drawn is none
    assert server.get(target.replace("/iiif", "/never")).body == (
        server.get(target.replace("/iiif", "/plain")).body)


def test_numbers_are_those_of_the_file(server):
    """SPECTRA of each tile's middle, and PFL across the picture, which meets marks."""
    answer = server.get("/iiif?FIF=plain.tif&OBJ=Resolution-number")
    largest = int(re.search(rb"Resolution-number:(\d+)", answer.body)[1]) - 1
    whole = pixels(server, "/iiif/plain.tif/full/max/0/default.png")
    lines = [y for y in range(SIZE[1]) if (whole[y] != GROUND).any()]
    assert len(lines) > MARK[1]
    for y in (lines[0], lines[len(lines) // 2]):
        line = f"/iiif?FIF=plain.tif&PFL={largest}:0,{y}-{SIZE[0] - 1},{y}"
        profile = json.loads(server.get(line).body)["profile"]
        assert set(profile) == {GROUND} and len(profile) == 3 * (SIZE[0] - 1)
        x = int(np.argmax((whole[y] != GROUND).any(axis=-1)))
        tile = y // 256 * -(-SIZE[0] // 256) + x // 256
        spectrum = server.get(f"/iiif?FIF=plain.tif&SPECTRA={largest},{tile},{x % 256},{y % 256}").text
        values = re.findall(r"<reflectance>(.*?)</reflectance>", spectrum)
        assert [float(value) for value in values] == pytest.approx([GROUND / 255] * 3, abs=1e-6)


def test_a_mark_of_sixteen_bits(server, module_folder, folder):
    """Grey, on a picture of 16 bits: 20000 and 51234, of which a half and a quarter."""
    levels = np.array([51234, 65535 // 2], ">u2")  # grey, alpha
    write_deep_png(module_folder / "deep-mark.png", np.tile(levels, (MARK[1], MARK[0], 1)))
    Image.fromarray(np.full((SIZE[1], SIZE[0]), 20000, np.uint16)).save(folder / "deep.png")
    wait_until_settled()
    private = Server(module_folder / "deep-server")
    private.start(service(folder, f'IIPWatermark "{module_folder}/deep-mark.png"',
                          "IIPWatermarkOpacity 0.5"))
    try:
        answer = private.get("/iiif?FIF=deep.png&BIT=16&CVT=png")
        shown = np.asarray(Image.open(io.BytesIO(answer.body))).astype(int)
        weight = 0.5 * (65535 // 2) / 65535
        expected = 20000 * (1 - weight) + 51234 * weight
        values, counts = np.unique(shown, return_counts=True)
        assert len(values) == 2
        assert counts[values != 20000] == MARK[0] * MARK[1] * SQUARES
        assert abs(values[values != 20000][0] - expected) <= 1
        eight = np.asarray(Image.open(io.BytesIO(private.get(
            "/iiif/deep.png/full/max/0/default.png").body))).astype(int)
        assert np.abs(eight - shown / 257).max() <= 1
    finally:
        private.stop()


def test_a_restart_reads_the_mark_anew(server, folder, module_folder):
    target = "/iiif/plain.tif/full/max/0/default.png"
    before = server.get(target)
    write_mark(module_folder / "mark.png", left=(0, 255, 0, 255))
    assert server.get(target)["ETag"] == before["ETag"]
    old = server.children()
    server.graceful()
    server.wait_until_gone(old)
    after = server.get(target)
    assert after["ETag"] != before["ETag"]
    assert (50, 178, 50) in colours(np.asarray(Image.open(io.BytesIO(after.body))))
