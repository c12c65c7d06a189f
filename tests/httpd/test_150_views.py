"""Image sequences, whose frames are files, and stacks, whose pages are in one file."""
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from conftest import service, wait_until_settled
from private_httpd import Server

SIDE = 300
# The grey of each frame of the vase, by its angles.
VASE = {(0, 90): 10, (10, 90): 60, (20, 90): 110, (0, 45): 160, (10, 45): 210}
PAGES = [20, 90, 200]


def flat(grey):
    return Image.new("L", (SIDE, SIDE), grey)


def frame_name(stem, pattern, view):
    return f"{stem}{pattern}{view[0]:03}_{view[1]:03}.tif"


@pytest.fixture(scope="module")
def folder(module_folder):
    folder = module_folder / "objects"
    (folder / "museum").mkdir(parents=True)
    for view, grey in VASE.items():
        flat(grey).save(folder / "museum" / frame_name("vase", "_pyr_", view))
    flat(33).save(folder / frame_name("coin", "-side-", (0, 90)))
    flat(5).save(folder / "single.tif")
    pages = [flat(grey) for grey in PAGES]
    pages[0].save(folder / "stack.tif", save_all=True, append_images=pages[1:])
    return folder


@pytest.fixture(scope="module")
def server(module_folder, folder):
    server = Server(module_folder / "server")
    server.start(
        service(folder, path="/iip")
        + service(folder, "IIPProtocol IIIF", "IIPIIIFDelimiter ;", path="/iiif")
        + service(folder, "IIPFilenamePattern -side-", path="/side")
        + f'<Directory "{folder}/museum">\n'
        f'    <Files "vase_pyr_010_045.tif">\n        Require all denied\n    </Files>\n'
        f"</Directory>\n"
    )
    yield server
    server.stop()


def grey_of(answer):
    """The one grey that the whole picture has."""
    assert answer.status == 200, answer.body
    pixels = np.asarray(Image.open(io.BytesIO(answer.body)))
    assert pixels.min() == pixels.max()
    return int(pixels.min())


def frame(server, commands, path="/iip"):
    return server.get(f"{path}?FIF=museum/vase{commands}")


@pytest.mark.parametrize("view", [(0, 90), (10, 90), (20, 90), (0, 45)])
def test_a_view_is_its_frame(server, view):
    sds = f"&SDS={view[0]},{view[1]}"
    assert grey_of(frame(server, f"{sds}&WID=50&CVT=png")) == VASE[view]
    assert grey_of(frame(server, f"{sds}&PTL=0,0")) == VASE[view]


def test_the_first_view_is_shown_where_none_is_asked_for(server):
    assert grey_of(frame(server, "&WID=50&CVT=png")) == VASE[0, 90]


def test_old_tile_commands_name_the_view(server):
    answer = frame(server, "&JTLS=20,0,0,90")
    assert abs(grey_of(answer) - VASE[20, 90]) <= 1  # a JPEG


@pytest.mark.parametrize("view", ["30,90", "10", "0,0", "-10,90", "1000000000000,90"])
def test_a_view_that_is_not_there_is_not_found(server, view):
    assert frame(server, f"&SDS={view}&PTL=0,0").status == 404


def test_the_views_are_listed(server):
    text = frame(server, "&OBJ=Horizontal-views&OBJ=Vertical-views").text
    assert "Horizontal-views:0 10 20\r\n" in text
    assert "Vertical-views:45 90\r\n" in text


def test_a_single_picture_has_one_view(server):
    text = server.get("/iip?FIF=single.tif&OBJ=Horizontal-views&OBJ=Vertical-views").text
    assert "Horizontal-views:0\r\n" in text and "Vertical-views:90\r\n" in text
    assert grey_of(server.get("/iip?FIF=single.tif&SDS=0,90&PTL=0,0")) == 5
    assert server.get("/iip?FIF=single.tif&SDS=1,90&PTL=0,0").status == 404


def test_access_is_that_of_the_frame(server):
    server.expect_log("denied")
    answer = frame(server, "&SDS=10,45&PTL=0,0")
    assert answer.status == 403
    assert "/objects" not in answer.text


