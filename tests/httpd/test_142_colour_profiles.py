"""Pictures with a colour profile under `IIPColour keep` and `sRGB`, beside what Pillow's binding of
Little CMS makes of the same pixels, step by step."""
import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from conftest import PHOTOS, service, tiff, vips, wait_until_settled
from private_httpd import Server

SIZE = (600, 400)
STEP_BY_STEP = 0x0100
BLACK_POINTS = 0x2000
# By name: the profile of vips, and the mode of the colours. "deep" is "p3" in 16 bits.
PICTURES = {"p3": ("p3", "RGB"), "inks": ("cmyk", "CMYK"), "deep": ("p3", "RGB")}


@pytest.fixture(scope="module")
def folder(module_folder):
    folder = module_folder / "pictures"
    folder.mkdir()
    vips("thumbnail", PHOTOS / "coffee.jpg", folder / "photo.png", str(SIZE[0]), "--height", str(SIZE[1]),
         "--size", "force")
    for name in ("p3", "inks"):
        vips("icc_transform", folder / "photo.png", folder / f"{name}.v", PICTURES[name][0],
             "--input-profile", "srgb")
    vips("linear", folder / "p3.v", folder / "float.v", "257", "0")
    vips("cast", folder / "float.v", folder / "ushort.v", "ushort")
    vips("copy", folder / "ushort.v", folder / "deep.v", "--interpretation", "rgb16")
    for name in PICTURES:
        tiff(folder / f"{name}.v", folder / f"{name}.tif", "--compression", "deflate",
             *"--tile-width 128 --tile-height 128".split())
        vips("rawsave", folder / f"{name}.v", folder / f"{name}.raw")
    wait_until_settled()
    return folder


@pytest.fixture(scope="module")
def server(module_folder, folder):
    server = Server(module_folder / "server")
    server.start(service(folder, "IIPColour sRGB", "IIPMaxICC -1", path="/srgb")
                 + service(folder, "IIPMaxICC -1", path="/keep"))
    yield server
    server.stop()


def stored(folder, name):
    """In 8 bits."""
    samples = np.fromfile(folder / f"{name}.raw", np.uint16 if name == "deep" else np.uint8)
    if name == "deep":
        assert samples.max() > 50000
        samples = (samples // 257).astype(np.uint8)
    return samples.reshape(SIZE[1], SIZE[0], len(PICTURES[name][1]))


def profile_of(folder, name):
    return Image.open(folder / f"{'p3' if name == 'deep' else name}.tif").info["icc_profile"]


def by_pillow(folder, name):
    mode = PICTURES[name][1]
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile_of(folder, name)))
    transform = ImageCms.buildTransform(
        own, ImageCms.createProfile("sRGB"), mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC,
        STEP_BY_STEP | BLACK_POINTS)
    values = Image.fromarray(stored(folder, name), mode)
    return np.asarray(ImageCms.applyTransform(values, transform)).astype(int)


def png(server, target):
    answer = server.get(target)
    assert answer.status == 200, answer.body
    picture = Image.open(io.BytesIO(answer.body))
    return np.asarray(picture).astype(int), picture.info


@pytest.mark.parametrize("name,path", [("p3", "/srgb"), ("deep", "/srgb"), ("inks", "/srgb"),
                                       ("inks", "/keep")])
def test_colours_are_converted_to_within_a_grey(server, folder, name, path):
    shown, info = png(server, f"{path}/{name}.tif/full/max/0/default.png")
    assert np.abs(shown - by_pillow(folder, name)).max() <= 1
    assert np.abs(shown - stored(folder, name)[..., :3]).max() > 5, "there was something to do"
    assert "icc_profile" not in info


@pytest.mark.parametrize("name", PICTURES)
def test_tiles_have_the_colours_of_the_whole(server, name):
    whole, _ = png(server, f"/srgb/{name}.tif/full/max/0/default.png")
    for x, y in ((0, 0), (128, 128), (512, 256)):
        tile, _ = png(server, f"/srgb/{name}.tif/{x},{y},88,128/max/0/default.png")
        assert np.array_equal(tile, whole[y:y + 128, x:x + 88])


def test_what_is_kept_is_what_is_stored_with_its_profile(server, folder):
    shown, info = png(server, "/keep/p3.tif/full/max/0/default.png")
    assert np.array_equal(shown, stored(folder, "p3"))
    assert info["icc_profile"] == profile_of(folder, "p3")


def test_the_two_have_names_of_their_own(server):
    tags = {server.get(f"{path}/p3.tif/full/max/0/default.jpg")["ETag"]
            for path in ("/srgb", "/keep")}
    assert len(tags) == 2
