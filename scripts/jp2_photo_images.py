"""Photographs as JPEG 2000, to see what becomes of them as smaller pictures. Each level is what opj_decompress
gives."""

from image_kit import PHOTOS, photo, run
from jp2_kit import decoded_levels, expect_levels, source_pnm

SIZE = (512, 512)
KINDS = {
    "lossy": ["-I", "-r", "8"], "lossless": ["-p", "RPCL"],
    "tiles": ["-I", "-r", "8", "-t", "200,200", "-b", "32,32"], "grey": ["-I", "-r", "5"],
    "no_levels": ["-I", "-r", "8", "-n", "1"],
}


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
