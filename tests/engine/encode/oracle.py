"""How Pillow reads the pictures that the encoders write. The first argument names the task."""

import sys

import numpy
from PIL import Image, ImageCms, ImageFile

ImageFile.LOAD_TRUNCATED_IMAGES = False


def read(path, out, icc_out):
    """Writes the pixels and the profile; prints format, mode, size, density and sampling."""
    image = Image.open(path)
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


def pillow_jpeg(path, width, height, quality, out):
    """Pillow's own encoding of raw RGB, for its quantisation tables and its loss."""
    pixels = numpy.fromfile(path, numpy.uint8).reshape(int(height), int(width), 3)
    Image.fromarray(pixels).save(out, "JPEG", quality=int(quality), subsampling=2)


def photo(path, out):
    image = Image.open(path).convert("RGB")
    numpy.asarray(image).tofile(out)
    print(*image.size)


def srgb_profile(out):
    with open(out, "wb") as file:
        file.write(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
