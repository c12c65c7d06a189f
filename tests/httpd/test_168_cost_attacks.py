"""Small files and small requests that would cost much: what each takes of the child process.

The limit on a request is 2 s of processor time and 256 MB, unless the configuration allows more,
whatever the file is like; and what is kept of a file counts among what is kept of all.
"""
import os

import pytest
from conftest import service
from costly_files import FILES
from one_child import ONE_CHILD, Child
from private_httpd import Server

# Of one request. Only what is larger than this would be a way to harm the host.
MOST_SECONDS = 2
MOST_MEGABYTES = 300
# Of all files together, in a child that has answered all requests about them.
MOST_KEPT_MEGABYTES = 400

REQUESTS = [
    "/iiif/{}/info.json",
    "/fcgi?FIF={}" + "&OBJ=metadata" * 8,
    "/fcgi?FIF={}&OBJ=summary-info&OBJ=xmp&OBJ=stack&OBJ=metadata&ROT=90&OBJ=metadata&OBJ=xmp",
    "/fcgi?FIF={}&JTL=0,0",
    "/fcgi?FIF={}&WID=100&CVT=jpeg",
    "/iiif/{}/full/64,/0/default.png",
    "/fcgi?FIF={}&SPECTRA=0,0,0,0",
    "/fcgi?FIF={}&PFL=0:0,0-10,0",
    "/fcgi?FIF={}&TIL=0,0-0",
]


@pytest.fixture(scope="module")
def files(module_folder):
    for name, make in FILES.items():
        path = module_folder / name
        path.write_bytes(make())
        # Long settled, so that what is known of it is kept.
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return module_folder


@pytest.fixture(params=sorted(ONE_CHILD))
def server(request, tmp_path, files):
    server = Server(tmp_path / "server", request.param)
    server.expect_log("consider raising the MaxRequestWorkers setting")
    server.start(
        ONE_CHILD[request.param] + "IIPColour sRGB\n" + service(files) + service(files, path="/fcgi")
    )
    yield server
    server.stop()


def test_each_request_is_within_its_limits(server):
    # A refused picture is no fault of the server's.
    server.expect_log(r"\[iip:error\]")
    server.get("/iiif/nothing/info.json")
    child = Child(server)
    first = child.megabytes("VmRSS")
    too_much = []
    for name in FILES:
        for form in REQUESTS:
            target = form.format(name)
            child.forget_peak()
            seconds, megabytes = child.seconds(), child.megabytes("VmRSS")
            answer = server.get(target)
            seconds = child.seconds() - seconds
            megabytes = child.megabytes("VmHWM") - megabytes
            line = f"{target}: {answer.status}, {seconds:.2f} s, {megabytes:.0f} MB"
            print(line)
            assert answer.status in {200, 400, 404, 413, 500, 501}, line
            if seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES:
                too_much.append(line)
    assert not too_much, "\n".join(too_much)
    assert server.children() == [child.pid]
    kept = child.megabytes("VmRSS") - first
    print(f"kept: {kept:.0f} MB")
    assert kept < MOST_KEPT_MEGABYTES


def test_an_object_is_answered_once(server):
    once = server.get("/fcgi?FIF=shared_texts.tif&OBJ=metadata")
    assert once.status == 200
    assert len(once.body) < 16 << 20
    assert server.get("/fcgi?FIF=shared_texts.tif" + "&OBJ=metadata" * 60).body == once.body
