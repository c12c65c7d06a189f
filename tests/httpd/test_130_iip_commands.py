"""Every command and object of IIP through a real httpd, and the same processing by IIIF. What comes is
compared with what numpy and Pillow make of the pixels that the files of iip_site.py were written from.
docs/iip-commands.md names these tests.
"""
import io
import itertools
import json
import xml.etree.ElementTree

import numpy as np
import pytest
from PIL import Image

from iip_site import A, F, HEIGHT, TILE, WIDTH, X, ask, assert_close, noise, pixels, rounded, shown, site


# ---- The picture


@pytest.mark.parametrize("commands,size", [
    ("WID=500", (500, 350)), ("HEI=175", (250, 175)), ("WID=100&HEI=100", (100, 70)),
    ("", (1000, 701)), ("WID=0&HEI=0", (1000, 701)), ("WID=333.9", (333, 233))])
def test_sizes(site, commands, size):
    assert Image.open(io.BytesIO(ask(site, f"{commands}&CVT=png").body)).size == size


def test_regions(site):
    made = shown(site, "RGN=0.5,0.5,0.25,0.25")
    assert np.array_equal(made, A[351:526, 500:750])
    assert np.array_equal(shown(site, "RGN=0,0,0,1"), A), "no area is no region"


def test_qualities(site):
    sizes = [len(ask(site, f"QLT={q}&WID=500&CVT=jpeg").body) for q in (10, 75, 95)]
    assert sizes == sorted(sizes) and sizes[0] * 2 < sizes[2]
    assert ask(site, "QLT=0&PTL=0,0").body != ask(site, "QLT=9&PTL=0,0").body
    for low, high in (("1", "-7"), ("100", "99999999999")):
        assert ask(site, f"QLT={low}&JTL=0,0").body == ask(site, f"QLT={high}&JTL=0,0").body


def test_bits(site):
    picture = Image.open(io.BytesIO(ask(site, "BIT=16&CVT=png", "x.tif").body))
    assert picture.mode.startswith("I")
    assert np.array_equal(np.asarray(picture), X)
    assert_close(shown(site, "BIT=8", "x.tif"), rounded(X / 65535 * 255))
    tile = pixels(ask(site, "BIT=16&TTL=2,5", "x.tif"))
    assert np.array_equal(tile, X[256:512, 256:512])
    assert np.array_equal(pixels(ask(site, "BIT=32&QLT=lzw:1&CVT=tif", "f.tif")), F)
    assert pixels(ask(site, "BIT=16&CVT=png")).dtype == np.uint8, "the file has no more"


def test_rotations(site):
    for turns in (-1, 0, 1, 2, 3, 5):
        assert np.array_equal(shown(site, f"ROT={turns * 90}"), np.rot90(A, -turns))
    assert np.array_equal(shown(site, "ROT=!90"), np.rot90(A[:, ::-1], -1))


def test_colouring(site):
    grey = A @ np.array([0.299, 0.587, 0.114])
    assert_close(shown(site, "COL=grey"), rounded(grey))
    assert set(np.unique(shown(site, "COL=binary"))) == {0, 255}
    assert Image.open(io.BytesIO(ask(site, "COL=binary&CVT=png").body)).mode == "1"


def test_settings_without_effect(site):
    plain = ask(site, "JTL=2,0")
    for commands in ("LYR=2", "LYR=-1", "ICC=1", "COL=sepia", "CMP=none", "CNT=1", "GAM=1",
                     "MINMAX=-:0,255", "MINMAX=9:1,2", "SHD=1", "CTW=[1,0,0;0,1,0;0,0,1]", "CNV=[2]",
                     "SDS=0,90", "BIT=8", "CNT=2&CNT=1"):
        answer = ask(site, f"{commands}&JTL=2,0")
        assert answer["ETag"] == plain["ETag"], commands
        assert answer.body == plain.body


# ---- Processing


def fractions(image):
    return {"a.tif": A / 255, "x.tif": X / 65535}[image]


