"""What all the scripts that make test pictures share: photographs, patterns, and the list of what must
come out of each file."""

import hashlib
import pathlib
import subprocess

import numpy
from PIL import Image

import tiff_writer as tw

ROOT = pathlib.Path(__file__).resolve().parent.parent
PHOTOS = ROOT / "samples" / "photos"
LAYOUTS = {  # for tiffcp
    "t16": ["-t", "-w", "16", "-l", "16"],
    "t256": ["-t", "-w", "256", "-l", "256"],
    "t240x112": ["-t", "-w", "240", "-l", "112"],
    "s7": ["-s", "-r", "7"],
}
TYPES = {"uint8": "u8", "uint16": "u16", "uint32": "u32", "float32": "f32"}


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr} {done.stdout}")


def photo(name, width, height):
    """Part of a photograph, repeated by mirroring where it is too small."""
    pixels = numpy.asarray(Image.open(PHOTOS / name).convert("RGB"))
    rows, columns = pixels.shape[:2]
    pixels = numpy.pad(pixels, ((0, max(0, height - rows)), (0, max(0, width - columns)), (0, 0)), mode="symmetric")
    return numpy.ascontiguousarray(pixels[:height, :width])


def gradient(width, height):
    y, x = numpy.mgrid[0:height, 0:width]
    return ((x * 255 // max(1, width - 1)) ^ (y * 7 & 255)).astype(numpy.uint8)[:, :, None]


def shrink(pixels, width, height):
    """A level of its own pixels: what matters is that it is not the level above."""
    image = Image.fromarray(pixels.squeeze())
    return numpy.asarray(image.resize((width, height), Image.BOX)).reshape(height, width, -1)


class Images:
    types = TYPES

    def __init__(self, folder):
        self.folder = folder
        self.lines = []
        self.expected = {}

    def path(self, name):
        return self.folder / name

    def expect(self, name, level, pixels, tolerance=0):
        if str(pixels.dtype) not in TYPES:
            pixels = pixels.astype(numpy.uint8)
        pixels = numpy.ascontiguousarray(pixels)
        if pixels.ndim == 2:
            pixels = pixels[:, :, None]
        height, width, channels = pixels.shape
        raw = pixels.tobytes()
        key = hashlib.sha256(raw).hexdigest()[:20] + ".raw"
        if key not in self.expected:
            self.expected[key] = True
            self.path(key).write_bytes(raw)
        kind = TYPES[str(pixels.dtype)]
        self.lines.append(f"{name} {level} {width} {height} {channels} {kind} {tolerance} {key}")

    def expect_by_vips(self, name, levels, option="page"):
        """What libtiff and the codec make of the file, by way of vips."""
        for level in range(levels):
            pixels = vips_pixels(self.path(name), self.level_option(level, option))
            self.expect(name, level, pixels)

    @staticmethod
    def level_option(level, option):
        return "" if level == 0 else f"[{option}={level if option == 'page' else level - 1}]"

    def write(self, name, directories, **how):
        tw.Writer(**how).write(self.path(name), directories)


def vips_pixels(path, options=""):
    portable = pathlib.Path(f"{path}.pnm")
    run("vips", "copy", f"{path}{options}", portable)
    pixels = numpy.asarray(Image.open(portable))
    portable.unlink()
    return pixels
