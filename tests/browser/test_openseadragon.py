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
    return drive([{"kind": "openSeadragon", "name": name_of(protocol, file),
                   "url": f"{demo.url}/#{protocol}/{file}", "region": PICTURES[file][1]}
                  for protocol, file in CASES])


@pytest.fixture(scope="module")
def expected(demo):
    """expected(file, bounds, size): what the bounds, in pixels of the picture, look like at a size
    in pixels of the screen; and which of its pixels lie well within the picture. By libvips."""
    def render(file, bounds, size):
        (width, height), _ = PICTURES[file]
        x, y, w, h = bounds
        scale = size[0] / w
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + w, width), min(y + h, height)
        inside = (int(left), int(top), int(np.ceil(right)), int(np.ceil(bottom)))
        cut, small = WORK / "expected-cut.v", WORK / "expected.png"
        subprocess.run(["vips", "crop", demo.images / file, cut, str(inside[0]), str(inside[1]),
                        str(inside[2] - inside[0]), str(inside[3] - inside[1])]
                       if inside[2] - inside[0] < 8000 else
                       ["vips", "thumbnail", demo.images / file, cut, "2048", "--size", "force"],
                       check=True)
        subprocess.run(["vips", "copy", cut, small], check=True)
        cut.unlink()
        with Image.open(small) as picture:
            shown = picture.convert("RGB").resize(
                (round((inside[2] - inside[0]) * scale), round((inside[3] - inside[1]) * scale)),
                Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
        at = (round((inside[0] - x) * scale), round((inside[1] - y) * scale))
        canvas = Image.new("RGB", size)
        canvas.paste(shown, at)
        mask = np.zeros((size[1], size[0]), bool)
        mask[max(at[1], 0) + 8:at[1] + shown.height - 8, max(at[0], 0) + 8:at[0] + shown.width - 8] = True
        return canvas, mask
    return render


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
    # The measure would tell: the same picture three pixels aside is much further off.
    aside = Image.new("RGB", picture.size)
    aside.paste(picture, (4, 4))
    assert difference(screenshot, aside, mask) > 3
