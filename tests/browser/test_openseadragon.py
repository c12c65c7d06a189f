"""OpenSeadragon shows the demo's pictures over every protocol, and what it shows is the picture."""

import subprocess

import numpy as np
import pytest
from PIL import Image, ImageFilter

from conftest import WORK

PROTOCOLS = ["iiif3", "iiif2", "deepzoom", "zoomify", "iip", "document-iiif", "document-deepzoom"]
# A file, its size, and a part to zoom in on, in its pixels.
PICTURES = {
    "gigapixel.tif": ((32768, 32768), (14000, 6500, 1800, 1100)),
    "lzw.tif": ((3001, 1999), (2101, 1399, 900, 600)),
}
CASES = [(protocol, file) for file in PICTURES for protocol in PROTOCOLS]


def name_of(protocol, file):
    return f"{protocol}-{file.removesuffix('.tif')}"


@pytest.fixture(scope="module")
def results(demo, drive):
    return drive([{"width": 1000, "height": 640, "kind": "openSeadragon", "name": name_of(protocol, file),
                   "url": f"{demo.url}/#{protocol}/{file}", "region": PICTURES[file][1]}
                  for protocol, file in CASES])


@pytest.fixture(scope="module")
def expected(demo):
    """expected(file, bounds, size): what the bounds, in pixels of the picture, look like at a size
    in pixels of the screen; and which of its pixels lie well within the picture. The pixels come
    from libvips, and Pillow scales them."""
    def render(file, bounds, size):
        (width, height), _ = PICTURES[file]
        x, y, w, _ = bounds
        scale = size[0] / w
        # The picture's part of the screen, in whole pixels of it, and the same in the picture.
        screen = [np.ceil(max(0, -x * scale)), np.ceil(max(0, -y * scale)),
                  np.floor(min(size[0], (width - x) * scale)),
                  np.floor(min(size[1], (height - y) * scale))]
        box = np.array(screen) / scale + [x, y, x, y]
        left, top = np.floor(box[:2]).astype(int)
        right, bottom = np.ceil(box[2:]).astype(int).clip(max=(width, height))
        pixels = WORK / "expected.png"
        if right - left > 0.9 * width:  # more detail than the screen shows is enough
            left, top, right, bottom = 0, 0, width, height
            run_vips("thumbnail", demo.images / file, pixels, 2 * size[0])
        else:
            run_vips("crop", demo.images / file, pixels, left, top, right - left, bottom - top)
        with Image.open(pixels) as picture:
            ratio = picture.width / (right - left)
            cut = tuple((box - [left, top, left, top]) * ratio)
            cut = (*cut[:2], min(cut[2], picture.width), min(cut[3], picture.height))
            shown = picture.convert("RGB").resize(
                (int(screen[2] - screen[0]), int(screen[3] - screen[1])),
                Image.Resampling.BICUBIC, box=cut)
        canvas = Image.new("RGB", size)
        canvas.paste(shown, (int(screen[0]), int(screen[1])))
        mask = np.zeros((size[1], size[0]), bool)
        mask[int(screen[1]) + 8:int(screen[3]) - 8, int(screen[0]) + 8:int(screen[2]) - 8] = True
        return canvas, mask
    return render


def run_vips(*arguments):
    subprocess.run(["vips", *map(str, arguments)], check=True)


def difference(one, other, mask):
    """Mean difference of two pictures where the mask is set, in grey levels of 255, with fine
    detail blurred away: a shift by some pixels or a wrong tile shows, the choice of filter does not."""
    blur = ImageFilter.GaussianBlur(3)
    a, b = (np.asarray(each.convert("RGB").filter(blur), np.float32) for each in (one, other))
    return float(np.abs(a - b).mean(axis=2)[mask].mean())


@pytest.mark.parametrize(("protocol", "file"), CASES)
def test_no_request_fails(results, protocol, file):
    result = results[name_of(protocol, file)]
    assert result["errors"] == []
    assert result["state"] == ""
    assert [answer for answer in result["answers"] if answer[0] >= 400] == []
    pictures = [url for _, url in result["answers"] if file in url]
    assert len(pictures) > 8


@pytest.mark.parametrize("view", ["whole", "part"])
@pytest.mark.parametrize(("protocol", "file"), CASES)
def test_what_is_shown_is_the_picture(results, expected, protocol, file, view):
    result = results[name_of(protocol, file)]
    shown = next(each for each in result["views"] if each["name"] == view)
    with Image.open(shown["screenshot"]) as screenshot:
        screenshot = screenshot.convert("RGB")
    picture, mask = expected(file, shown["bounds"], screenshot.size)
    assert mask.sum() > 100000
    assert difference(screenshot, picture, mask) < 3
    # The measure would tell: four pixels aside, the same picture is much further off.
    aside = Image.new("RGB", picture.size)
    aside.paste(picture, (4, 4))
    assert difference(screenshot, aside, mask) > 5