@pytest.mark.parametrize("image", ["a.tif", "x.tif"])
@pytest.mark.parametrize("command,formula", [
    ("CNT=1.5", lambda v: v * 1.5),
    ("CNT=0", lambda v: v * 0),
    ("GAM=2", lambda v: v ** 2),
    ("GAM=0.5", np.sqrt),
    ("GAM=log", lambda v: np.log(1 + 255 * v) / np.log(256)),
    ("INV", lambda v: 1 - v),
    ("GAM=2&INV&CNT=0.5", lambda v: (1 - v ** 2) * 0.5),
    ("CNT=0.5&INV&GAM=2", lambda v: (1 - v ** 2) * 0.5),
])
def test_processing_by_formula(site, image, command, formula):
    assert_close(shown(site, command, image), rounded(formula(fractions(image)) * 255))


def test_ranges(site):
    for low, high in ((1000, 3000), (-500, 9000.5), (3000, 1000)):
        assert_close(shown(site, f"MINMAX=0:{low},{high}", "x.tif"),
                     rounded((X.astype(float) - low) / (high - low) * 255))
    one = A.astype(float)
    one[:, :, 1] = (one[:, :, 1] - 50) / 150 * 255
    assert_close(shown(site, "MINMAX=1:50,200"), rounded(one))
    assert_close(shown(site, "MINMAX=-:50,200&MINMAX=0:0,255&MINMAX=2:0,255"), rounded(one))


def test_twists(site):
    for matrix in ([[0, 1, 0], [1, 0, 0], [0, 0, 1]], [[0.2, 0.3, 0.5]] * 3, [[0.3, 0.3, 0.4]],
                   [[1, -1], [0, 2], [-0.5]]):
        text = ";".join(",".join(map(str, row)) for row in matrix)
        full = np.zeros((len(matrix), 3))
        for i, row in enumerate(matrix):
            full[i, :len(row)] = row
        expected = rounded(A @ full.T)
        made = shown(site, f"CTW=[{text}]")
        assert_close(made, expected.squeeze())


def test_stretch(site):
    low, high = X.min(), X.max()
    made = shown(site, "CNT=stretch", "x.tif")
    expected = rounded((X.astype(float) - low) / (high - low) * 255)
    # The range is found in a smaller level, whose noise is averaged.
    assert np.abs(made - expected).max() <= 4
    assert made.min() <= 2 and made.max() >= 253
    assert np.array_equal(made, shown(site, "CNT=-1", "x.tif"))


def test_equalisation(site):
    made = shown(site, "CNT=eq", "x.tif")
    counts = np.bincount(made.ravel(), minlength=256)
    halves = counts[:128].sum() / counts.sum()
    assert 0.45 < halves < 0.55, "half of the pixels below the middle"
    order = np.argsort(X.ravel(), kind="stable")
    assert (np.diff(made.ravel()[order]) >= 0).all(), "no grey passes another"


def test_hillshade(site):
    azimuth, elevation = np.radians(120), np.radians(30)
    p, q = 2, -1  # to the east, to the north
    light = (np.cos(elevation) * (-p * np.sin(azimuth) - q * np.cos(azimuth)) + np.sin(elevation))
    expected = max(light / np.sqrt(1 + p * p + q * q), 0) * 255
    made = shown(site, "SHD=120,30", "f.tif")
    assert made.shape == F.shape
    assert np.abs(made - expected).max() <= 1
    bright = shown(site, "SHD=290,30", "f.tif")
    assert bright.mean() > 200


HOT = [((0, 1 / 3), lambda v: (3 * v, 0 * v, 0 * v)), ((1 / 3, 2 / 3), lambda v: (1 + 0 * v, 3 * v - 1, 0 * v)),
       ((2 / 3, 2), lambda v: (1 + 0 * v, 1 + 0 * v, 3 * v - 2))]


def test_colour_maps(site):
    v = np.clip((X.astype(float) - 500) / 3500, 0, 1)
    expected = np.zeros((*v.shape, 3))
    for (low, high), colour in HOT:
        where = (v >= low) & (v < high)
        expected[where] = np.dstack(colour(v))[where]
    made = shown(site, "MINMAX=0:500,4000&CMP=hot", "x.tif")
    assert_close(made, rounded(expected * 255))
    red = shown(site, "MINMAX=0:500,4000&CMP=red", "x.tif")
    assert_close(red[:, :, 0], rounded(v * 255))
    assert not red[:, :, 1:].any()
    maps = {name: shown(site, f"MINMAX=0:500,4000&CMP={name}", "x.tif").tobytes()
            for name in "hot cold jet red green blue viridis magma inferno plasma cividis".split()}
    assert len(set(maps.values())) == 11


