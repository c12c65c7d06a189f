"""HTTP itself: methods, conditions, headers on errors, ranges, HTTP/2."""
import email.utils
import itertools
import os
import shutil
import subprocess
import time

import pytest
from conftest import service, wait_until_settled
from PIL import Image
from private_httpd import Server
from waiting import wait_for

TILE = "/iiif/coffee.tif/0,0,256,256/256,/0/default.jpg"
INFO = "/iiif/coffee.tif/info.json"
ALL = [TILE, INFO, "/iiif/coffee.tif/full/300,/0/gray.png", "/fcgi?FIF=coffee.tif&OBJ=Max-size",
       "/fcgi?DeepZoom=coffee.tif.dzi", "/fcgi?Zoomify=coffee.tif/ImageProperties.xml",
       "/fcgi?FIF=coffee.tif&JTL=1,0", "/fcgi?FIF=coffee.tif&TIL=1,0-1"]


@pytest.fixture(scope="module")
def site(module_folder, pictures):
    folder = module_folder
    tree = folder / "tree"
    shutil.copytree(pictures, tree)
    an_hour_ago = time.time() - 3600
    for path in tree.iterdir():
        os.utime(path, (an_hour_ago, an_hour_ago))
    (tree / "damaged.tif").write_bytes((tree / "coffee.tif").read_bytes()[:3000])
    server = Server(folder / "server")
    server.tree = tree
    server.start(service(tree) + service(tree, path="/fcgi")
                 + service(tree, "IIPCORS https://a.org https://b.org", path="/listed")
                 + service(tree, path="/own-errors")
                 + '<Location "/own-errors">\nErrorDocument 404 "nothing here"\n</Location>\n')
    server.expect_log("damaged.tif")
    wait_until_settled()
    yield server
    server.stop()


