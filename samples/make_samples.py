#!/usr/bin/python3
"""Makes the sample pictures from the photographs beside this file.

    make_samples.py FOLDER

Each is a mosaic of photographs, tinted so that all of them together show one. Rows of it are
streamed to vips, which writes the file: neither memory nor disk ever holds the gigapixel picture in
pixels. The small ones vary what a file can be. A picture that is there already is left alone;
each appears under its name only when it is complete.

Two hold what a screen can not show at once: the mosaic in 16 bits, and a map of heights in metres, of
a land that is made up.

FOLDER/samples.json lists them for the demo's page.
"""

import json
import os
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

PHOTOS = Path(__file__).resolve().parent / "photos"
NAMES = ["astronaut", "brick", "chelsea", "coffee", "grass", "gravel", "hubble", "retina", "rocket"]
CELL = 512  # pixels a side: the size of the photographs


@dataclass
class Sample:
    name: str
    title: str
    form: str  # what kind of file it is, for the page
    width: int
    height: int
    subject: str  # the photograph that the whole shows
    options: str = ""  # of vips' writer, or of opj_compress; empty: Pillow writes it, as a palette
    grey: bool = False
    suffix: str = "tif"
    write: object = None  # a function of its own that writes it: (sample, photos, path)
    range: tuple = (0, 255)  # of its values, for the page
    height_map: bool = False

    @property
    def file(self):
        return f"{self.name}.{self.suffix}"


PYRAMID = "tile,pyramid,tile-width=256,tile-height=256"
SAMPLES = [
    Sample("gigapixel", "One gigapixel", "JPEG, 256x256 tiles, pyramid, BigTIFF",
           32768, 32768, "astronaut", f"{PYRAMID},compression=jpeg,Q=75,bigtiff"),
    Sample("deflate", "Deflate", "deflate with predictor, 256x256 tiles, pyramid",
           3000, 2000, "chelsea", f"{PYRAMID},compression=deflate,predictor=horizontal"),
    Sample("lzw", "LZW", "LZW, 240x112 tiles, pyramid in SubIFDs",
           3001, 1999, "coffee",
           "tile,pyramid,subifd,tile-width=240,tile-height=112,compression=lzw"),
    Sample("zstd", "Zstandard", "zstd, 512x512 tiles, pyramid",
           2500, 2500, "hubble",
           "tile,pyramid,tile-width=512,tile-height=512,compression=zstd"),
    Sample("webp", "WebP", "WebP, 256x256 tiles, pyramid",
           3000, 1800, "rocket", f"{PYRAMID},compression=webp,Q=80"),
    Sample("grey", "Grey", "grey, JPEG, 256x256 tiles, pyramid",
           2048, 3000, "retina", f"{PYRAMID},compression=jpeg,Q=85", grey=True),
    Sample("palette", "Palette", "64 colours, LZW, in strips: neither tiles nor pyramid",
           1000, 701, "coffee"),
    Sample("plain", "Plain", "uncompressed, in strips: neither tiles nor pyramid",
           1500, 1000, "astronaut", "compression=none"),
    Sample("photograph", "Plain JPEG", "as a camera writes it: neither tiles nor levels",
           6000, 4000, "coffee", "Q=85,optimize_coding", suffix="jpg"),
    Sample("jpeg2000", "JPEG 2000", "JP2, one tile, three quality layers, no precincts",
           3000, 2000, "astronaut", "-I -r 40,20,10", suffix="jp2",
           write=lambda *arguments: write_jpeg2000(*arguments)),
    Sample("sixteen", "16 bits", "16-bit grey, deflate with predictor, 256x256 tiles, pyramid",
           3000, 2000, "hubble", f"{PYRAMID},compression=deflate,predictor=horizontal",
           write=lambda *arguments: write_sixteen(*arguments), range=(0, 65535)),
    Sample("heights", "Heights", "32-bit float, metres, deflate, 256x256 tiles, pyramid",
           2048, 2048, "", f"{PYRAMID},compression=deflate,predictor=none",
           write=lambda *arguments: write_heights(*arguments), range=(-400, 2600),
           height_map=True),
]


