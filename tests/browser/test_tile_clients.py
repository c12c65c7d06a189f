"""Leaflet-IIIF and OpenLayers: each tile they ask for has the size that their grid expects.

Both cut the full size into tiles of 256 x scale pixels and expect the ceiling of region / scale,
whatever the pyramid in the file holds. IIIF 2 clients state the width alone and expect the height.
"""

import json
import math
import re
import urllib.request
from urllib.parse import unquote

import pytest

from conftest import ODD_SIZES

TILE = 256
TILE_URL = re.compile(r"/(full|\d+,\d+,\d+,\d+)/(max|full|\d+,\d*|,\d+)/0/default\.jpg$")
SERVICES = ["iiif", "iiif2"]
PAGES = ["leaflet", "openlayers"]
CASES = [(page, service, size) for page in PAGES for service in SERVICES for size in ODD_SIZES]


def name_of(page, service, size):
    return f"{page}-{service}-{size[0]}x{size[1]}"


@pytest.fixture(scope="module")
def results(demo, clients, odd_images, drive):
    return drive([{"width": 1100, "height": 800, "kind": "clientPage", "name": name_of(page, service, size),
                   "url": f"{clients}/{page}.html?info={demo.url}/{service}/{odd_images[size]}/info.json"}
                  for page, service, size in CASES])


def ceil_divide(a, b):
    return -(-a // b)


def grid(width, height, scales):
    """Every tile of the picture at these scales: region -> the sizes in which it is expected."""
    tiles = {}
    for scale in scales:
        side = TILE * scale
        for x in range(0, width, side):
            for y in range(0, height, side):
                w, h = min(side, width - x), min(side, height - y)
                tiles.setdefault((x, y, w, h), []).append(
                    (ceil_divide(w, scale), ceil_divide(h, scale)))
    return tiles


def scales_of(page, size, info):
    """OpenLayers goes by the list of factors; Leaflet-IIIF until the picture fits one tile."""
    if page == "openlayers":
        return info["tiles"][0]["scaleFactors"]
    return [2 ** power for power in range(math.ceil(math.log2(max(size) / TILE)) + 1)]


def region_and_width(url, width, height):
    """What a tile's URL asks for: the region, and the width of the answer (None: not stated)."""
    match = TILE_URL.search(unquote(url))
    assert match, url
    region, size = match.groups()
    box = (0, 0, width, height) if region == "full" else tuple(map(int, region.split(",")))
    if size in ("max", "full"):
        return box, box[2]
    stated = size.split(",")[0]
    return box, int(stated) if stated else None


@pytest.mark.parametrize(("page", "service", "size"), CASES)
def test_every_tile_has_the_size_that_the_client_expects(results, demo, odd_images, page, service, size):
    result = results[name_of(page, service, size)]
    assert result["errors"] == []
    assert result["problem"] == ""
    assert [answer for answer in result["answers"] if answer[0] >= 400] == []

    with urllib.request.urlopen(f"{demo.url}/{service}/{odd_images[size]}/info.json") as answer:
        info = json.load(answer)
    tiles = grid(*size, scales_of(page, size, info))
    seen = set()
    for url, delivered in result["tiles"].items():
        region, width = region_and_width(url, *size)
        assert region in tiles, url
        expected = [each for each in tiles[region] if width in (None, each[0])]
        assert tuple(delivered) in expected, f"{url}: {delivered}, expected {expected}"
        seen.add(region)
    assert seen == set(tiles)
