"""Pictures from a real httpd beside what vips, Pillow and libtiff make of the same files.

Stated tolerances: a tile or region at full size of a lossless file is exact. One that comes from a
smaller level passed through other filters than the oracle's: there the mean difference may be
MEAN_TOLERANCE levels of grey, and SMALL_TOLERANCE at the end of the chain of the file's levels, each of
which dropped an odd row or column: for tiles with a side below 32 pixels, or where the level lost
half a pixel and more.

DeepZoom levels are rounded up. vips fills the last pixel of such a level by repeating the edge; what
we send shows the whole image and no more, since that is how viewers lay a tile over its part of the
picture. So pixels are compared with vips where the two are less than half a pixel apart, within
VIPS_TOLERANCE, and with Pillow's reduction of the tile's part of the source everywhere.
"""
import io
import math
import random
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from conftest import PHOTOS, REPOSITORY, service, tiff, vips
from private_httpd import Server

sys.path.insert(0, str(REPOSITORY / "scripts"))
import tiff_writer  # noqa: E402

MEAN_TOLERANCE = 4.0
SMALL_TOLERANCE = 8.0
VIPS_TOLERANCE = 10.0

SIZES = [(1, 1), (1, 5000), (257, 513), (1000, 701)]
TILES = [(16, 16), (256, 256), (240, 112), (1024, 1024)]
CASES = [
    (f"{width}x{height}-{across}x{down}", (width, height), (across, down))
    for width, height in SIZES
    for across, down in TILES
]
HUGE = (32768, 24576)


def make_source(folder, size):
    """A piece of photograph of this size, without loss."""
    path = folder / f"source-{size[0]}x{size[1]}.png"
    if not path.exists():
        photo = Image.open(PHOTOS / "chelsea.jpg").convert("RGB")
        photo.resize(size, Image.BICUBIC).save(path)
    return path