def correlated(values, kernel):
    kernel = np.array(kernel, float).reshape(3, 3)
    padded = np.pad(values.astype(float), ((1, 1), (1, 1), (0, 0)), mode="edge")
    total = sum(kernel[i, j] * padded[i:i + HEIGHT, j:j + WIDTH]
                for i, j in itertools.product(range(3), range(3)))
    return total / kernel.sum() if kernel.sum() > 0 else total


@pytest.mark.parametrize("name,kernel", [
    ("sharpen", [0, -1, 0, -1, 5, -1, 0, -1, 0]), ("gaussian", [1, 2, 1, 2, 4, 2, 1, 2, 1]),
    ("sobel", [-1, 0, 1, -2, 0, 2, -1, 0, 1]), ("[0,1,0,0,0,0,0,0,0]", [0, 1, 0, 0, 0, 0, 0, 0, 0])])
def test_convolution(site, name, kernel):
    assert_close(shown(site, f"CNV={name}"), rounded(correlated(A, kernel)))


@pytest.mark.parametrize("commands", ["CNV=sharpen&CNT=1.2", "GAM=0.7&CMP=jet", "CNT=eq", "CNT=stretch&INV",
                                      "SHD=45,45", "MINMAX=-:10,900&GAM=log",
                                      "CTW=[0.2,0.3,0.5;1,0,0;0,0,1]&COL=grey", "COL=binary"])
