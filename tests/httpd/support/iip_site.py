"""The pictures that the tests of IIP ask for, the server that has them, and how its answers are read.

a.tif has 8 bits in RGB, x.tif 16 in grey, f.tif floats; all are 1000x701 (f.tif 300x200).
"""
import io
import subprocess

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from conftest import service, tiff, wait_until_settled
from private_httpd import Server

WIDTH, HEIGHT = 1000, 701
TILE = 256


def noise(*shape, seed=1):
    return np.random.default_rng(seed).random(shape)


def colours():
    """Gradients with noise on them: all values occur, and neighbours are alike."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    base = np.dstack([x / WIDTH, y / HEIGHT, (x + y) / (WIDTH + HEIGHT)])
    return np.clip(base * 235 + noise(HEIGHT, WIDTH, 3) * 20, 0, 255).astype(np.uint8)


def depths():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return (500 + (x * 3 + y * 2) + noise(HEIGHT, WIDTH) * 20).astype(np.uint16)


def heights():
    """A plane: east is two units higher for each pixel, south one."""
    y, x = np.mgrid[0:200, 0:300]
    return (2 * x + y).astype(np.float32)


A, X, F = colours(), depths(), heights()
DIRECTORY = "--tile-width 256 --tile-height 256 --compression deflate".split()


def write_texts(path):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[315], tags[33432] = 'A "picture"\nof two lines', "Ada", "(c) Ada"
    tags[700], tags.tagtype[700] = b"<x:xmpmeta/>", 7
    Image.fromarray(A[:64, :64]).save(path, tiffinfo=tags)


@pytest.fixture(scope="module")
def site(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    Image.fromarray(A).save(folder / "a.png")
    subprocess.run(["vips", "copy", folder / "a.png", folder / "a.v", "--xres", "2", "--yres", "2"],
                   check=True)
    tiff(folder / "a.v", folder / "a.tif", *DIRECTORY)
    Image.fromarray(X).save(folder / "x.png")
    tiff(folder / "x.png", folder / "x.tif", *DIRECTORY)
    Image.fromarray(F).save(folder / "f.tif")
    write_texts(folder / "texts.tif")
    server = Server(module_folder / "server").start(
        service(folder, path="/iip")
        + service(folder, "IIPProtocol IIIF", "IIPIIIFExtensions On", path="/iiif")
        + service(folder, "IIPMaxCVT 100", path="/small")
    )
    wait_until_settled()
    yield server
    server.stop()


def ask(site, commands, image="a.tif", path="/iip"):
    answer = site.get(f"{path}?FIF={image}&{commands}")
    assert answer.status == 200, (commands, answer.status, answer.body)
    return answer


def pixels(answer):
    image = Image.open(io.BytesIO(answer.body))
    return np.asarray(image.convert("L") if image.mode == "1" else image)


def shown(site, commands, image="a.tif"):
    """As PNG: what is shown without loss."""
    return pixels(ask(site, f"{commands}&CVT=png", image)).astype(int)


def rounded(values):
    return np.floor(np.clip(values, 0, 255) + 0.5).astype(int)


def assert_close(made, expected, most=1):
    assert made.shape == expected.shape
    assert np.abs(made - expected).max() <= most
