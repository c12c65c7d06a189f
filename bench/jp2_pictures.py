#!/usr/bin/python3
"""Makes the pictures that jp2_bench reads: 20 megapixels in the layouts that JPEG 2000 files have.

    bench/jp2_pictures.py FOLDER             lossy with precincts, also with the lengths of packets
                                             stated (PLT), lossless, without precincts, tiles
    bench/jp2_pictures.py FOLDER --gigapixel and 1 gigapixel of grey in one tile, also with lengths,
                                             and 20 megapixels of it to compare; takes 5 GB of
                                             memory and minutes

Needs opj_compress, numpy and Pillow.
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "samples"))
import make_samples  # noqa: E402
import numpy  # noqa: E402
from PIL import Image  # noqa: E402

Image.MAX_IMAGE_PIXELS = None
PRECINCTS = ["-c", "[256,256],[256,256],[128,128],[128,128],[128,128],[128,128]"]
LAYOUTS = {
    "precincts": ["-I", "-r", "10", "-p", "RPCL", *PRECINCTS],
    "lossless": ["-p", "RPCL"],
    "whole": ["-I", "-r", "10"],
    "tiles": ["-I", "-r", "10", "-t", "1024,1024"],
}
# What opj_compress adds for a reader that wants to find its way.
LENGTHS = ["-PLT", "-TLM"]


def mosaic(width, height):
    sample = make_samples.Sample("bench", "", "", width, height, "coffee")
    return numpy.concatenate(list(make_samples.mosaic_rows(sample, make_samples.photographs())))


def compress(pixels, path, options):
    if path.exists():
        return
    source = path.with_suffix(".ppm" if pixels.ndim == 3 else ".pgm")
    Image.fromarray(pixels).save(source)
    part = path.with_name(f".part.{path.name}")
    subprocess.run(["opj_compress", "-i", source, "-o", part, *options], check=True, stdout=subprocess.DEVNULL)
    source.unlink()
    part.rename(path)


def main(folder, *options):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pixels = mosaic(5000, 4000)
    for name, layout in LAYOUTS.items():
        compress(pixels, folder / f"{name}.jp2", layout)
    compress(pixels, folder / "precincts_plt.jp2", [*LAYOUTS["precincts"], *LENGTHS])
    if "--gigapixel" in options:
        grey = numpy.ascontiguousarray(pixels[:, :, 1])
        compress(grey, folder / "grey20.jp2", LAYOUTS["precincts"])
        across, down = 33000 // 5000 + 1, 31000 // 4000 + 1
        large = numpy.tile(grey, (down, across))[:31000, :33000]
        compress(large, folder / "grey1000.jp2", LAYOUTS["precincts"])
        compress(large, folder / "grey1000_plt.jp2", [*LAYOUTS["precincts"], *LENGTHS])


if __name__ == "__main__":
    main(*sys.argv[1:])
