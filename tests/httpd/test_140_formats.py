"""Pictures in every format, by every protocol that can ask for it: their type, their pixels beside
the lossless ones, what they say of themselves, and that a URL names one picture."""
import io
import json
import shutil
import struct
import subprocess
import zlib

import numpy as np
import pytest
from PIL import Image

from conftest import PHOTOS, service, tiff, vips, wait_until_settled
from private_httpd import Server

XMP = (b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
       b"<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
       b"<dc:format>image/tiff</dc:format></rdf:Description></rdf:RDF></x:xmpmeta>")
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif",
         "tif": "image/tiff"}
EXPORTS = {"jpeg": "jpg", "png": "png", "webp": "webp", "avif": "avif", "tiff": "tif"}
TILES = {"JTL": "jpg", "PTL": "png", "WTL": "webp", "ATL": "avif", "TTL": "tif"}


def write_significant(path):
    """Grey, all values, of which five bits are said to be significant: an sBIT chunk behind IHDR."""
    plain = io.BytesIO()
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(plain, "PNG")
    data = plain.getvalue()
    chunk = b"sBIT" + b"\5"
    chunk = struct.pack(">I", 1) + chunk + struct.pack(">I", zlib.crc32(chunk))
    header_end = 8 + 4 + 4 + 13 + 4
    path.write_bytes(data[:header_end] + chunk + data[header_end:])


