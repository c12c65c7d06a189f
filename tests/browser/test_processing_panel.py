"""The demo's panel of processing: what moves in it moves the commands in the URLs of the tiles, all of
them are answered, and the picture changes as it should."""
import re

import numpy as np
import pytest
from PIL import Image

TILES = re.compile(r"JTL=", re.IGNORECASE)


def step(name, control, value, command):
    """A control is set; the tiles that are asked for then have the command in their URLs."""
    return {"name": name, "control": control, "value": value, "command": command}


SIXTEEN = [
    step("max", "max", "30015", "MINMAX=-:0,30015&"),
    step("min", "min", "6029", "MINMAX=-:6029.22,30015&"),
    step("contrast", "contrast", "1.5", "CNT=1.5&"),
    step("gamma", "gamma", "0.5", "GAM=0.5&"),
    step("map", "map", "viridis", "CMP=viridis&"),
]
HEIGHTS = [
    step("shade", "shade", "on", "SHD=315,45&"),
    step("azimuth", "azimuth", "135", "SHD=135,45&"),
    step("elevation", "elevation", "90", "SHD=135,90&"),
    step("map", "map", "hot", "CMP=hot&"),
]
CASES = {"sixteen": SIXTEEN, "heights": HEIGHTS}


@pytest.fixture(scope="module")
def results(demo, drive):
    return drive([{"width": 1000, "height": 640, "kind": "processingPanel", "name": f"panel-{name}",
                   "url": f"{demo.url}/#iip/{name}.tif", "steps": steps}
                  for name, steps in CASES.items()])


def views(results, name):
    return {view["name"]: view for view in results[f"panel-{name}"]["views"]}


def grey(view):
    """What the viewer shows, without the bars beside the picture."""
    with Image.open(view["screenshot"]) as screenshot:
        pixels = np.asarray(screenshot.convert("RGB")).astype(float)
    height, width, _ = pixels.shape
    return pixels[height // 4:-height // 4, width // 4:-width // 4]


@pytest.mark.parametrize("name", CASES)
def test_all_requests_are_answered(results, name):
    result = results[f"panel-{name}"]
    assert result["errors"] == []
    assert {status for status, url in result["answers"] if TILES.search(url)} == {200}


@pytest.mark.parametrize("name,number", [(name, number) for name, steps in CASES.items()
                                         for number in range(len(steps))])
def test_a_control_changes_the_urls_and_the_picture(results, name, number):
    steps = CASES[name]
    seen = views(results, name)
    before = seen[steps[number - 1]["name"] if number else "plain"]
    after = seen[steps[number]["name"]]
    assert after["urls"], "tiles were asked for anew"
    assert all(steps[number]["command"] in url for url in after["urls"])
    assert not any(steps[number]["command"] in url for url in before["urls"])
    assert steps[number]["command"].rstrip("&") in after["shown"]
    assert np.abs(grey(after) - grey(before)).mean() > 2


def test_the_picture_changes_as_it_should(results):
    seen = views(results, "sixteen")
    assert grey(seen["max"]).mean() > grey(seen["plain"]).mean() + 20, "white is nearer"
    assert grey(seen["contrast"]).mean() > grey(seen["min"]).mean() + 10
    assert grey(seen["gamma"]).mean() > grey(seen["contrast"]).mean() + 10
    for name in ("plain", "max", "min", "contrast", "gamma"):
        assert np.ptp(grey(seen[name]), axis=2).max() <= 3, "greys so far"
    assert np.ptp(grey(seen["map"]), axis=2).mean() > 20, "colours"


def test_light_from_the_other_side_turns_the_relief(results):
    seen = views(results, "heights")
    one, other = (grey(seen[name])[..., 0].ravel() for name in ("shade", "azimuth"))
    assert np.corrcoef(one, other)[0, 1] < 0
    darkest = {name: np.percentile(grey(seen[name]), 5) for name in ("azimuth", "elevation")}
    assert darkest["azimuth"] == 0 and darkest["elevation"] > 10, "at noon no slope is in the dark"


@pytest.mark.parametrize("name", CASES)
def test_the_button_takes_everything_back(results, name):
    seen = views(results, name)
    assert seen["reset"]["shown"] == "no commands"
    assert not any(command in url for url in seen["reset"]["urls"]
                   for command in ("MINMAX", "CNT", "GAM", "CMP", "SHD"))
    assert np.abs(grey(seen["reset"]) - grey(seen["plain"])).mean() < 0.5
