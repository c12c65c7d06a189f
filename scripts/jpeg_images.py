"""The JPEG files that the tests read, and their pixels as Pillow (libjpeg) decodes them whole.

Levels are those that libjpeg's transforms give (a half, a quarter, an eighth, rounded up) while the
picture is larger than a tile, then averages of the last of these.
"""

import io
import struct
import subprocess
import tempfile

import numpy
from PIL import Image, ImageOps

import image_kit

TILE = 256
LAST_TRANSFORMED = 3
SAMPLINGS = {"444": "1x1", "422": "2x1", "420": "2x2", "411": "4x1", "440": "1x2", "410": "4x2"}
SEQUENTIAL = {"plain": [], "rows": ["-restart", "1"], "blocks": ["-restart", "3B"], "optimised": ["-optimize"]}
# Those that are read from their beginning only.
WHOLE = {"progressive": ["-progressive"], "arithmetic": ["-arithmetic"], "both": ["-arithmetic", "-progressive"]}
SIZES = [(1, 1), (1, 5000), (5000, 1), (257, 513), (1000, 701), (17, 16), (2100, 2050)]


def cjpeg(pixels, *options):
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PPM")
    return subprocess.run(["cjpeg", *options], input=data.getvalue(), capture_output=True, check=True).stdout


def decoded(data, scale):
    """As Image.draft() does it, which leaves out pictures that are narrower than the scale."""
    image = Image.open(io.BytesIO(data))
    mode, _, offset, arguments = image.tile[0]
    image._size = tuple(-(-side // scale) for side in image.size)
    image.tile = [(mode, (0, 0, *image._size), offset, arguments)]
    image.decoderconfig = (scale, 0)
    return image


def averaged(pixels, factor):
    """Means of blocks, those at the right and bottom of what is there; halves to even."""
    height, width = pixels.shape[:2]
    rows = numpy.arange(0, height, factor)
    columns = numpy.arange(0, width, factor)
    sums = numpy.add.reduceat(numpy.add.reduceat(pixels.astype(numpy.int64), rows, 0), columns, 1)
    counts = numpy.outer(numpy.minimum(factor, height - rows), numpy.minimum(factor, width - columns))
    return numpy.rint(sums / counts.reshape(*counts.shape, *[1] * (pixels.ndim - 2))).astype(pixels.dtype)


def levels(data, turn=lambda image: image):
    width, height = Image.open(io.BytesIO(data)).size
    level = 0
    while True:
        if level <= LAST_TRANSFORMED:
            image = decoded(data, 1 << level)
            image = image.convert("RGB") if image.mode == "CMYK" else image
            last = image
            pixels = numpy.asarray(turn(image))
        else:
            pixels = averaged(numpy.asarray(last), 1 << (level - LAST_TRANSFORMED))
            pixels = numpy.asarray(turn(Image.fromarray(pixels)))
        yield level, pixels
        if max(-(-width // (1 << level)), -(-height // (1 << level))) <= TILE:
            return
        level += 1


def add(images, name, data, turn=lambda image: image):
    images.path(name).write_bytes(data)
    for level, pixels in levels(data, turn):
        images.expect(name, level, pixels)


def without_segment(data, marker):
    """The stream without its segments of this marker, up to the scan."""
    out = data[:2]
    at = 2
    while data[at + 1] != 0xDA:
        length = 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        if data[at + 1] != marker:
            out += data[at : at + length]
        at += length
    return out + data[at:]


def cmyk(photo):
    inks = Image.fromarray(photo).convert("CMYK")
    inks.putdata([(c, m, y, (c * y) // 300) for c, m, y, _ in inks.getdata()])
    return inks


def colours(images, photo):
    grey = numpy.asarray(Image.fromarray(photo).convert("L"))
    for coding, options in (SEQUENTIAL | WHOLE).items():
        for name, sampling in SAMPLINGS.items():
            add(images, f"jpeg_{name}_{coding}.jpg", cjpeg(photo, "-sample", sampling, *options))
        add(images, f"jpeg_grey_{coding}.jpg", cjpeg(grey, *options))
        add(images, f"jpeg_rgb_{coding}.jpg", cjpeg(photo, "-rgb", *options))
    add(images, "jpeg_grey_2x2.jpg", cjpeg(grey, "-grayscale", "-sample", "2x2"))
    add(images, "jpeg_wide_tables.jpg", cjpeg(photo, "-quality", "3"))
    with tempfile.NamedTemporaryFile("w") as scans:
        scans.write("0;\n1;\n2;\n")
        scans.flush()
        add(images, "jpeg_scans.jpg", cjpeg(photo, "-scans", scans.name))
    add(images, "jpeg_luma_subsampled.jpg", cjpeg(photo, "-sample", "1x1,2x2,2x1"))

    for name, options in {"plain": {}, "optimised": {"optimize": True}, "progressive": {"progressive": True}, "subsampled": {"subsampling": 2}}.items():
        data = io.BytesIO()
        cmyk(photo).save(data, "JPEG", quality=90, **options)
        adobe = data.getvalue()
        add(images, f"jpeg_cmyk_{name}.jpg", adobe)
        at = adobe.index(b"Adobe")
        add(images, f"jpeg_ycck_{name}.jpg", adobe[: at + 11] + b"\x02" + adobe[at + 12 :])
    # Without Adobe's marker 255 is full ink. Pillow takes it for Adobe's, so its numbers are turned.
    plain = without_segment(adobe, 0xEE)
    images.path("jpeg_cmyk_unmarked.jpg").write_bytes(plain)
    for level in range(2):
        inks = 255 - numpy.asarray(decoded(plain, 1 << level)).astype(int)
        light = 255 - inks
        images.expect("jpeg_cmyk_unmarked.jpg", level, (light[:, :, :3] * light[:, :, 3:] + 127) // 255)


def sizes(images, photo):
    for width, height in SIZES:
        pixels = photo(width, height)
        for name in ("444", "420", "422", "410"):
            add(images, f"jpeg_{width}x{height}_{name}.jpg", cjpeg(pixels, "-sample", SAMPLINGS[name]))
        add(images, f"jpeg_whole_{width}x{height}.jpg", cjpeg(pixels, "-sample", "2x2", "-progressive"))


def tall(images, photo):
    """Many rows, for tests that count what is read."""
    images.path("jpeg_tall.jpg").write_bytes(cjpeg(numpy.tile(photo(400, 600), (50, 1, 1)), "-quality", "90"))


def small(images):
    """Files of a few hundred bytes, to be cut and changed at every byte."""
    pixels = image_kit.photo("coffee.jpg", 40, 33)
    for name, options in {
        "sequential": ["-optimize"],
        "restarts": ["-restart", "2B", "-optimize"],
        "progressive": ["-progressive"],
    }.items():
        images.path(f"small_{name}.jpg").write_bytes(cjpeg(pixels, "-quality", "30", *options))
    data = io.BytesIO()
    cmyk(pixels).save(data, "JPEG", quality=30, optimize=True)
    images.path("small_cmyk.jpg").write_bytes(data.getvalue())


def orientations(images, photo):
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        data = io.BytesIO()
        Image.fromarray(photo[:201]).save(data, "JPEG", exif=exif, subsampling=2)

        def turn(image):
            image = image.copy()
            image.info["exif"] = exif.tobytes()
            image._exif = None
            return ImageOps.exif_transpose(image)

        add(images, f"jpeg_oriented_{orientation}.jpg", data.getvalue(), turn)


def jpeg_files(images):
    colours(images, image_kit.photo("coffee.jpg", 301, 277))
    sizes(images, lambda width, height: image_kit.photo("chelsea.jpg", width, height))
    tall(images, lambda width, height: image_kit.photo("coffee.jpg", width, height))
    small(images)
    orientations(images, image_kit.photo("coffee.jpg", 300, 277))
