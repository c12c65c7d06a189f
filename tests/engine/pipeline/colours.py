"""What other programs make of colours: the formulas of the CIE in numpy, and Little CMS by Pillow.

The first argument names the task.
"""

import io
import struct
import subprocess
import sys

import numpy
from PIL import Image, ImageCms

D50 = numpy.array([0.96422, 1, 0.82521])
D65 = numpy.array([0.95047, 1, 1.08883])


def xyz_of_lab(lab, white):
    """CIE 15, 8.2.1.1, solved for X, Y and Z."""
    fy = (lab[..., 0] + 16) / 116
    f = numpy.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], -1)
    return numpy.where(f > 24 / 116, f ** 3, (108 / 841) * (f - 16 / 116)) * white


def lab_of_xyz(xyz, white):
    ratio = xyz / white
    f = numpy.where(ratio > (24 / 116) ** 3, numpy.cbrt(ratio), (841 / 108) * ratio + 16 / 116)
    return numpy.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def xyz_of_srgb(rgb):
    linear = numpy.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = numpy.array([[0.4124564, 0.3575761, 0.1804375],
                          [0.2126729, 0.7151522, 0.0721750],
                          [0.0193339, 0.1191920, 0.9503041]])
    return linear @ matrix.T


def adapted(xyz, source, target):
    """Bradford; S. N. Pendergrass's and Lindbloom's matrix, inverted by numpy."""
    cone = numpy.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367],
                        [0.0389, -0.0685, 1.0296]])
    gain = numpy.diag((cone @ target) / (cone @ source))
    return xyz @ (numpy.linalg.inv(cone) @ gain @ cone).T


def lab_from_srgb(path, name, out):
    """CIELAB of sRGB colours, relative to the white that is named: the inverse of the test's."""
    white = {"D50": D50, "D65": D65}[name]
    rgb = numpy.fromfile(path, numpy.float32).reshape(-1, 3).astype(float)
    lab = lab_of_xyz(adapted(xyz_of_srgb(rgb), D65, white), white)
    lab.astype(numpy.float32).tofile(out)


def profile(name, folder, out):
    """One of those that come with vips, taken out of a picture that it converted."""
    Image.new("RGB", (2, 2)).save(f"{folder}/plain.png")
    subprocess.run(
        ["vips", "icc_transform", f"{folder}/plain.png", f"{folder}/with.tif", name,
         "--input-profile", "srgb"], check=True)
    with open(out, "wb") as file:
        file.write(Image.open(f"{folder}/with.tif").info["icc_profile"])


def write_profile(out, space, connection, own):
    """The least that ICC.1:2001-04 asks of a display profile (6.3), with the tags that are its own."""
    numbers = (round(v * 65536) for v in (0.9642, 1, 0.8249))
    white = b"XYZ " + bytes(4) + struct.pack(">3i", *numbers)
    text = b"text" + bytes(4) + b"none" + bytes(4)
    name = b"desc" + bytes(4) + struct.pack(">I", 5) + b"test" + bytes(1 + 8 + 3 + 67)
    parts = {b"wtpt": white, b"cprt": text, b"desc": name + bytes(-len(name) % 4), **own}
    table, body, place = b"", b"", 128 + 4 + 12 * len(parts)
    for tag, data in parts.items():
        table += struct.pack(">4sII", tag, place + len(body), len(data))
        body += data
    data = struct.pack(">I", len(parts)) + table + body
    header = struct.pack(">I4sI4s4s4s", 128 + len(data), b"lcms", 0x02100000, b"mntr", space, connection)
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    with open(out, "wb") as file:
        file.write(header.ljust(128, bytes(1)) + data)


def grey_profile(gamma, out):
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(float(gamma) * 256)) + bytes(2)
    write_profile(out, b"GRAY", b"XYZ ", {b"kTRC": curve})


def tables_profile(out):
    """RGB by a lut16Type (6.5.9) of 2x2x2 points, which are those of sRGB; a matrix could not say it."""
    corners = numpy.array([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)], float)
    lab = lab_of_xyz(adapted(xyz_of_srgb(corners), D65, D50), D50)
    points = numpy.round((lab + [0, 128, 128]) * [652.8, 256, 256]).clip(0, 65535).astype(">u2")
    straight = struct.pack(">6H", *[0, 65535] * 3)
    lut = b"mft2" + bytes(4) + bytes([3, 3, 2, 0])
    lut += struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9))) + struct.pack(">2H", 2, 2)
    write_profile(out, b"RGB ", b"Lab ", {b"A2B0": lut + straight + points.tobytes() + straight})


def to_srgb(path, mode, width, height, profile_path, out):
    """By Pillow's binding of Little CMS: relative colorimetric, black point compensation, step by
    step rather than by tables made from the steps (0x100)."""
    channels = len(mode)
    pixels = numpy.fromfile(path, numpy.uint8).reshape(int(height), int(width), channels)
    image = Image.fromarray(pixels[..., 0] if mode == "L" else pixels, mode)
    with open(profile_path, "rb") as file:
        own = ImageCms.ImageCmsProfile(io.BytesIO(file.read()))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    transform = ImageCms.buildTransform(
        own, srgb, mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC, 0x2100)
    numpy.asarray(ImageCms.applyTransform(image, transform)).tofile(out)


def by_matrix(path, profile_path, out):
    """16-bit RGB as sRGB by what the profile states: the points of its curves (ICC.1:2010, 10.5)
    and its primaries, which are relative to D50 as are those of sRGB here."""
    with open(profile_path, "rb") as file:
        data = file.read()
    (count,) = struct.unpack(">I", data[128:132])
    tags = {}
    for i in range(count):
        name, place, length = struct.unpack(">4sII", data[132 + 12 * i:144 + 12 * i])
        tags[name] = data[place:place + length]

    def fixed(text):
        return numpy.array(struct.unpack(f">{len(text) // 4}i", text)) / 65536

    def curve(text, v):
        assert text[:4] == b"curv"
        points = numpy.frombuffer(text[12:], ">u2") / 65535
        return numpy.interp(v, numpy.linspace(0, 1, len(points)), points)

    rgb = numpy.fromfile(path, numpy.uint16).reshape(-1, 3) / 65535
    linear = numpy.stack([curve(tags[b"rgb"[c:c + 1] + b"TRC"], rgb[:, c]) for c in range(3)], -1)
    primaries = numpy.stack([fixed(tags[name][8:20]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")], -1)
    xyz = linear @ primaries.T
    # Those of IEC 61966-2-1 by their chromaticities, adapted to the D50 of ICC profiles.
    places = numpy.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06], [0.3127, 0.3290]])
    red, green, blue, white = (numpy.array([x / y, 1, (1 - x - y) / y]) for x, y in places)
    srgb = numpy.stack([red, green, blue], -1)
    srgb = srgb * numpy.linalg.solve(srgb, white)
    srgb = adapted(srgb.T, white, numpy.array([0.9642, 1, 0.8249])).T
    to_srgb = numpy.linalg.inv(srgb)
    light = numpy.clip(xyz @ to_srgb.T, 0, 1)
    numpy.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).tofile(out)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