def photographs():
    """The photographs by name, RGB."""
    return {name: Image.open(PHOTOS / f"{name}.jpg").convert("RGB") for name in NAMES}


def mosaic_rows(sample, photos):
    """Yields the picture from top to bottom, one row of photographs at a time, as uint8 arrays."""
    for strip in mosaic_strips(sample, photos):
        yield np.clip(strip, 0, 255).astype(np.uint8)


def mosaic_strips(sample, photos):
    """The same as int16, which may lie outside of what 8 bits hold."""
    # What a photograph adds to the tint below it: its difference from its own mean colour.
    relief = []
    for name in NAMES:
        pixels = np.asarray(photos[name], dtype=np.float32)
        relief.append(((pixels - pixels.mean(axis=(0, 1))) * 0.6).astype(np.int16))

    columns = -(-sample.width // CELL)
    rows = -(-sample.height // CELL)
    subject = photos[sample.subject]
    # The subject fills the mosaic; what does not fit its square is cut off on both sides.
    scale = subject.width / max(columns, rows)
    left = (subject.width - columns * scale) / 2
    top = (subject.height - rows * scale) / 2
    choice = np.random.default_rng(len(sample.name))  # the same picture every time
    above = [-1] * columns
    for row in range(rows):
        box = (left, top + row * scale, left + columns * scale, top + (row + 1) * scale)
        tint = subject.resize((columns * CELL, CELL), Image.Resampling.BILINEAR, box=box)
        strip = np.asarray(tint).astype(np.int16)
        for column in range(columns):
            taken = (above[column], above[column - 1] if column else -1)
            pick = choice.choice([i for i in range(len(NAMES)) if i not in taken])
            above[column] = pick
            strip[:, column * CELL:(column + 1) * CELL] += relief[pick]
        height = min(CELL, sample.height - row * CELL)
        yield strip[:height, :sample.width]


def write_with_vips(sample, rows, path):
    grey = sample.grey
    vips = subprocess.Popen(["vips", "copy", "stdin", f"{path}[{sample.options}]"],
                            stdin=subprocess.PIPE)
    pipe = vips.stdin
    pipe.write(f"{'P5' if grey else 'P6'} {sample.width} {sample.height} 255\n".encode())
    for pixels in rows:
        if grey:
            pixels = np.asarray(Image.fromarray(pixels).convert("L"))
        pipe.write(np.ascontiguousarray(pixels).data)
    pipe.close()
    if vips.wait() != 0:
        raise SystemExit(f"vips could not write {path}")


def write_palette(rows, path):
    picture = Image.fromarray(np.concatenate(list(rows)))
    picture.quantize(64).save(path, format="TIFF", compression="tiff_lzw")


def write_jpeg2000(sample, photos, path):
    pixels = path.with_suffix(".ppm")
    rows = with_progress(mosaic_rows(sample, photos), sample)
    Image.fromarray(np.concatenate(list(rows))).save(pixels)
    done = subprocess.run(["opj_compress", "-i", pixels, "-o", path, *sample.options.split()],
                          stdout=subprocess.DEVNULL)
    pixels.unlink()
    if done.returncode != 0:
        raise SystemExit(f"opj_compress could not write {path}")


def write_values(values, sample, path, vips_format):
    """A two-dimensional array, through vips, which makes the pyramid."""
    height, width = values.shape
    raw = path.with_suffix(".raw")
    values.tofile(raw)
    try:
        plain = path.with_suffix(".v")
        subprocess.run(["vips", "rawload", raw, plain, str(width), str(height), "1",
                        "--format", vips_format, "--interpretation",
                        "grey16" if vips_format == "ushort" else "b-w"], check=True)
        subprocess.run(["vips", "copy", plain, f"{path}[{sample.options}]"], check=True)
        plain.unlink()
    finally:
        raw.unlink()


def write_sixteen(sample, photos, path):
    """The mosaic's light between 6000 and 30000: dark until its range is stretched."""
    colour = np.concatenate(list(with_progress(mosaic_strips(sample, photos), sample)))
    light = colour.astype(np.float32) @ np.float32([0.299, 0.587, 0.114])
    values = 6000 + np.clip(light, 0, 255) * (24000 / 255)
    write_values(values.round().astype(np.uint16), sample, path, "ushort")


def write_heights(sample, _, path):
    """Noise whose waves are the higher the longer they are: from the sea floor to mountains."""
    side = sample.width
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.rfftfreq(side), indexing="ij"))
    frequency[0, 0] = np.inf
    noise = np.random.default_rng(7).standard_normal((side, side))
    land = np.fft.irfft2(np.fft.rfft2(noise) / frequency**1.9, s=(side, side))
    low, high = sample.range
    land = (land - land.min()) / np.ptp(land) * (high - low) + low
    write_values(land.astype(np.float32), sample, path, "float")
    state_range(path, low, high)