def write_huge(path):
    """32768x24576 with levels down to one tile; all tiles of a level are the same stored JPEG."""
    jpeg = io.BytesIO()
    Image.open(PHOTOS / "coffee.jpg").convert("RGB").resize((256, 256)).save(
        jpeg, "JPEG", quality=80, subsampling="4:2:0"
    )
    tile = jpeg.getvalue()
    directories = []
    width, height = HUGE
    while True:
        count = math.ceil(width / 256) * math.ceil(height / 256)
        tags = {
            254: (tiff_writer.LONG, [0 if not directories else 1]),
            256: (tiff_writer.LONG, [width]),
            257: (tiff_writer.LONG, [height]),
            258: (tiff_writer.SHORT, [8, 8, 8]),
            259: (tiff_writer.SHORT, [7]),
            262: (tiff_writer.SHORT, [6]),
            277: (tiff_writer.SHORT, [3]),
            284: (tiff_writer.SHORT, [1]),
            322: (tiff_writer.LONG, [256]),
            323: (tiff_writer.LONG, [256]),
            530: (tiff_writer.SHORT, [2, 2]),
        }
        directories.append(tiff_writer.Directory(tags, [tile] * count))
        if max(width, height) <= 256:
            break
        width, height = max(1, width // 2), max(1, height // 2)
    tiff_writer.Writer(big_tiff=True).write(path, directories)
    return tile


@pytest.fixture(scope="module")
def folder(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    for name, size, tile in CASES:
        source = make_source(folder, size)
        shape = ["--tile-width", str(tile[0]), "--tile-height", str(tile[1])]
        tiff(source, folder / f"{name}.tif", *shape, "--compression", "deflate")
    size = (1000, 701)
    source = make_source(folder, size)
    tiff(source, folder / "jpeg.tif", *"--compression jpeg --Q 85 --tile-width 256".split(),
         "--tile-height", "256")
    return folder


@pytest.fixture(scope="module")
def huge_tile(folder):
    return write_huge(folder / "huge.tif")


@pytest.fixture(scope="module")
def site(folder, module_folder):
    server = Server(module_folder / "server").start(
        service(folder, "IIPProtocol IIIF", path="/iiif")
        + service(folder, "IIPProtocol DeepZoom", path="/dz")
        + service(folder, "IIPProtocol Zoomify", path="/zoomify")
        + service(folder, path="/iip")
    )
    yield server
    server.stop()


def picture(server, target):
    answer = server.get(target)
    assert answer.status == 200, f"{target}: {answer.status} {answer.text}"
    return np.asarray(Image.open(io.BytesIO(answer.body)).convert("RGB"), dtype=np.int16)


def source_pixels(folder, size):
    return np.asarray(Image.open(make_source(folder, size)).convert("RGB"), dtype=np.int16)


def mean_difference(a, b):
    return float(np.abs(a - b).mean())


def descriptor(server, name):
    text = server.get(f"/dz/{name}.tif.dzi").text
    tile = int(re.search(r'TileSize="(\d+)"', text)[1])
    size = tuple(int(re.search(rf'{side}="(\d+)"', text)[1]) for side in ("Width", "Height"))
    return tile, size


def reduced_part(source, place, side, shape):
    """The tile at `place` ("column_row") of a grid of `side` source pixels, reduced to `shape`."""
    column, row = map(int, place.split("_"))
    box = (column * side, row * side,
           min((column + 1) * side, source.width), min((row + 1) * side, source.height))
    reduced = source.resize(shape[::-1], Image.BICUBIC, box=box)
    return np.asarray(reduced, dtype=np.int16)


@pytest.mark.parametrize("name,size,tile", CASES, ids=[case[0] for case in CASES])
def test_every_deepzoom_tile_beside_dzsave(site, folder, tmp_path, name, size, tile):
    side, described = descriptor(site, name)
    assert described == size
    subprocess.run(
        ["vips", "dzsave", make_source(folder, size), tmp_path / "oracle", "--layout", "dz",
         "--overlap", "0", "--tile-size", str(side), "--suffix", ".png"],
        check=True, capture_output=True, env={"VIPS_CONCURRENCY": "1", "PATH": "/usr/bin:/bin"},
    )
    source = Image.open(make_source(folder, size)).convert("RGB")
    tiles = sorted((tmp_path / "oracle_files").rglob("*.png"))
    highest = max(int(path.parent.name) for path in tiles)
    assert highest == math.ceil(math.log2(max(size))), "the oracle's own levels"
    for path in tiles:
        ours = picture(site, f"/dz/{name}.tif_files/{path.parent.name}/{path.name}")
        theirs = np.asarray(Image.open(path).convert("RGB"), dtype=np.int16)
        assert ours.shape == theirs.shape, path
        if int(path.parent.name) == highest:
            np.testing.assert_array_equal(ours, theirs, str(path))
            continue
        shrink = 2 ** (highest - int(path.parent.name))
        apart = max(math.ceil(length / shrink) - length / shrink for length in size)
        lost = max(length / shrink - length // shrink for length in size)
        steady = min(ours.shape[:2]) >= 32 and lost < 0.5
        tolerance = MEAN_TOLERANCE if steady else SMALL_TOLERANCE
        if apart < 0.5:
            assert mean_difference(ours, theirs) <= VIPS_TOLERANCE, path
        expected = reduced_part(source, path.stem, side * shrink, ours.shape[:2])
        assert mean_difference(ours, expected) <= tolerance, path
    beyond = site.get(f"/dz/{name}.tif_files/{highest + 1}/0_0.png")
    assert beyond.status == 404


@pytest.mark.parametrize("name,size,tile", CASES, ids=[case[0] for case in CASES])
def test_regions_at_full_size_are_exact_crops(site, folder, name, size, tile):
    pixels = source_pixels(folder, size)
    rng = random.Random(name)
    width, height = size
    for _ in range(8):
        x, y = rng.randrange(width), rng.randrange(height)
        w, h = rng.randrange(1, width - x + 1), rng.randrange(1, height - y + 1)
        ours = picture(site, f"/iiif/{name}.tif/{x},{y},{w},{h}/max/0/default.png")
        np.testing.assert_array_equal(ours, pixels[y : y + h, x : x + w])
    # The last row and column, and a region that reaches beyond the edge.
    ours = picture(site, f"/iiif/{name}.tif/{width - 1},{height - 1},100,100/max/0/default.png")
    np.testing.assert_array_equal(ours, pixels[-1:, -1:])


REGIONS = [((0, 0, 1000, 701), (500, 350)), ((0, 0, 1000, 701), (333, 233)),
           ((100, 50, 640, 480), (200, 150)), ((711, 433, 289, 268), (97, 90)),
           ((3, 5, 600, 600), (599, 599)), ((500, 300, 50, 40), (150, 120))]


@pytest.mark.parametrize("tile", ["256x256", "240x112"])
@pytest.mark.parametrize("region,size", REGIONS)
def test_scaled_regions_beside_pillow(site, folder, tile, region, size):
    x, y, w, h = region
    source = Image.open(make_source(folder, (1000, 701))).convert("RGB")
    # Pillow's box is the part, and its filter reaches into the pixels around it, as ours does.
    theirs = np.asarray(
        source.resize(size, Image.BICUBIC, box=(x, y, x + w, y + h)), dtype=np.int16
    )
    caret = "^" if size[0] > w else ""
    ours = picture(
        site, f"/iiif/1000x701-{tile}.tif/{x},{y},{w},{h}/{caret}{size[0]},{size[1]}/0/default.png"
    )
    assert ours.shape == theirs.shape
    assert mean_difference(ours, theirs) <= 2.0
    # A shift by half a pixel would be seen here: the difference grows when ours is moved.
    if min(size) >= 90:
        still = mean_difference(ours[2:-2, 2:-2], theirs[2:-2, 2:-2])
        for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            moved = np.roll(ours, (dy, dx), (0, 1))
            assert mean_difference(moved[2:-2, 2:-2], theirs[2:-2, 2:-2]) > still


def test_tiles_of_a_scaled_view_meet_without_seams(site, folder):
    """Tiles at half size put together are the half-size picture."""
    whole = picture(site, "/iiif/1000x701-240x112.tif/0,0,960,672/480,336/0/default.png")
    for x in range(0, 960, 240):
        for y in range(0, 672, 168):
            part = picture(
                site, f"/iiif/1000x701-240x112.tif/{x},{y},240,168/120,84/0/default.png"
            )
            expected = whole[y // 2 : y // 2 + 84, x // 2 : x // 2 + 120]
            assert np.abs(part - expected).max() <= 1, (x, y)


def test_a_passed_through_tile_is_what_libtiff_decodes(site, folder, tmp_path):
    target = "/iiif/jpeg.tif/256,256,256,256/256,256/0/default.jpg"
    body = site.get(target).body
    assert b"JFIF" not in body[:64], "the stored tile goes out without being encoded again"
    decoded = tmp_path / "tile.ppm"
    vips("extract_area", folder / "jpeg.tif[page=0]", decoded, "256", "256", "256", "256")
    np.testing.assert_array_equal(
        picture(site, target), np.asarray(Image.open(decoded), dtype=np.int16)
    )
    # Every level: the same tile by every protocol.
    for level, page in ((0, 0), (1, 1)):
        scale = 2**level
        iiif = site.get(f"/iiif/jpeg.tif/0,0,{256 * scale},{256 * scale}/256,256/0/default.jpg")
        deepzoom = site.get(f"/dz/jpeg.tif_files/{10 - level}/0_0.jpg")
        iip = site.get(f"/iip?FIF=jpeg.tif&JTL={2 - level},0")
        zoomify = site.get(f"/zoomify/jpeg.tif/TileGroup0/{2 - level}-0-0.jpg")
        assert iiif.status == 200
        assert iiif.body == deepzoom.body == iip.body == zoomify.body
        vips("extract_area", folder / f"jpeg.tif[page={page}]", decoded, "0", "0", "256", "256")
        np.testing.assert_array_equal(
            np.asarray(Image.open(io.BytesIO(iiif.body)).convert("RGB"), dtype=np.int16),
            np.asarray(Image.open(decoded), dtype=np.int16),
        )


def test_a_gigapixel_pyramid_tile_by_tile(site, folder, huge_tile):
    """Geometry by the specifications' arithmetic, pixels as stored."""
    width, height = HUGE
    side, described = descriptor(site, "huge")
    assert (side, described) == (256, HUGE)
    stored = np.asarray(Image.open(io.BytesIO(huge_tile)).convert("RGB"), dtype=np.int16)
    rng = random.Random(5)
    for level in range(16):
        shrink = 2 ** (15 - level)
        size = math.ceil(width / shrink), math.ceil(height / shrink)
        columns, rows = math.ceil(size[0] / 256), math.ceil(size[1] / 256)
        spots = {(0, 0), (columns - 1, rows - 1), (rng.randrange(columns), rng.randrange(rows))}
        for column, row in spots:
            ours = picture(site, f"/dz/huge.tif_files/{level}/{column}_{row}.jpg")
            expected = (min(256, size[1] - row * 256), min(256, size[0] - column * 256))
            assert ours.shape[:2] == expected, (level, column, row)
            if expected == (256, 256):
                np.testing.assert_array_equal(ours, stored)
        assert site.get(f"/dz/huge.tif_files/{level}/{columns}_0.jpg").status == 404
        assert site.get(f"/dz/huge.tif_files/{level}/0_{rows}.jpg").status == 404

    properties = site.get("/zoomify/huge.tif/ImageProperties.xml").text
    tiles = 0
    tier = HUGE
    while True:
        tiles += math.ceil(tier[0] / 256) * math.ceil(tier[1] / 256)
        if max(tier) <= 256:
            break
        tier = max(1, tier[0] // 2), max(1, tier[1] // 2)
    assert f'NUMTILES="{tiles}"' in properties