@pytest.mark.parametrize("image", ["a.tif", "x.tif"])
def test_tiles_meet_without_a_seam(site, image, commands):
    whole = shown(site, commands, image)
    columns = -(-WIDTH // TILE)
    for tile in range(columns * -(-HEIGHT // TILE)):
        x, y = tile % columns * TILE, tile // columns * TILE
        made = pixels(ask(site, f"{commands}&PTL=2,{tile}", image))
        assert np.array_equal(made, whole[y:y + TILE, x:x + TILE]), (tile, commands)


@pytest.mark.parametrize("commands", [
    "CNT=1.5", "GAM=0.8&CMP=jet", "MINMAX=0:10,200&INV", "CTW=[0,1,0;1,0,0;0,0,1]", "CNV=sobel", "CNT=eq",
    "BIT=16&GAM=2"])
def test_iiif_asks_for_the_same(site, commands):
    by_iip = ask(site, f"{commands}&CVT=png")
    by_iiif = site.get(f"/iiif/a.tif/full/max/0/default.png?{commands}")
    assert by_iiif.status == 200
    assert by_iiif.body == by_iip.body
    assert by_iiif["ETag"] == by_iip["ETag"]
    assert "canonical" not in by_iiif["Link"] or commands == "CNT=eq", "that is a quality, too"
    encoded = commands.replace(",", "%2C").replace(":", "%3A").replace("[", "%5B").replace(";", "%3B")
    assert site.get(f"/iiif/a.tif/full/max/0/default.png?v=1&{encoded}")["ETag"] == by_iiif["ETag"]


def test_iiif_qualities(site):
    for quality, commands in (("negative", "INV"), ("stretch", "CNT=stretch"), ("equalization", "CNT=eq"),
                              ("log", "GAM=log")):
        answer = site.get(f"/iiif/a.tif/full/max/0/{quality}.png")
        assert answer.body == ask(site, f"{commands}&CVT=png").body
        assert f"/{quality}.png>" in answer["Link"]
        assert site.get(f"/iip?IIIF=a.tif/full/max/0/{quality}.png").status == 400, "not extended"
    assert site.get("/iiif/a.tif/full/max/0/default.png?CNT=x").status == 400
    plain = site.get("/iip?IIIF=a.tif/full/max/0/default.png&CNT=x")
    assert plain.status == 200, "the query belongs to somebody else"


# ---- Outputs


def test_formats(site):
    for name, kind, start in (("jpeg", "jpeg", b"\xff\xd8\xff"), ("JPG", "jpeg", b"\xff\xd8\xff"),
                              ("png", "png", b"\x89PNG"), ("webp", "webp", b"RIFF"), ("tif", "tiff", b"II*\0"),
                              ("tiff", "tiff", b"II*\0"), ("bogus", "jpeg", b"\xff\xd8\xff")):
        answer = ask(site, f"WID=200&CVT={name}")
        assert answer["Content-Type"] == f"image/{kind}"
        assert answer.body.startswith(start)
        assert Image.open(io.BytesIO(answer.body)).size == (200, 140)
    avif = ask(site, "WID=200&CVT=avif")
    assert avif["Content-Type"] == "image/avif" and avif.body[4:12] == b"ftypavif"
    assert np.array_equal(pixels(ask(site, "CVT=tif")), A)
    assert np.array_equal(pixels(ask(site, "QLT=-1&CVT=webp")), A), "without loss"


def test_tiles(site):
    expected = A[256:512, 256:512]
    assert np.array_equal(pixels(ask(site, "PTL=2,5")), expected)
    assert np.array_equal(pixels(ask(site, "TTL=2,5")), expected)
    assert np.array_equal(pixels(ask(site, "QLT=-1&WTL=2,5")), expected)
    assert ask(site, "ATL=2,5").body[4:12] == b"ftypavif"
    assert ask(site, "JTLS=0,2,5,90").body == ask(site, "JTL=2,5").body
    assert pixels(ask(site, "PTL=2,11")).shape == (701 - 512, 1000 - 768, 3), "the last one"


def test_tile_block(site):
    body, found = ask(site, "CNT=2&INV&TIL=2,0-5").body, []
    while body:
        head, body = body.split(b":", 1)
        name, length = head.decode().split("/")
        found.append(int(name.split(",")[2]))
        assert body[:8] == bytes([2, 0, 0, 0, 0, 17, 0, 0])
        assert Image.open(io.BytesIO(body[8:int(length)])).size == (256, 256)
        body = body[int(length):].removeprefix(b"\r\n")
    assert found == [0, 4, 1, 5]


def reflectances(answer):
    root = xml.etree.ElementTree.fromstring(answer.body)
    assert root.tag == "spectra"
    return [(p.find("wavelength").text, float(p.find("reflectance").text)) for p in root]


def test_spectra(site):
    corners = [(0, 0, 0), (5, 3, 4), (3, 231, 0), (8, 0, 188), (11, 231, 188)]
    for tile, x, y in corners:
        column, row = tile % 4 * 256 + x, tile // 4 * 256 + y
        answer = ask(site, f"INV&SPECTRA=2,{tile},{x},{y}", "x.tif")
        assert answer["Content-Type"] == "application/xml"
        assert reflectances(answer) == [("0", pytest.approx(X[row, column] / 65535, abs=1e-6))]
        values = [(str(c), pytest.approx(A[row, column, c] / 255, abs=1e-6)) for c in range(3)]
        assert reflectances(ask(site, f"SPECTRA=2,{tile},{x},{y}")) == values
    assert reflectances(ask(site, "SPECTRA=0,1,43,199", "f.tif")) == [("0", float(F[199, 299]))]
    for point in ("2,3,232,0", "2,8,0,189", "2,0,256,0", "2,0,0,256"):
        assert site.get(f"/iip?FIF=x.tif&SPECTRA={point}").status == 400
    for point in ("3,0,0,0", "2,12,0,0", "99999999999,0,0,0"):
        assert site.get(f"/iip?FIF=x.tif&SPECTRA={point}").status == 404


def test_profiles(site):
    def profile(line, image="x.tif"):
        answer = ask(site, f"PFL={line}", image)
        assert answer["Content-Type"] == "application/json"
        return json.loads(answer.body)["profile"]

    assert profile("2:10,20-990,20") == X[20, 10:990].tolist()
    assert profile("2:999,0-999,701") == X[:, 999].tolist()
    assert profile("2:7,8") == [int(X[8, 7])]
    assert profile("2:0,0-700,700") == X[np.arange(700), np.arange(700)].tolist()
    steps = np.arange(900)
    rows = np.floor(steps * 300 / 900 + 0.5).astype(int)
    assert profile("2:950,100-50,400") == X[100 + rows, 950 - steps].tolist()
    assert profile("2:1,2-4,2", "a.tif") == A[2, 1:4].ravel().tolist()
    text = ask(site, "PFL=0:3,4-5,4", "f.tif").text
    assert text == '{\n\t"profile": [10.000000000,12.000000000]\n}'
    for line in ("2:0,0-1001,0", "2:1000,0", "2:0,701"):
        assert site.get(f"/iip?FIF=x.tif&PFL={line}").status == 400
    assert site.get("/iip?FIF=x.tif&PFL=3:0,0").status == 404


def test_values_are_named_and_kept(site):
    first = ask(site, "PFL=2:0,0-500,500", "x.tif")
    assert ask(site, "CNT=2&PFL=2:0,0-500,500", "x.tif")["ETag"] == first["ETag"]
    assert ask(site, "PFL=2:0,0-500,499", "x.tif")["ETag"] != first["ETag"]
    again = site.get("/iip?FIF=x.tif&PFL=2:0,0-500,500", {"If-None-Match": first["ETag"]})
    assert again.status == 304


# ---- Objects


def test_objects(site):
    def lines(names, image="a.tif", before=""):
        commands = before + "&".join(f"OBJ={name}" for name in names)
        text = ask(site, commands, image).text
        assert text.endswith("\r\n")
        return text[:-2].split("\r\n")

    assert lines(["Max-size", "IIP,1.0"]) == ["IIP:1.0", "Max-size:1000 701"]
    assert lines(["iip-server", "RESOLUTION-NUMBER", "Tile-size"]) == [
        "IIP-server:3.65", "Resolution-number:3", "Tile-size:256 256"]
    assert lines(["Resolutions"]) == ["Resolutions:250 175,500 350,1000 701"]
    assert lines(["Max-size"], before="ROT=90&") == ["Max-size:701 1000"]
    assert lines(["Basic-info"]) == ["IIP-server:3.65", "Max-size:1000 701", "Resolution-number:3",
                                     "Colorspace,0-2,0:0 0 3 3 0 1 2"]
    assert lines(["Colorspace,0-2,0"], "x.tif") == ["Colorspace,0-2,0:0 0 1 1 0"]
    assert lines(["Bits-per-channel"], "x.tif") == ["Bits-per-channel:16"]
    assert lines(["Min-Max-sample-values"], "x.tif") == ["Min-Max-sample-values: 0  65535"]
    assert lines(["Min-Max-sample-values"]) == ["Min-Max-sample-values: 0  255  0  255  0  255"]
    assert lines(["Horizontal-views", "Vertical-views"]) == ["Horizontal-views:0", "Vertical-views:90"]
    assert lines(["DPI"]) == ["DPI:2000.000000 2000.000000"]
    assert lines(["IIP-opt-comm"])[0].startswith("IIP-opt-comm:CVT CNT QLT ")


def test_texts(site):
    def text(name):
        return ask(site, f"OBJ={name}", "texts.tif")

    assert text("creator").text == "Ada\r\n"
    assert text("description").text == 'A "picture"\nof two lines\r\n'
    assert text("rights")["Content-Type"].startswith("text/plain")
    assert text("xmp").text == "<x:xmpmeta/>\r\n"
    assert text("xmp")["Content-Type"].startswith("application/xml")
    metadata = text("metadata")
    assert metadata["Content-Type"].startswith("application/json")
    said = json.loads(metadata.text)
    assert said["description"] == 'A "picture"\nof two lines' and said["creator"] == "Ada"
    assert list(said) == sorted(said)


# ---- Mistakes


def test_errors(site):
    for query, status, line in (
            ("FIF=a.tif&WID=x&CVT=png", 400, b"Error/9:2 1 WID=x\r\n"),
            ("FIF=a.tif&FOO=1&CVT=png", 400, b"Error/7:2 2 FOO\r\n"),
            ("CVT=png&FIF=a.tif", 400, b"Error/7:1 3 png\r\n"),
            ("FIF=none.tif&CVT=png", 404, b"Error/26:1 3 The image is not there\r\n"),
            ("FIF=a.tif&OBJ=nonsense", 400, b"Error/12:3 2 nonsense\r\n"),
            ("FIF=a.tif&CTW=[1,&CVT=png", 400, b"Error/11:2 1 CTW=[1,\r\n")):
        answer = site.get(f"/iip?{query}")
        assert (answer.status, answer.body) == (status, line), query


def test_views_that_are_not_there(site):
    for commands in ("SDS=1&JTL=0,0", "SDS=0,45&CVT=png", "JTLS=10,0,0,90", "SDS=-1,90&PTL=0,0"):
        assert site.get(f"/iip?FIF=a.tif&{commands}").status == 404, commands