@pytest.mark.parametrize("target", ALL)
def test_conditions_and_head(site, target):
    full = site.get(target)
    assert full.status == 200
    assert int(full["Content-Length"]) == len(full.body) > 0
    assert full["ETag"].startswith('"')  # strong: the file has settled
    assert email.utils.parsedate_to_datetime(full["Last-Modified"]).timestamp() == int(
        os.stat(site.tree / "coffee.tif").st_mtime)
    assert full["Cache-Control"] == "max-age=86400"

    for condition in ({"If-None-Match": full["ETag"]}, {"If-None-Match": f'"x", W/{full["ETag"]}'},
                      {"If-None-Match": "*"}, {"If-Modified-Since": full["Last-Modified"]}):
        answer = site.get(target, condition)
        assert (answer.status, answer.body) == (304, b""), condition
        assert answer["ETag"] == full["ETag"]
        assert answer["Cache-Control"] == full["Cache-Control"]
        assert answer["Access-Control-Allow-Origin"] == full["Access-Control-Allow-Origin"]
    for condition in ({"If-None-Match": '"other"'},
                      {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
                      {"If-Modified-Since": "rubbish"}):
        assert site.get(target, condition).status == 200
    assert site.get(target, {"If-Match": '"other"'}).status == 412

    head = site.request("HEAD", target)
    assert (head.status, head.body) == (200, b"")
    for name in ("ETag", "Last-Modified", "Content-Type", "Cache-Control", "Link", "Vary",
                 "Access-Control-Allow-Origin"):
        assert head[name] == full[name]
    assert head["Content-Length"] in (None, full["Content-Length"])


@pytest.mark.parametrize("target", [INFO, "/fcgi?FIF=coffee.tif&OBJ=Max-size", "/fcgi?DeepZoom=coffee.tif.dzi",
                                    "/iiif/astronaut.tif/0,0,256,256/256,/0/default.jpg"])
def test_head_tells_the_length_of_what_is_not_made(site, target):
    full = site.get(target)
    head = site.request("HEAD", target)
    assert (head.status, head.body) == (200, b"")
    assert head["Content-Length"] == full["Content-Length"] == str(len(full.body))


def test_weak_etag_while_the_file_is_new(site):
    new = site.tree / "new.tif"
    shutil.copyfile(site.tree / "coffee.tif", new)
    assert site.get("/iiif/new.tif/info.json")["ETag"].startswith('W/"')


def test_replaced_file_has_another_etag(site):
    name, other = site.tree / "changing.tif", site.tree / "other"
    shutil.copy2(site.tree / "coffee.tif", name)
    target = "/iiif/changing.tif/0,0,256,256/256,/0/default.jpg"
    first = site.get(target)
    shutil.copy2(site.tree / "astronaut.tif", other)
    os.utime(other, ns=(name.stat().st_mtime_ns, name.stat().st_mtime_ns))
    other.replace(name)
    second = site.get(target, {"If-None-Match": first["ETag"]})
    assert second.status == 200
    assert second.body != first.body
    name.unlink()
    assert site.get(target, {"If-None-Match": second["ETag"]}).status == 404


def test_conditions_and_head_touch_no_pixel(site):
    """Of an image whose tiles are damaged, and nothing else, only the picture itself fails."""
    hollow = site.tree / "hollow.tif"
    shutil.copy2(site.tree / "coffee.tif", hollow)
    tags = Image.open(hollow).tag_v2
    with open(hollow, "r+b") as file:
        for offset, length in zip(tags[324], tags[325]):  # TileOffsets, TileByteCounts
            file.seek(offset)
            file.write(bytes(length))
    target = "/iiif/hollow.tif/full/500,/0/default.png"
    site.expect_log("hollow.tif")
    assert site.get(target).status == 500
    assert site.get(target, {"If-None-Match": "*"}).status == 304
    head = site.request("HEAD", target)
    assert head.status == 200
    assert site.get(target, {"If-None-Match": head["ETag"]}).status == 304


def test_methods(site):
    for method in ("PUT", "DELETE", "PATCH", "PROPFIND"):
        answer = site.request(method, INFO)
        assert answer.status == 405
        assert answer["Allow"] == "GET, HEAD, OPTIONS"
    # POST is IIP's alone.
    assert site.request("POST", INFO, body=b"").status == 405


def test_post(site):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    commands = b"FIF=coffee.tif&OBJ=Max-size"
    posted = site.request("POST", "/fcgi", form, body=commands)
    assert posted.body == site.get(f"/fcgi?{commands.decode()}").body
    assert site.request("POST", "/fcgi", body=commands + b"\r\n").body == posted.body
    chunked = site.raw(
        b"POST /fcgi HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x\r\n%s\r\n0\r\n\r\n" % (len(commands), commands))
    assert b"Max-size:600 400" in chunked


def test_post_body_limit(site):
    fits = b"FIF=coffee.tif&OBJ=Max-size&" + b"x" * 8161
    assert site.request("POST", "/fcgi", body=fits + b"x").status != 413
    assert site.request("POST", "/fcgi", body=fits + b"xx").status == 413
    claim = site.raw(b"POST /fcgi HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000000\r\n\r\n",
                     half_close=True)
    assert claim.startswith(b"HTTP/1.1 413")
    chunks = b"2000\r\n" + b"x" * 0x2000 + b"\r\n0\r\n\r\n"
    assert site.raw(b"POST /fcgi HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n" + chunks).startswith(b"HTTP/1.1 413")


def test_half_closed_connections(site):
    """Some clients (nc -N) close their side once they have asked, and still listen."""
    sizes = itertools.count(1)

    # The work is done within the moment that it has, unless the machine has much else to do: then
    # another picture that is not there yet.
    def is_answered():
        target = f"/iiif/coffee.tif/0,0,256,256/{next(sizes)},/0/default.jpg"
        request = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        head, _, body = site.raw(request, half_close=True).partition(b"\r\n\r\n")
        return head.startswith(b"HTTP/1.1 200") and body == site.get(target).body

    wait_for("no answer", is_answered)


def test_preflight(site):
    asking = {"Origin": "https://a.org", "Access-Control-Request-Method": "GET",
              "Access-Control-Request-Headers": "authorization, x-requested-with"}
    answer = site.request("OPTIONS", INFO, asking)
    assert (answer.status, answer.body) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    allowed = answer["Access-Control-Allow-Headers"].lower()
    for name in ("authorization", "x-requested-with", "accept", "if-none-match"):
        assert name in allowed
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_listed_origins(site):
    target = "/listed/coffee.tif/info.json"
    for origin, expected in (("https://a.org", "https://a.org"), ("https://b.org", "https://b.org"),
                             ("https://c.org", None), ("https://a.org.evil", None)):
        answer = site.get(target, {"Origin": origin})
        assert answer["Access-Control-Allow-Origin"] == expected
        assert "Origin" in answer["Vary"]
    assert "Origin" in site.get(target)["Vary"]


@pytest.mark.parametrize("target, status", [
    ("/iiif/coffee.tif/full/max/0/default.gif", 400),
    ("/iiif/coffee.tif/9999,0,1,1/max/0/default.jpg", 400),
    ("/iiif/coffee.tif/full/max/0/nothing.jpg", 400),
    ("/iiif/none.tif/info.json", 404),
    ("/iiif/damaged.tif/full/max/0/default.jpg", 500),
    ("/fcgi?FIF=coffee.tif", 400),
    ("/fcgi?" + "&".join(["FIF=coffee.tif"] + ["WID=1"] * 80), 400),
])
def test_errors(site, target, status):
    answer = site.get(target)
    assert answer.status == status
    assert int(answer["Content-Length"]) == len(answer.body) > 0
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["ETag"] is None and answer["Last-Modified"] is None
    assert str(site.tree).encode() not in answer.body
    if target.startswith("/iiif"):
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Content-Type"].startswith("text/plain")
    head = site.request("HEAD", target)
    assert (head.status, head.body) == (status, b"")


def test_error_document_of_the_administrator(site):
    answer = site.get("/own-errors/none.tif/info.json")
    assert (answer.status, answer.body) == (404, b"nothing here")
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_header_injection(site):
    for text in ("%0d%0aSet-Cookie:x=1", "%0aSet-Cookie:x=1", "%E5%98%8A%E5%98%8DSet-Cookie:x=1"):
        for target in (f"/iiif/{text}/info.json", f"/fcgi?FIF=coffee.tif&CVT={text}",
                       f"/fcgi?IIIF={text}"):
            head = site.raw(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            names = [line.split(b":")[0] for line in head.split(b"\r\n\r\n")[0].split(b"\r\n")]
            assert b"Set-Cookie" not in names


@pytest.mark.parametrize("target", [TILE, INFO, "/fcgi?FIF=coffee.tif&JTL=1,0"])
def test_ranges(site, target):
    full = site.get(target).body
    part = site.get(target, {"Range": "bytes=10-99"})
    assert (part.status, part.body) == (206, full[10:100])
    last = site.get(target, {"Range": "bytes=-5"})
    assert (last.status, last.body) == (206, full[-5:])
    assert site.get(target, {"Range": f"bytes={len(full)}-"}).status == 416


def test_http2(site, tmp_path):
    """The same bytes over HTTP/2, with cleartext prior knowledge."""
    for target in ALL:
        body = tmp_path / "body"
        done = subprocess.run(
            ["curl", "-s", "--http2-prior-knowledge", "-o", body, "-w", "%{http_version} %{http_code}",
             f"http://127.0.0.1:{site.port}{target}"], capture_output=True, text=True, check=True)
        assert done.stdout == "2 200"
        assert body.read_bytes() == site.get(target).body


def test_http2_load(site):
    """Streams side by side on one connection, most of them slices of the file."""
    done = subprocess.run(
        ["h2load", "-n", "2000", "-c", "4", "-m", "25", f"http://127.0.0.1:{site.port}{TILE}"],
        capture_output=True, text=True, check=True)
    assert "2000 succeeded, 0 failed, 0 errored" in done.stdout


def test_odd_request_lines(site):
    assert site.raw(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 200")
    closing = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert b" 400 " in site.raw(b"GET /iiif/%zz/info.json" + closing)[:16]
    site.expect_log("AH10244")
    nul = site.raw(b"GET /iiif/a%00b/info.json" + closing)
    assert nul[9:12] in (b"400", b"404")
    assert site.get(INFO).status == 200
