"""Decodes every N.jpg of a folder with Pillow and compares it with N.raw; prints their number."""

import pathlib
import sys

import numpy
from PIL import Image

count = 0
for path in pathlib.Path(sys.argv[1]).glob("*.jpg"):
    pixels = numpy.asarray(Image.open(path))
    expected = numpy.fromfile(path.with_suffix(".raw"), dtype=numpy.uint8)
    if not numpy.array_equal(pixels.ravel(), expected):
        sys.exit(f"{path} differs")
    count += 1
print(count)
