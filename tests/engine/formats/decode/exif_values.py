"""Prints what Pillow reads of an Exif block: the first directory, that of Exif, that of GPS."""

import sys

from PIL import Image

exif = Image.Exif()
with open(sys.argv[1], "rb") as file:
    exif.load(b"Exif\0\0" + file.read())
first = {tag: value for tag, value in exif.items() if tag not in (34665, 34853)}
for values in (first, exif.get_ifd(34665), exif.get_ifd(34853)):
    print("; ".join(f"{tag} {values[tag]}" for tag in sorted(values)))
