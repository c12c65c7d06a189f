"""Identifiers with every character that a file name can have, through httpd's own decoding."""
import json
import shutil
import urllib.parse

import pytest
from conftest import service
from private_httpd import Server

NAMES = [
    "plain.tif",
    "with space.tif",
    "Zürich ☃ 東京.tif",
    "100%.tif",
    "%41.tif",
    "a%2Fb.tif",
    "a+b.tif",
    "what?.tif",
    "semi;colon.tif",
    "[brackets]{}.tif",
    "q'uo\"te.tif",
    "a&b=c.tif",
    "#hash.tif",
    "a,b:c@d!$(e)*.tif",
    "folder/inner.tif",
    "deep/er/pic ture.tif",
]


@pytest.fixture(scope="module")
def named(module_folder, pictures):
    folder = module_folder
    tree = folder / "tree"
    for name in NAMES:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pictures / "coffee.tif", tree / name)
    server = Server(folder / "server")
    server.start(service(tree, "IIPProtocol IIIF") + service(tree, path="/fcgi"))
    yield server
    server.stop()


def fully_encoded(name):
    return urllib.parse.quote(name, safe="")


@pytest.mark.parametrize("name", NAMES)
def test_in_the_path(named, name):
    """AllowEncodedSlashes is at its default."""
    answer = named.get(f"/iiif/{fully_encoded(name)}/info.json")
    assert answer.status == 200, named.error_log()
    identifier = json.loads(answer.body)["id"]
    # What a client makes of the id leads back to the image, and names the same file.
    path = urllib.parse.urlsplit(identifier).path
    assert urllib.parse.unquote(path) == f"/iiif/{name}"
    assert named.get(f"{path}/info.json").body == answer.body
    tile = named.get(f"{path}/0,0,256,256/256,/0/default.jpg")
    assert tile.status == 200
    assert f"<{identifier}/" in tile["Link"]


@pytest.mark.parametrize("name", NAMES)
def test_in_the_query(named, name):
    answer = named.get(f"/fcgi?IIIF={fully_encoded(name)}/info.json")
    assert answer.status == 200, named.error_log()
    query = urllib.parse.urlsplit(json.loads(answer.body)["id"]).query
    assert urllib.parse.unquote(query) == f"IIIF={name}"
    assert named.get(f"/fcgi?FIF={fully_encoded(name)}&OBJ=Max-size").status == 200


def test_double_encoding_stays_distinct(named):
    assert named.get("/iiif/folder%2Finner.tif/info.json").status == 200
    assert named.get("/iiif/folder%252Finner.tif/info.json").status == 404
    # A file whose name holds the three characters %2F.
    assert named.get("/iiif/a%252Fb.tif/info.json").status == 200
    assert named.get("/iiif/a%2Fb.tif/info.json").status == 404


def test_slashes_need_not_be_escaped(named):
    assert named.get("/iiif/folder/inner.tif/info.json").status == 200


def test_needless_escapes(named):
    answer = named.get("/iiif/%70lain%2Etif/info.json")
    assert answer.status == 200
    assert json.loads(answer.body)["id"].endswith("/iiif/plain.tif")


def test_raw_utf8_and_brackets(named):
    request = "GET /iiif/[brackets]{}.tif/info.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = named.raw(request.encode())
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))  # HttpProtocolOptions decides


@pytest.mark.parametrize("setting", ["On", "Off", "NoDecode"])
def test_allow_encoded_slashes_makes_no_difference(server, pictures, tmp_path, setting):
    tree = tmp_path / "tree"
    (tree / "folder").mkdir(parents=True)
    shutil.copy(pictures / "coffee.tif", tree / "folder" / "a.tif")
    server.start(f"AllowEncodedSlashes {setting}\n" + service(tree))
    answer = server.get("/iiif/folder%2Fa.tif/info.json")
    assert json.loads(answer.body)["id"].endswith("/iiif/folder%2Fa.tif")
    assert server.get("/iiif/folder%252Fa.tif/info.json").status == 404
    # Elsewhere the server is as it was.
    assert server.get("/other%2Fthing").status == 404


def test_absolute_form(named):
    target = f"http://127.0.0.1:{named.port}/iiif/with%20space.tif/info.json"
    assert named.get(target).status == 200
