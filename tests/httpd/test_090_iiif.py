"""The IIIF Image API 3.0 and 2.1.1 through a real httpd: every form of parameter, its status, the size of
the picture and its place, and the documents and headers that the specifications ask for.

The source is 1000x701, made so that a pixel tells where it came from: red grows to the right, green
downwards, in steps of 50 pixels, and blue says in which quarter it lies.
"""
import io
import json

import numpy as np
import pytest
from PIL import Image

from conftest import service, tiff, wait_until_settled
from private_httpd import Server

WIDTH, HEIGHT = 1000, 701
V3 = "http://iiif.io/api/image/3/context.json"
V2 = "http://iiif.io/api/image/2/context.json"


def colours(x, y):
    return 10 * (x // 50) + 20, 12 * (y // 50) + 20, 60 * (x >= WIDTH // 2) + 120 * (y >= HEIGHT // 2)


@pytest.fixture(scope="module")
def site(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    pixels = np.dstack([channel.astype(np.uint8) for channel in colours(x, y)])
    Image.fromarray(pixels).save(folder / "map.png")
    tiff(folder / "map.png", folder / "map.tif", "--tile-width", "256", "--tile-height", "256",
         "--compression", "deflate")
    Image.fromarray(pixels[:, :, 0]).save(folder / "grey.png")
    tiff(folder / "grey.png", folder / "grey.tif", "--tile-width", "256", "--tile-height", "256",
         "--compression", "deflate")
    server = Server(module_folder / "server").start(
        service(folder, "IIPProtocol IIIF", path="/iiif")
        + service(folder, "IIPProtocol IIIF", "IIPIIIFVersion 2", path="/iiif2")
        + service(folder, "IIPProtocol IIIF", "IIPMaxCVT 400", path="/small")
        + service(folder, "IIPProtocol IIIF", "IIPAllowUpscaling Off", path="/noup")
    )
    wait_until_settled()
    yield server
    server.stop()


def open_picture(answer):
    return Image.open(io.BytesIO(answer.body))


REGIONS = [  # region, left, top, width, height
    ("full", 0, 0, 1000, 701),
    ("square", 149, 0, 701, 701),
    ("100,50,300,200", 100, 50, 300, 200),
    ("900,600,500,500", 900, 600, 100, 101),
    ("999,700,1,1", 999, 700, 1, 1),
    ("pct:10,10,50,50", 100, 70, 500, 351),
    ("pct:0,0,100,100", 0, 0, 1000, 701),
    ("pct:90,90,20,20", 900, 631, 100, 70),
    ("pct:33.5,.5,10.25,50.", 335, 4, 103, 350),
]


@pytest.mark.parametrize("region,left,top,width,height", REGIONS)
def test_regions(site, region, left, top, width, height):
    answer = site.get(f"/iiif/map.tif/{region}/max/0/default.png")
    assert answer.status == 200
    image = open_picture(answer).convert("RGB")
    # Percentages may be rounded either way.
    assert abs(image.width - width) <= 1 and abs(image.height - height) <= 1
    exact = not region.startswith("pct")
    for x, y in ((0, 0), (image.width - 1, image.height - 1)):
        expected = colours(left + x, top + y)
        if exact:
            assert image.getpixel((x, y)) == expected
        else:
            assert np.abs(np.subtract(image.getpixel((x, y)), expected)[:2]).max() <= 12


BAD_REGIONS = ["1000,0,10,10", "0,701,10,10", "0,0,0,10", "0,0,10,0", "-1,0,10,10", "0,0,10", "0,0,10,10,10",
               "1.5,0,10,10", "a,b,c,d", "FULL", "pct:101,0,10,10", "pct:0,0,0,10", "pct:-1,0,10,10",
               "pct:1e1,0,10,10", "pct:nan,0,1,1", "0x1,0,1,1", " 0,0,1,1", ""]


@pytest.mark.parametrize("region", BAD_REGIONS)
def test_bad_regions(site, region):
    target = f"/iiif/map.tif/{region.replace(' ', '%20')}/max/0/default.jpg"
    assert site.get(target).status == 400


SIZES = [  # version, size, expected
    (3, "max", (1000, 701)), (3, "^max", (5000, 3505)), (3, "500,", (500, 350)), (3, "333,", (333, 233)),
    (3, ",350", (499, 350)), (3, "pct:50", (500, 351)), (3, "pct:100", (1000, 701)),
    (3, "200,200", (200, 200)), (3, "1,1", (1, 1)),
    (3, "!300,300", (300, 210)), (3, "!2000,2000", (1000, 701)), (3, "!100,5000", (100, 70)),
    (3, "^2000,", (2000, 1402)), (3, "^,1402", (2000, 1402)), (3, "^1500,1500", (1500, 1500)),
    (3, "^pct:200", (2000, 1402)), (3, "^!2000,2000", (2000, 1402)), (3, "^500,", (500, 350)),
    (2, "full", (1000, 701)), (2, "max", (1000, 701)), (2, "2000,", (2000, 1402)),
    (2, "!2000,2000", (2000, 1402)), (2, "pct:150", (1500, 1052)), (2, "500,500", (500, 500)),
]


@pytest.mark.parametrize("version,size,expected", SIZES)
def test_sizes(site, version, size, expected):
    path = "iiif" if version == 3 else "iiif2"
    answer = site.get(f"/{path}/map.tif/full/{size}/0/default.jpg")
    assert answer.status == 200, answer.text
    found = open_picture(answer).size
    # Where only one side is given the other is rounded; the given sides are exact.
    assert all(abs(a - b) <= 1 for a, b in zip(found, expected)), found
    if "!" in size:
        return
    for side, text in enumerate(size.lstrip("^").split(",")):
        if text.isdigit():
            assert found[side] == int(text)


BAD_SIZES = [
    (3, "full", 400), (3, "1001,", 400), (3, ",702", 400), (3, "pct:101", 400), (3, "2000,10", 400),
    (3, "0,", 400), (3, ",0", 400), (3, "0,0", 400), (3, ",", 400), (3, "", 400), (3, "5", 400), (3, "-5,", 400),
    (3, "5.5,", 400), (3, "pct:", 400), (3, "pct:0", 400), (3, "pct:0.01", 400), (3, "!5,", 400), (3, "^6000,", 400),
    (3, "99999999999999999999,", 400), (3, "^4294967297,1", 400), (2, "^max", 400), (2, "6000,", 400),
    (2, "0,", 400),
]


@pytest.mark.parametrize("version,size,status", BAD_SIZES)
def test_bad_sizes(site, version, size, status):
    path = "iiif" if version == 3 else "iiif2"
    assert site.get(f"/{path}/map.tif/full/{size}/0/default.jpg").status == status


def test_limits(site):
    info = site.get("/small/map.tif/info.json").text
    assert json.loads(info)["maxWidth"] == 400
    assert open_picture(site.get("/small/map.tif/full/max/0/default.jpg")).size == (400, 280)
    assert site.get("/small/map.tif/full/401,/0/default.jpg").status == 400
    for size in json.loads(info).get("sizes", []):
        target = f"/small/map.tif/full/{size['width']},{size['height']}/0/default.jpg"
        assert open_picture(site.get(target)).size == (size["width"], size["height"])
    assert site.get("/noup/map.tif/full/^2000,/0/default.jpg").status == 501
    assert "sizeUpscaling" not in site.get("/noup/map.tif/info.json").text


def test_rotation_and_mirroring(site):
    plain = open_picture(site.get("/iiif/map.tif/full/500,/0/default.png")).convert("RGB")
    turns = {"90": Image.ROTATE_270, "180": Image.ROTATE_180, "270": Image.ROTATE_90}
    for text, turn in turns.items():
        ours = open_picture(site.get(f"/iiif/map.tif/full/500,/{text}/default.png")).convert("RGB")
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(plain.transpose(turn)))
        mirrored = open_picture(site.get(f"/iiif/map.tif/full/500,/!{text}/default.png"))
        expected = plain.transpose(Image.FLIP_LEFT_RIGHT).transpose(turn)
        np.testing.assert_array_equal(np.asarray(mirrored.convert("RGB")), np.asarray(expected))
    for same in ("360", "0.0", "0."):
        assert site.get(f"/iiif/map.tif/full/500,/{same}/default.png").body == site.get(
            "/iiif/map.tif/full/500,/0/default.png").body
    for wrong in ("-90", "361", "90a", "", "!", "nan", "1e2", "!!90", "90.5.5"):
        assert site.get(f"/iiif/map.tif/full/500,/{wrong}/default.png").status == 400, wrong


def test_any_angle(site):
    png = open_picture(site.get("/iiif/map.tif/full/500,/30/default.png"))
    cos, sin = 0.8660254, 0.5
    width, height = 500, 350
    assert abs(png.width - (width * cos + height * sin)) <= 1
    assert abs(png.height - (height * cos + width * sin)) <= 1
    assert png.mode == "RGBA"
    assert png.getpixel((0, 0))[3] == 0, "corners are transparent"
    assert png.getpixel((png.width // 2, png.height // 2))[3] == 255
    jpeg = open_picture(site.get("/iiif/map.tif/full/500,/30/default.jpg")).convert("RGB")
    assert jpeg.size == png.size
    assert min(jpeg.getpixel((0, 0))) >= 250, "corners are white"


def test_qualities(site):
    colour = open_picture(site.get("/iiif/map.tif/full/max/0/color.png"))
    assert colour.mode == "RGB"
    grey = open_picture(site.get("/iiif/map.tif/full/max/0/gray.png"))
    assert grey.mode == "L"
    rgb = np.asarray(colour, dtype=float)
    luma = rgb @ [0.299, 0.587, 0.114]
    assert np.abs(np.asarray(grey) - luma).max() <= 0.51
    bitonal = np.asarray(open_picture(site.get("/iiif/map.tif/full/max/0/bitonal.png")).convert("L"))
    assert set(np.unique(bitonal)) == {0, 255}
    # Every tile is parted at the same grey: where it is black, the whole is black.
    tile = np.asarray(open_picture(
        site.get("/iiif/map.tif/512,256,256,256/max/0/bitonal.png")).convert("L"))
    np.testing.assert_array_equal(tile, bitonal[256:512, 512:768])
    assert open_picture(site.get("/iiif/grey.tif/full/max/0/color.png")).mode == "L"
    for wrong in ("native.jpg", "grey.jpg", "DEFAULT.jpg", "default", "default.", ".jpg", "default.gif",
                  "default.jpeg", "default.tiff", "default.jp2", "default.JPG", "default.jpg.png"):
        assert site.get(f"/iiif/map.tif/full/max/0/{wrong}").status == 400, wrong
    assert site.get("/iiif2/map.tif/full/full/0/native.jpg").status == 200


def test_info_3(site):
    answer = site.get("/iiif/map.tif/info.json")
    assert answer["Content-Type"] == f'application/ld+json;profile="{V3}"'
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in answer["Vary"]
    assert '<http://iiif.io/api/image/3/level2.json>;rel="profile"' in answer["Link"]
    info = json.loads(answer.text)
    assert next(iter(info)) == "@context"
    assert info["@context"] == V3
    assert info["id"] == f"http://127.0.0.1:{site.port}/iiif/map.tif"
    assert info["type"] == "ImageService3"
    assert info["protocol"] == "http://iiif.io/api/image"
    assert info["profile"] == "level2"
    assert (info["width"], info["height"]) == (WIDTH, HEIGHT)
    assert info["tiles"] == [{"width": 256, "height": 256, "scaleFactors": [1, 2, 4]}]
    # The file has 250x175, which is one tile: its height is rounded up, as that of all tiles.
    assert info["sizes"] == [{"width": 250, "height": 176}, {"width": 500, "height": 350},
                             {"width": 1000, "height": 701}]
    assert {"mirroring", "rotationArbitrary", "sizeUpscaling"} <= set(info["extraFeatures"])
    assert info["maxWidth"] == 5000
    for size in info["sizes"]:
        target = f"/iiif/map.tif/full/{size['width']},{size['height']}/0/default.jpg"
        assert open_picture(site.get(target)).size == (size["width"], size["height"])
        by_width = site.get(f"/iiif2/map.tif/full/{size['width']},/0/default.jpg")
        assert open_picture(by_width).size == (size["width"], size["height"])


def test_info_2(site):
    answer = site.get("/iiif2/map.tif/info.json")
    assert answer["Content-Type"] == "application/json"
    info = json.loads(answer.text)
    assert info["@context"] == V2
    assert info["@id"] == f"http://127.0.0.1:{site.port}/iiif2/map.tif"
    assert info["profile"][0] == "http://iiif.io/api/image/2/level2.json"
    assert "native" not in info["profile"][1].get("qualities", [])
    assert info["profile"][1]["maxWidth"] == 5000
    assert "id" not in info and "type" not in info
    ld = site.get("/iiif2/map.tif/info.json", {"Accept": "application/ld+json"})
    assert ld["Content-Type"].startswith("application/ld+json")
    assert ld.body == answer.body


@pytest.mark.parametrize("path,accept,context,content_type", [
    ("iiif", "*/*", V3, f'application/ld+json;profile="{V3}"'),
    ("iiif", "application/json", V3, "application/json"),
    ("iiif", "text/html", V3, f'application/ld+json;profile="{V3}"'),
    ("iiif", f'application/ld+json;profile="{V2}"', V2, "application/ld+json"),
    ("iiif2", f'application/ld+json;profile="{V3}"', V3, f'application/ld+json;profile="{V3}"'),
    ("iiif", "application/ld+json;profile=\"http://iiif.io/api/image/9/context.json\"", V3, None),
])
def test_negotiation(site, path, accept, context, content_type):
    answer = site.get(f"/{path}/map.tif/info.json", {"Accept": accept})
    assert answer.status == 200
    assert json.loads(answer.text)["@context"] == context
    assert "Accept" in answer["Vary"]
    if content_type:
        assert answer["Content-Type"].startswith(content_type)


def test_versions_differ_in_etag(site):
    three = site.get("/iiif/map.tif/info.json")
    two = site.get("/iiif/map.tif/info.json", {"Accept": f'application/ld+json;profile="{V2}"'})
    assert three["ETag"] != two["ETag"]
    again = site.get("/iiif/map.tif/info.json", {"If-None-Match": two["ETag"]})
    assert again.status == 200


CANONICAL = [
    ("iiif", "full/max/0/default.jpg", "full/max/0/default.jpg"),
    ("iiif", "0,0,1000,701/500,/0/color.jpg", "full/500,351/0/default.jpg"),
    ("iiif", "pct:0,0,50,50/200,/0.0/default.png", "0,0,500,351/200,140/0/default.png"),
    ("iiif", "900,600,500,500/max/!0/default.jpg", "900,600,100,101/max/!0/default.jpg"),
    ("iiif", "full/^2000,/22.50/gray.jpg", "full/^2000,1402/22.5/gray.jpg"),
    ("iiif2", "full/full/0/default.jpg", "full/full/0/default.jpg"),
    ("iiif2", "full/500,350/0/color.jpg", "full/500,/0/default.jpg"),
    ("iiif2", "full/500,500/0/native.jpg", "full/500,500/0/default.jpg"),
]


@pytest.mark.parametrize("path,asked,canonical", CANONICAL)
def test_canonical_links(site, path, asked, canonical):
    answer = site.get(f"/{path}/map.tif/{asked}")
    assert answer.status == 200, answer.text
    base = f"http://127.0.0.1:{site.port}/{path}/map.tif"
    assert f'<{base}/{canonical}>;rel="canonical"' in answer["Link"]
    # The canonical address gives the same picture and calls itself canonical.
    itself = site.get(f"/{path}/map.tif/{canonical}")
    assert itself["ETag"] == answer["ETag"]
    assert f'<{base}/{canonical}>;rel="canonical"' in itself["Link"]


def test_base_uri(site):
    for target in ("/iiif/map.tif", "/iiif2/map.tif"):
        answer = site.get(target)
        assert answer.status == 303
        assert answer["Location"] == f"http://127.0.0.1:{site.port}{target}/info.json"
        assert answer["Access-Control-Allow-Origin"] == "*"


def test_missing_image(site):
    for target in ("/iiif/none.tif/info.json", "/iiif/none.tif/full/max/0/default.jpg", "/iiif/none.tif"):
        answer = site.get(target)
        assert answer.status == 404
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Content-Type"].startswith("text/plain")