def test_the_pattern_can_be_chosen(server):
    assert grey_of(server.get("/side?FIF=coin&PTL=0,0")) == 33
    assert server.get("/iip?FIF=coin&PTL=0,0").status == 404
    assert frame(server, "&PTL=0,0", path="/side").status == 404


def test_a_name_with_wildcards_finds_nothing(server):
    for name in ("museum/*", "museum/vas?", "museum/[v]ase"):
        assert server.get(f"/iip?FIF={name}&PTL=0,0").status == 404


def test_each_frame_is_a_picture_of_its_own(server, folder):
    path = folder / "museum" / frame_name("vase", "_pyr_", (20, 90))
    wait_until_settled()
    before = frame(server, "&SDS=20,90&PTL=0,0")
    other = frame(server, "&SDS=10,90&PTL=0,0")
    assert before["ETag"] != other["ETag"]
    flat(250).save(path)
    try:
        after = frame(server, "&SDS=20,90&PTL=0,0")
        assert grey_of(after) == 250
        assert after["ETag"].removeprefix("W/") != before["ETag"]
        assert frame(server, "&SDS=10,90&PTL=0,0")["ETag"] == other["ETag"]
    finally:
        flat(VASE[20, 90]).save(path)


def test_a_spectrum_goes_through_all_frames(server):
    text = frame(server, "&SPECTRA=0,0,10,10").text
    points = re.findall(r"<wavelength>(.*?)</wavelength>\s*<reflectance>(.*?)</reflectance>", text)
    assert [name for name, _ in points] == ["0", "10", "20"]
    assert [float(value) for _, value in points] == pytest.approx(
        [VASE[angle, 90] / 255 for angle in (0, 10, 20)], abs=1e-6)


def test_a_profile_goes_through_all_frames(server):
    profile = json.loads(frame(server, "&PFL=0:5,5-9,5").text)["profile"]
    assert profile == {str(angle): [VASE[angle, 90]] * 4 for angle in (0, 10, 20)}


@pytest.mark.parametrize("page", range(len(PAGES)))
def test_pages_of_a_stack(server, page):
    assert grey_of(server.get(f"/iip?FIF=stack.tif&SDS={page}&PTL=0,0")) == PAGES[page]
    assert grey_of(server.get(f"/iip?FIF=stack.tif&SDS={page},90&WID=9&CVT=png")) == PAGES[page]
    assert grey_of(server.get(f"/iiif/stack.tif;{page}/full/max/0/default.png")) == PAGES[page]


def test_a_page_that_is_not_there_is_not_found(server):
    assert server.get(f"/iip?FIF=stack.tif&SDS={len(PAGES)}&PTL=0,0").status == 404
    assert server.get(f"/iiif/stack.tif;{len(PAGES)}/info.json").status == 404


def test_an_info_json_names_its_page(server):
    info = json.loads(server.get("/iiif/stack.tif;1/info.json").body)
    assert info["id"].endswith("/iiif/stack.tif;1") or info["id"].endswith("/iiif/stack.tif%3B1")
    assert (info["width"], info["height"]) == (SIDE, SIDE)


def test_the_stack_is_described(server):
    text = server.get("/iip?FIF=stack.tif&OBJ=Horizontal-views").text
    assert "Horizontal-views:0 1 2\r\n" in text
    stack = json.loads(server.get("/iip?FIF=stack.tif&OBJ=stack").text)
    assert [layer["id"] for layer in stack] == [0, 1, 2]


def test_spectra_and_profiles_of_a_stack(server):
    text = server.get("/iip?FIF=stack.tif&SPECTRA=0,0,3,4").text
    values = [float(v) for v in re.findall(r"<reflectance>(.*?)</reflectance>", text)]
    assert values == pytest.approx([grey / 255 for grey in PAGES], abs=1e-6)
    profile = json.loads(server.get("/iip?FIF=stack.tif&PFL=0:0,0-3,0").text)["profile"]
    assert list(profile.values()) == [[grey] * 3 for grey in PAGES]