@pytest.fixture(scope="module")
def folder(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    size = ("900", "--height", "600", "--size", "force")
    vips("thumbnail", PHOTOS / "coffee.jpg", folder / "photo.png", *size)
    tiles = "--tile-width 256 --tile-height 256".split()
    tiff(folder / "photo.png", folder / "photo.tif", "--compression", "deflate", *tiles)
    tiff(folder / "photo.png", folder / "stored.tif", "--compression", "jpeg", "--Q", "85", *tiles)
    Image.open(folder / "photo.png").convert("RGB").save(
        folder / "described.tif", dpi=(300, 300),
        tiffinfo={270: "A description", 315: "An author", 700: XMP})
    Image.open(folder / "photo.png").save(folder / "oblong.tif", dpi=(300, 150))
    shutil.copy(folder / "described.tif", folder / "iptc.tif")
    subprocess.run(["exiftool", "-q", "-overwrite_original", "-IPTC:By-line=Ada", folder / "iptc.tif"],
                   check=True)
    write_significant(folder / "significant.png")
    wait_until_settled()
    return folder


@pytest.fixture(scope="module")
def server(module_folder, folder):
    server = Server(module_folder / "server")
    server.start(
        service(folder)
        + service(folder, "IIPWebPQuality -1", "IIPAVIFQuality -1", "IIPTIFFCompression zstd",
                  path="/lossless")
        + service(folder, 'IIPCopyright "A Museum"', "IIPJPEGOptimise On", path="/rights")
    )
    yield server
    server.stop()


def decoded(body, folder):
    """By Pillow; AVIF, which it can not read, by libavif's own decoder."""
    if body[4:12] != b"ftypavif":
        return np.asarray(Image.open(io.BytesIO(body)))
    (folder / "picture.avif").write_bytes(body)
    subprocess.run(["avifdec", folder / "picture.avif", folder / "picture.png"], check=True,
                   capture_output=True)
    return np.asarray(Image.open(folder / "picture.png"))


def tags(body, folder):
    (folder / "picture").write_bytes(body)
    said = subprocess.run(["exiftool", "-json", "-G1", "-n", folder / "picture"], check=True,
                          capture_output=True).stdout
    return json.loads(said)[0]


def psnr(a, b):
    assert a.shape == b.shape
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


@pytest.fixture(scope="module")
def photo(folder):
    return np.asarray(Image.open(folder / "photo.png").convert("RGB"))


@pytest.mark.parametrize("extension", TYPES)
def test_iiif(server, folder, module_folder, photo, extension):
    target = f"/iiif/photo.tif/full/max/0/default.{extension}"
    answer = server.get(target)
    assert answer.status == 200
    assert answer["Content-Type"] == TYPES[extension]
    picture = decoded(answer.body, module_folder)
    if extension in ("png", "tif"):
        assert np.array_equal(picture, photo)
    else:
        assert psnr(picture, photo) > 30
    again = server.get(target, {"Cache-Control": "no-cache"})
    assert (again.body, again["ETag"]) == (answer.body, answer["ETag"])
    assert server.get(target, {"If-None-Match": answer["ETag"]}).status == 304


def test_each_format_has_its_own_etag(server):
    etags = {server.get(f"{path}/photo.tif/full/max/0/default.{extension}")["ETag"]
             for extension in TYPES for path in ("/iiif", "/lossless")}
    assert len(etags) == 2 * len(TYPES) - 2  # JPEG and PNG are the same in both


@pytest.mark.parametrize("extension", ["png", "webp", "avif", "tif"])
def test_lossless(server, module_folder, photo, extension):
    answer = server.get(f"/lossless/photo.tif/full/max/0/default.{extension}")
    assert np.array_equal(decoded(answer.body, module_folder), photo)
    if extension == "tif":
        assert tags(answer.body, module_folder)["IFD0:Compression"] == 50000


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_of_iip(server, module_folder, name):
    answer = server.get(f"/iiif?FIF=photo.tif&WID=300&CVT={name}")
    assert answer.status == 200
    assert answer["Content-Type"] == TYPES[EXPORTS[name]]
    plain = np.asarray(Image.open(io.BytesIO(
        server.get("/iiif?FIF=photo.tif&WID=300&CVT=png").body)))
    assert plain.shape == (200, 300, 3)
    assert psnr(decoded(answer.body, module_folder), plain) > 30


@pytest.mark.parametrize("command", TILES)
def test_tiles_of_iip(server, module_folder, photo, command):
    answer = server.get("/iiif?FIF=photo.tif&OBJ=Resolution-number")
    largest = int(answer.body.split(b"Resolution-number:")[1].split()[0]) - 1
    tile = server.get(f"/iiif?FIF=photo.tif&{command}={largest},5")
    assert tile.status == 200
    assert tile["Content-Type"] == TYPES[TILES[command]]
    assert psnr(decoded(tile.body, module_folder), photo[256:512, 256:512]) > 30


@pytest.mark.parametrize("extension", TYPES)
def test_pictures_say_what_their_source_says(server, module_folder, extension):
    said = tags(server.get(f"/rights/described.tif/full/max/0/default.{extension}").body,
                module_folder)
    assert said["XMP-dc:Format"] == "image/tiff"
    places = {"jpg": {"File:Comment": "mod_iip\nA Museum", "JFIF:XResolution": 300},
              "png": {"PNG:Author": "An author", "PNG:Description": "A description",
                      "PNG:Copyright": "A Museum", "PNG:Software": "mod_iip"},
              "tif": {"IFD0:Artist": "An author", "IFD0:ImageDescription": "A description",
                      "IFD0:Copyright": "A Museum", "IFD0:Software": "mod_iip",
                      "IFD0:XResolution": 300}}
    for name, value in places.get(extension, {}).items():
        assert said[name] == value


@pytest.mark.parametrize("rotation,x,y", [("0", 300, 150), ("90", 150, 300), ("!180", 300, 150),
                                          ("270", 150, 300), ("45", None, None)])
def test_the_density_turns_with_the_picture(server, module_folder, rotation, x, y):
    said = tags(server.get(f"/iiif/oblong.tif/full/max/{rotation}/default.tif").body, module_folder)
    assert (said.get("IFD0:XResolution"), said.get("IFD0:YResolution")) == (x, y)
    half = tags(server.get(f"/iiif/oblong.tif/full/450,300/{rotation}/default.tif").body,
                module_folder)
    assert half.get("IFD0:XResolution") == (x and x / 2)


# What carries IPTC: WebP and AVIF have no place for it, and PNG none that its specification names.
@pytest.mark.parametrize("extension,has_it", [("jpg", True), ("tif", True), ("png", False),
                                              ("webp", False), ("avif", False)])
def test_iptc(server, module_folder, extension, has_it):
    said = tags(server.get(f"/iiif/iptc.tif/full/max/0/default.{extension}").body, module_folder)
    assert (said.get("IPTC:By-line") == "Ada") is has_it
    assert said["XMP-dc:Format"] == "image/tiff", "which all have"


def test_significant_bits_of_png_change_nothing(server, folder):
    """sBIT says which bits had a meaning once; samples fill their depth all the same (PNG
    specification, 12.4)."""
    shown = np.asarray(Image.open(io.BytesIO(
        server.get("/iiif/significant.png/full/max/0/default.png").body)))
    stored = np.asarray(Image.open(folder / "significant.png"))
    assert b"sBIT" in (folder / "significant.png").read_bytes()
    assert stored.max() == 255 and np.array_equal(shown, stored)


def test_tiles_say_nothing(server, module_folder):
    tile = "described.tif/0,0,256,256/256,256/0/default.png"
    said = tags(server.get("/rights/" + tile).body, module_folder)
    assert not [name for name in said if name.startswith(("XMP", "IFD0", "PNG:Author"))]
    assert server.get("/rights/" + tile)["ETag"] == server.get("/iiif/" + tile)["ETag"]


def test_copyright_is_part_of_the_etag(server):
    whole = "described.tif/full/max/0/default.png"
    assert server.get("/rights/" + whole)["ETag"] != server.get("/iiif/" + whole)["ETag"]


def test_stored_tiles_still_pass_through(server):
    """Formats to choose from cost a JPEG pyramid nothing."""
    tile = server.get("/iiif/stored.tif/0,0,256,256/256,256/0/default.jpg").body
    optimised = server.get("/rights/stored.tif/0,0,256,256/256,256/0/default.jpg").body
    assert tile == optimised  # no encoder had a part in it


def test_optimised_tables(server):
    target = "photo.tif/full/max/0/default.jpg"
    standard, optimised = (server.get(path + target).body for path in ("/iiif/", "/rights/"))
    assert len(optimised) < len(standard)
    assert np.array_equal(*(np.asarray(Image.open(io.BytesIO(body)))
                            for body in (standard, optimised)))


def test_what_a_format_can_not_hold_is_refused(server):
    """WebP has at most 16383 pixels a side."""
    answer = server.get("/iiif/photo.tif/0,0,900,1/^16384,1/0/default.webp")
    assert answer.status in (400, 413)
