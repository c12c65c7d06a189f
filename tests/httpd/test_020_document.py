"""Document mode: images that lie in a document root are services where they lie."""
import io
import json

import pytest
from PIL import Image
from private_httpd import Server


@pytest.fixture(scope="module")
def gallery(module_folder, pictures):
    folder = module_folder
    server = Server(folder)
    album = server.docs / "my gallery"
    album.mkdir()
    for name in ("map.tif", "plan of 100%.tif", "notes.txt"):
        (album / name).write_bytes((pictures / "coffee.tif").read_bytes())
    (album / ".htaccess").write_text("AddHandler iip-image .tif .tiff\n")
    (album / "private.tif").write_bytes((pictures / "coffee.tif").read_bytes())
    server.start(f"""
<Directory "{server.docs}">
    AllowOverride FileInfo
    <Files "private.tif">
        Require all denied
    </Files>
</Directory>
""")
    server.expect_log("AH01630")
    yield server
    server.stop()


BASE = "/my%20gallery/map.tif"


def size_of(answer):
    assert answer.status == 200
    return Image.open(io.BytesIO(answer.body)).size


def test_the_file_is_still_the_file(gallery, pictures):
    answer = gallery.get(BASE)
    assert answer.status == 200
    assert answer.body == (pictures / "coffee.tif").read_bytes()
    part = gallery.get(BASE, {"Range": "bytes=0-3"})
    assert (part.status, part.body) == (206, answer.body[:4])


def test_iiif(gallery):
    answer = gallery.get(f"{BASE}/info.json")
    assert answer.status == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    info = json.loads(answer.body)
    assert info["id"] == f"http://127.0.0.1:{gallery.port}{BASE}"
    assert (info["width"], info["height"]) == (600, 400)
    assert size_of(gallery.get(f"{BASE}/full/max/0/default.jpg")) == (600, 400)
    assert size_of(gallery.get(f"{BASE}/pct:0,0,50,50/%5E600,/0/default.png")) == (600, 400)


def test_deepzoom(gallery):
    assert 'Width="600"' in gallery.get(f"{BASE}/any%20name.dzi").text
    assert size_of(gallery.get(f"{BASE}/any%20name_files/10/2_1.jpg")) == (88, 144)


def test_zoomify(gallery):
    assert 'WIDTH="600"' in gallery.get(f"{BASE}/ImageProperties.xml").text
    assert size_of(gallery.get(f"{BASE}/TileGroup0/2-2-1.jpg")) == (88, 144)


def test_iip(gallery):
    assert size_of(gallery.get(f"{BASE}?WID=150&CVT=jpeg")) == (150, 100)
    assert b"Max-size:600 400" in gallery.get(f"{BASE}?OBJ=Max-size").body


def test_iip_by_post(gallery):
    answer = gallery.request("POST", BASE, body=b"WID=150&CVT=jpeg")
    assert size_of(answer) == (150, 100)


def test_names_that_need_escapes(gallery):
    target = "/my%20gallery/plan%20of%20100%25.tif"
    info = json.loads(gallery.get(f"{target}/info.json").body)
    assert info["id"] == f"http://127.0.0.1:{gallery.port}{target}"


def test_access_rules_of_the_file_hold(gallery):
    for rest in ("", "/info.json", "/full/max/0/default.jpg", "?WID=150&CVT=jpeg"):
        assert gallery.get(f"/my%20gallery/private.tif{rest}").status == 403


def test_other_files_are_not_touched(gallery):
    assert gallery.get("/my%20gallery/notes.txt/info.json").status == 404
    assert gallery.get("/my%20gallery/none.tif/info.json").status == 404
    assert gallery.get(f"{BASE}/nothing-of-ours").status == 404


def test_methods(gallery):
    assert gallery.request("HEAD", f"{BASE}/info.json").status == 200
    refused = gallery.request("PUT", f"{BASE}/info.json", body=b"x")
    assert (refused.status, refused["Allow"]) == (405, "GET, HEAD, OPTIONS")
    preflight = gallery.request("OPTIONS", f"{BASE}/info.json", {"Origin": "https://a.org"})
    assert preflight.status == 204
    assert preflight["Access-Control-Allow-Origin"] == "*"


def test_conditions(gallery):
    first = gallery.get(f"{BASE}/info.json")
    again = gallery.get(f"{BASE}/info.json", {"If-None-Match": first["ETag"]})
    assert (again.status, again.body) == (304, b"")
