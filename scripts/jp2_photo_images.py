"""Photographs as JPEG 2000, and drawings in the strongest colours, to see what becomes of them as smaller pictures.
Each level is what opj_decompress gives."""

import itertools
import random

import numpy
from PIL import Image, ImageDraw

from image_kit import PHOTOS, photo, run
from jp2_kit import decoded_levels, expect_levels, source_pnm

SIZE = (512, 512)
KINDS = {
    "lossy": ["-I", "-r", "8"], "lossless": ["-p", "RPCL"],
    "tiles": ["-I", "-r", "8", "-t", "200,200", "-b", "32,32"], "grey": ["-I", "-r", "5"],
    "no_levels": ["-I", "-r", "8", "-n", "1"],
}
CELL = 64
COLOURS = ("red", "blue", "lime", "yellow", "cyan", "magenta", "black", "white")


def photographs(images):
    for path in sorted(PHOTOS.glob("*.jpg")):
        pixels = photo(path.name, *SIZE)
        for kind, options in KINDS.items():
            grey = kind == "grey"
            source = source_pnm(images, "jp2_photo.pgm" if grey else "jp2_photo.ppm", pixels[:, :, 1] if grey else pixels)
            name = f"jp2_photo_{path.stem}_{kind}.jp2"
            run("opj_compress", "-i", source, "-o", images.path(name), *options)
            levels = 0 if kind == "no_levels" else 5
            expect_levels(images, name, decoded_levels(images, name, SIZE, levels, 1 if grey else 3))


def drawing():
    """Strokes as those of letters, of 1 to 12 pixels, in each of the colours upon each of the others."""
    chance = random.Random(5)
    picture = Image.new("RGB", SIZE, "white")
    cells = [(x, y) for y in range(0, SIZE[1], CELL) for x in range(0, SIZE[0], CELL)]
    for (x, y), (ground, ink) in zip(cells, itertools.permutations(COLOURS, 2)):
        cell = Image.new("RGB", (CELL, CELL), ground)
        draw = ImageDraw.Draw(cell)
        for _ in range(7):
            draw.line([chance.randrange(CELL) for _ in range(4)], ink, chance.choice((1, 2, 3, 5, 8, 12)))
        picture.paste(cell, (x, y))
    return numpy.asarray(picture)


def drawings(images):
    source = source_pnm(images, "jp2_drawing.ppm", drawing())
    for kind in ("lossy", "lossless", "tiles"):
        name = f"jp2_drawing_{kind}.jp2"
        run("opj_compress", "-i", source, "-o", images.path(name), *KINDS[kind])
        expect_levels(images, name, decoded_levels(images, name, SIZE, 5))
