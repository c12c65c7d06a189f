"""What numpy makes of the processing of pictures: plain formulas, in double precision.

    processing.py IN WIDTH HEIGHT SPECIFICATION OUT

IN holds raw interleaved samples. The specification is a list in JSON, of objects whose members are
those of Processing and what a raster's samples mean. OUT becomes the float64 samples of one result
after the other, in the units of the output, not rounded.
"""

import json
import sys

import numpy

TYPES = {"u8": numpy.uint8, "u16": numpy.uint16, "u32": numpy.uint32, "f32": numpy.float32}
FULL = {8: 255, 16: 65535, 32: 1}


def normalised(values, spec):
    ranges = [list(pair) for pair in spec["ranges"]]
    for channel, least, largest in spec.get("minmax", []):
        for c in range(len(ranges)) if channel is None else [channel]:
            if c < len(ranges):
                ranges[c] = [least, largest]
    fractions = numpy.empty(values.shape)
    for c, (least, largest) in enumerate(ranges):
        fractions[..., c] = (values[..., c] + spec["offset"] - least) / (largest - least)
    return numpy.where(numpy.isfinite(values), fractions, 0)


def equalised(fractions, counts):
    cumulated = numpy.cumsum(counts).astype(float)
    first = cumulated[numpy.nonzero(cumulated)[0][0]]
    curve = numpy.maximum(cumulated - first, 0) / (cumulated[-1] - first)
    return numpy.interp(fractions * 255, numpy.arange(256), curve)


def light(azimuth, elevation):
    azimuth, elevation = numpy.radians(azimuth), numpy.radians(elevation)
    flat = numpy.cos(elevation)
    return numpy.array([flat * numpy.sin(azimuth), flat * numpy.cos(azimuth), numpy.sin(elevation)])


def shaded_heights(heights, angles, spacing):
    """The dot product of the light and the normal of each place, which is found as a vector."""
    to_south, to_east = numpy.gradient(heights)
    normals = numpy.stack(
        [-to_east / spacing[0], to_south / spacing[1], numpy.ones(heights.shape)], -1)
    normals /= numpy.linalg.norm(normals, axis=-1, keepdims=True)
    return numpy.clip(normals @ light(*angles), 0, 1)[..., None]


def shaded_normals(fractions, angles):
    azimuth, elevation = numpy.radians(angles)
    ray = numpy.array([numpy.sin(azimuth), numpy.cos(azimuth), -numpy.sin(elevation)])
    ray /= numpy.linalg.norm(ray)
    normals = 1 - 2 * fractions[..., :3]
    normals[(fractions[..., :3] == 0).all(-1)] = 0
    return numpy.clip(0.5 * (normals @ ray), 0, 1)[..., None]


def twisted(fractions, rows):
    channels = fractions.shape[-1]
    matrix = numpy.zeros((len(rows), channels))
    for k, row in enumerate(rows):
        used = min(len(row), channels)
        matrix[k, :used] = row[:used]
    return fractions @ matrix.T


def mapped(v, name):
    v = v[..., 0]
    nothing, one = numpy.zeros_like(v), numpy.ones_like(v)
    if name in ("hot", "cold"):
        rows = [
            numpy.select([v <= 0, v < 1 / 3], [nothing, 3 * v], one),
            numpy.select([v < 1 / 3, v < 2 / 3], [nothing, 3 * v - 1], one),
            numpy.select([v < 2 / 3, v < 1], [nothing, 3 * v - 2], one),
        ]
        return numpy.stack(rows if name == "hot" else rows[::-1], -1)
    if name == "jet":
        steps = [v < 0, v < 1 / 8, v < 3 / 8, v < 5 / 8, v < 7 / 8, v < 1]
        return numpy.stack([
            numpy.select(steps, [nothing, nothing, nothing, 4 * v - 1.5, one, 4.5 - 4 * v], 0.5),
            numpy.select(steps, [nothing, nothing, 4 * v - 0.5, one, 3.5 - 4 * v, nothing], 0),
            numpy.select(steps, [nothing, 4 * v + 0.5, one, 2.5 - 4 * v, nothing, nothing], 0),
        ], -1)
    if name in ("red", "green", "blue"):
        only = ("red", "green", "blue").index(name)
        return numpy.stack([v if c == only else nothing for c in range(3)], -1)
    from matplotlib import colormaps
    colours = numpy.floor(numpy.array(colormaps[name].colors) * 255 + 0.5) / 255
    places = numpy.clip(v, 0, 1) * 255
    return numpy.stack(
        [numpy.interp(places, numpy.arange(256), colours[:, c]) for c in range(3)], -1)


def convolved(fractions, rows):
    kernel = numpy.array(rows, float)
    total = kernel.sum()
    if total > 0:
        kernel = kernel / total
    reach = len(rows) // 2
    height, width = fractions.shape[:2]
    around = numpy.pad(fractions, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    return sum(kernel[j, i] * around[j:j + height, i:i + width]
               for j in range(len(rows)) for i in range(len(rows)))


def processed(values, spec):
    if spec.get("shade") and values.shape[-1] < 3:
        v = shaded_heights(values[..., 0] + spec["offset"], spec["shade"], spec["spacing"])
    else:
        v = normalised(values, spec)
        if spec.get("counts"):
            v = equalised(v, spec["counts"])
        if spec.get("shade"):
            v = shaded_normals(v, spec["shade"])
    if spec.get("twist"):
        v = twisted(v, spec["twist"])
    if spec.get("gamma", 1) != 1:
        v = numpy.maximum(v, 0) ** spec["gamma"]
    if spec.get("logarithm"):
        v = numpy.log(1 + 255 * numpy.maximum(v, 0)) / numpy.log(256)
    if spec.get("invert"):
        v = 1 - v
    if spec.get("map"):
        v = mapped(v, spec["map"])
    if spec.get("kernel"):
        v = convolved(v, spec["kernel"])
    v = v * spec.get("contrast", 1)
    return v[..., :3] if v.shape[-1] >= 3 else v[..., :1]


def samples_of(values, spec):
    channels = len(spec["ranges"]) + (1 if spec["alpha"] else 0)
    samples = values.reshape(*values.shape[:2], channels)
    v = processed(samples[..., :len(spec["ranges"])], spec)
    if spec["alpha"]:
        v = numpy.concatenate([v, samples[..., -1:] / spec["opaque"]], -1)
    if spec["bits"] != 32:
        v = numpy.clip(v, 0, 1)
    return v * FULL[spec["bits"]]


def main(path, width, height, text, out):
    specs = json.loads(text)
    values = numpy.fromfile(path, TYPES[specs[0]["type"]]).astype(float)
    values = values.reshape(int(height), int(width), -1)
    results = [samples_of(values, spec).astype(numpy.float64).ravel() for spec in specs]
    numpy.concatenate(results).tofile(out)


main(*sys.argv[1:])
