"""Pictures with a colour profile under `IIPColour keep` and `sRGB`, beside what Pillow's binding of
Little CMS makes of the same pixels, step by step; and CIELAB beside the formulas of the CIE."""
import io
import sys

import numpy as np
import pytest
from PIL import Image, ImageCms

from conftest import PHOTOS, REPOSITORY, service, tiff, vips, wait_until_settled
from private_httpd import Server

sys.path.insert(0, str(REPOSITORY / "tests" / "engine" / "pipeline"))

import colours as cie  # noqa: E402

SIZE = (600, 400)
STEP_BY_STEP = 0x0100
BLACK_POINTS = 0x2000
# By name: the profile of vips, and the mode of the colours. "deep" is "p3" in 16 bits.
PICTURES = {"p3": ("p3", "RGB"), "inks": ("cmyk", "CMYK"), "deep": ("p3", "RGB")}


def to_lab(rgb):
    """Of sRGB, 0 to 1, relative to D50."""
    return cie.lab_of_xyz(cie.adapted(cie.xyz_of_srgb(rgb), cie.D65, cie.D50), cie.D50)


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
    cielab = to_lab(np.asarray(Image.open(folder / "photo.png").convert("RGB")) / 255)
    # As it stands in the file: L* unsigned, a* and b* signed (TIFF 6.0, section 23).
    stored = np.round(cielab * [255 / 100, 1, 1]).astype(np.int16).astype(np.uint8)
    Image.fromarray(stored, "LAB").save(folder / "lab.tif")
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


def test_cielab_is_shown_in_its_colours(server, folder):
    """Of the values of the file, which 8 bits leave of the photograph."""
    bytes_of_file = np.asarray(Image.open(folder / "lab.tif"))
    stored = bytes_of_file.astype(np.int8).astype(float)
    stored[..., 0] = bytes_of_file[..., 0] * (100 / 255)
    xyz = cie.adapted(cie.xyz_of_lab(stored, cie.D50), cie.D50, cie.D65)
    primaries = cie.xyz_of_srgb(np.eye(3))  # a row for each
    light = np.clip(xyz @ np.linalg.inv(primaries), 0, 1)
    expected = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    shown, _ = png(server, "/keep/lab.tif/full/max/0/default.png")
    assert np.abs(shown - expected).max() <= 0.75
    photo = np.asarray(Image.open(folder / "photo.png").convert("RGB")).astype(int)
    assert np.abs(shown - photo).mean() < 1.5
    difference = np.linalg.norm(to_lab(shown / 255) - to_lab(expected / 255), axis=-1)
    assert difference.mean() < 0.5