def state_range(path, low, high):
    """Writes into a classic little-endian TIFF what is to be shown as black and as white: floats
    have no range of their own. vips does not know the tags, so the first directory is written anew."""
    with open(path, "r+b") as file:
        form, version, start = struct.unpack("<2sHI", file.read(8))
        if (form, version) != (b"II", 42):
            raise SystemExit(f"{path} is not a classic little-endian TIFF")
        file.seek(start)
        (count,) = struct.unpack("<H", file.read(2))
        entries = [file.read(12) for _ in range(count)]
        following = file.read(4)
        entries += [struct.pack("<HHIf", tag, 11, 1, value)  # SMin- and SMaxSampleValue, one float
                    for tag, value in ((340, low), (341, high))]
        entries.sort(key=lambda entry: struct.unpack("<H", entry[:2]))
        end = file.seek(0, os.SEEK_END)
        start = file.seek(end + end % 2)
        file.write(struct.pack("<H", len(entries)) + b"".join(entries) + following)
        file.seek(4)
        file.write(struct.pack("<I", start))


def with_progress(rows, sample):
    count = -(-sample.height // CELL)
    for done, pixels in enumerate(rows):
        if sys.stdout.isatty():
            print(f"\r  {sample.name:10} {100 * done // count:3} %", end="", flush=True)
        elif count > 8 and done % (count // 4) == 0:
            print(f"  {sample.name:10} {100 * done // count:3} %", flush=True)
        yield pixels


def make(sample, photos, folder):
    started = time.monotonic()
    path = folder / sample.file
    part = folder / f".{sample.name}.part.{sample.suffix}"
    rows = with_progress(mosaic_rows(sample, photos), sample)
    if sample.write:
        sample.write(sample, photos, part)
    elif sample.options:
        write_with_vips(sample, rows, part)
    else:
        write_palette(rows, part)
    os.chmod(part, 0o644)
    part.rename(path)
    start = "\r" if sys.stdout.isatty() else ""
    print(f"{start}  {sample.name:10} {sample.width} x {sample.height}, "
          f"{path.stat().st_size / 1e6:.1f} MB, {time.monotonic() - started:.0f} s", flush=True)


def is_made(path):
    return path.exists() and path.stat().st_mtime >= Path(__file__).stat().st_mtime


def write_if_changed(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    missing = [s for s in SAMPLES if not is_made(folder / s.file)]
    if missing:
        photos = photographs()
        for sample in missing:
            make(sample, photos, folder)
    listing = [{"file": s.file, "title": s.title, "form": s.form, "type": s.suffix,
                "width": s.width, "height": s.height, "range": s.range,
                "height_map": s.height_map} for s in SAMPLES]
    write_if_changed(folder / "samples.json", json.dumps(listing, indent=1) + "\n")


if __name__ == "__main__":
    main()
