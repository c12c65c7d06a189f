"""What Pillow and numpy make of pictures, for comparison with the stages of the pipeline.

Pictures pass as raw interleaved samples, of 8 bits where a task says nothing else, row after row.
The first argument names the task.
"""

import math
import sys

import numpy
from PIL import Image

FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def load(path, width, height, channels):
    pixels = numpy.fromfile(path, numpy.uint8)
    return pixels.reshape(int(height), int(width), int(channels))


def photo(path, out):
    """Decodes a photograph and prints its size."""
    image = Image.open(path).convert("RGB")
    numpy.asarray(image).tofile(out)
    print(*image.size)


def resize(path, width, height, name, left, top, box_width, box_height, to_width, to_height, out):
    left, top = float(left), float(top)
    box = (left, top, left + float(box_width), top + float(box_height))
    image = Image.fromarray(load(path, width, height, 3))
    size = (int(to_width), int(to_height))
    numpy.asarray(image.resize(size, FILTERS[name], box=box)).tofile(out)


def resize_values(path, width, height, name, left, top, box_width, box_height, to_width,
                  to_height, out):
    """One channel of float32."""
    values = numpy.fromfile(path, numpy.float32).reshape(int(height), int(width))
    left, top = float(left), float(top)
    box = (left, top, left + float(box_width), top + float(box_height))
    size = (int(to_width), int(to_height))
    resized = Image.fromarray(values, "F").resize(size, FILTERS[name], box=box)
    numpy.asarray(resized).tofile(out)


def rotate(path, width, height, degrees, to_width, to_height, out):
    """A clockwise turn about the centre; Pillow wants the way from the output to the input."""
    width, height, to_width, to_height = map(int, (width, height, to_width, to_height))
    angle = math.radians(float(degrees))
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = (
        cos, sin, width / 2 - cos * to_width / 2 - sin * to_height / 2,
        -sin, cos, height / 2 + sin * to_width / 2 - cos * to_height / 2,
    )
    image = Image.fromarray(load(path, width, height, 3))
    turned = image.transform(
        (to_width, to_height), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    numpy.asarray(turned).tofile(out)


def rotate_values(path, width, height, kind, degrees, to_width, to_height, out):
    """RGB of any depth, turned clockwise about the centre: of the four pixels around each place
    what lies within the picture, in double precision. Writes the colours and how much there is."""
    width, height, to_width, to_height = map(int, (width, height, to_width, to_height))
    values = numpy.fromfile(path, kind).astype(float).reshape(height, width, 3)
    padded = numpy.zeros((height + 4, width + 4, 4))
    padded[2:-2, 2:-2, :3], padded[2:-2, 2:-2, 3] = values, 1
    angle = math.radians(float(degrees))
    dy, dx = numpy.mgrid[0:to_height, 0:to_width] + 0.5
    dx, dy = dx - to_width / 2, dy - to_height / 2
    x = numpy.clip(dx * math.cos(angle) + dy * math.sin(angle) + width / 2 - 0.5, -2, width)
    y = numpy.clip(-dx * math.sin(angle) + dy * math.cos(angle) + height / 2 - 0.5, -2, height)
    left, top = numpy.floor(x).astype(int), numpy.floor(y).astype(int)
    fx, fy = (x - left)[..., None], (y - top)[..., None]
    at = lambda i, j: padded[top + 2 + j, left + 2 + i]
    mixed = ((at(0, 0) * (1 - fx) + at(1, 0) * fx) * (1 - fy)
             + (at(0, 1) * (1 - fx) + at(1, 1) * fx) * fy)
    mixed[..., :3] /= numpy.maximum(mixed[..., 3:], 1e-12)
    mixed.astype(numpy.float64).tofile(out)


def grey(path, width, height, out):
    rgb = load(path, width, height, 3).astype(numpy.int64)
    thousandths = rgb @ numpy.array([299, 587, 114])
    ((thousandths + 500) // 1000).astype(numpy.uint8).tofile(out)


def otsu(path, width, height):
    """Prints the threshold by the definition: variance within the two classes is least."""
    values = load(path, width, height, 1).ravel().astype(numpy.float64)
    best, best_spread = 128, math.inf
    for threshold in range(1, 256):
        dark, light = values[values < threshold], values[values >= threshold]
        if len(dark) == 0 or len(light) == 0:
            continue
        spread = dark.var() * len(dark) + light.var() * len(light)
        if spread < best_spread * (1 - 1e-12):
            best, best_spread = threshold, spread
    print(best)


def flatten(path, width, height, channels, out):
    pixels = load(path, width, height, channels).astype(numpy.float64)
    alpha = pixels[..., -1:] / 255
    white = pixels[..., :-1] * alpha + 255 * (1 - alpha)
    numpy.floor(white + 0.5).astype(numpy.uint8).tofile(out)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
