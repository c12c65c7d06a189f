"""How others read the pictures that the encoders write: Pillow, vips, avifdec, exiftool. The first
argument names the task."""

import json
import subprocess
import sys

import numpy
from PIL import Image, ImageCms, ImageFile, TiffImagePlugin

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = None


def run(*command):
    return subprocess.run(command, check=True, capture_output=True).stdout


def opened(path):
    """As Pillow sees it; AVIF, which it can not read, by way of libavif's own decoder."""
    with open(path, "rb") as file:
        is_avif = file.read(12)[4:] == b"ftypavif"
    if not is_avif:
        return Image.open(path)
    run("avifdec", "--jobs", "1", "--png-compress", "0", path, path + ".png")
    image = Image.open(path + ".png")
    image.format = "AVIF"
    return image


def read(path, out, icc_out):
    """Writes the pixels and the profile; prints format, mode, size, density and sampling."""
    image = opened(path)
    image.load()
    numpy.asarray(image).tofile(out)
    with open(icc_out, "wb") as file:
        file.write(image.info.get("icc_profile", b""))
    print("format", image.format)
    print("mode", image.mode)
    print("size", *image.size)
    print("progressive", image.info.get("progressive", 0))
    print("jfif_unit", image.info.get("jfif_unit", "none"))
    print("jfif_density", *image.info.get("jfif_density", ("none",)))
    print("dpi", *(round(float(d), 3) for d in image.info.get("dpi", ())))
    print("sampling", *(f"{h}x{v}" for _, h, v, _ in getattr(image, "layer", ())))
    for identifier, table in getattr(image, "quantization", {}).items():
        print(f"table{identifier}", *table)


def samples(path, out):
    """Writes the samples as they are stored, of any depth, by vips; prints what vips says."""
    run("vips", "rawsave", path, out)
    for line in run("vipsheader", "-a", path).decode().splitlines()[1:5]:
        name, value = line.split(": ")  # width, height, bands, format
        print(name, value)


def tags(path):
    """Prints what exiftool finds, group and name as one word: IFD0:Artist, XMP-dc:Creator ..."""
    found = json.loads(run("exiftool", "-json", "-G1", "-a", "-n", "-struct", path))[0]
    for name, value in found.items():
        print(name, str(value).replace("\n", "|"))


def extract(path, tag, out):
    """Writes a block as exiftool takes it out of the picture: XMP, Exif, IPTC, ICC_Profile."""
    with open(out, "wb") as file:
        file.write(run("exiftool", "-b", f"-{tag}", path))


def avif_info(path):
    for line in run("avifdec", "--info", path).decode().splitlines():
        name, _, value = line.strip(" *").partition(":")
        if value:
            print(name.strip().replace(" ", "_"), value.strip())


def exif_block(orientation, order, out):
    """An Exif block with an Exif and a GPS directory, in the byte order II or MM."""
    exif = Image.Exif()
    exif.endian = "<" if order == "II" else ">"
    exif[0x0112] = int(orientation)
    exif[0x010F] = "A maker"
    exif[0x8769] = {0x829A: TiffImagePlugin.IFDRational(1, 250), 0x8827: 400, 0x9003: "2001:02:03 04:05:06",
                    0x9286: b"ASCII\0\0\0a comment"}
    exif[0x8825] = {1: "N", 2: (47.0, 22.0, 30.0)}
    block = exif.tobytes()
    with open(out, "wb") as file:
        file.write(block.removeprefix(b"Exif\0\0"))


def pillow_jpeg(path, width, height, quality, out):
    """Pillow's own encoding of raw RGB, for its quantisation tables and its loss."""
    pixels = numpy.fromfile(path, numpy.uint8).reshape(int(height), int(width), 3)
    Image.fromarray(pixels).save(out, "JPEG", quality=int(quality), subsampling=2)


def avifenc(path, width, height, quantizer, out):
    """libavif's own encoding of raw RGB at the fastest speed."""
    pixels = numpy.fromfile(path, numpy.uint8).reshape(int(height), int(width), 3)
    Image.fromarray(pixels).save(path + ".png")
    run("avifenc", "--jobs", "1", "--yuv", "420", "--speed", "10", "--min", quantizer, "--max", quantizer,
        path + ".png", out)


def photo(path, out):
    image = Image.open(path).convert("RGB")
    numpy.asarray(image).tofile(out)
    print(*image.size)


def srgb_profile(out):
    with open(out, "wb") as file:
        file.write(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
