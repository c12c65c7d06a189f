"""Service mode: a URL prefix serves a tree of images, over every protocol."""
import io
import json
import re

import pytest
from conftest import PHOTOS, service, tiff
from PIL import Image


def size_of(answer):
    return Image.open(io.BytesIO(answer.body)).size


@pytest.fixture
def iiif(server, pictures):
    return server.start(service(pictures))


@pytest.fixture
def old_links(server, pictures):
    """A drop-in for iipsrv: the protocol goes by the query."""
    return server.start(service(pictures, path="/fcgi-bin/iipsrv.fcgi"))


def test_info_json(iiif):
    answer = iiif.get("/iiif/coffee.tif/info.json")
    assert answer.status == 200
    assert answer["Content-Type"].startswith("application/ld+json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert int(answer["Content-Length"]) == len(answer.body)
    info = json.loads(answer.body)
    assert (info["width"], info["height"]) == (600, 400)
    assert info["id"] == f"http://127.0.0.1:{iiif.port}/iiif/coffee.tif"


def test_tile_is_the_stored_one(iiif, pictures):
    answer = iiif.get("/iiif/astronaut.tif/256,0,256,256/256,256/0/default.jpg")
    assert answer.status == 200
    assert answer["Content-Type"] == "image/jpeg"
    sent = Image.open(io.BytesIO(answer.body)).convert("RGB")
    stored = Image.open(pictures / "astronaut.tif").convert("RGB").crop((256, 0, 512, 256))
    difference = max(
        abs(a - b) for p, q in zip(sent.getdata(), stored.getdata()) for a, b in zip(p, q)
    )
    assert difference <= 4  # two JPEG decoders may round chroma differently


def test_canonical_link_names_the_picture(iiif):
    answer = iiif.get("/iiif/coffee.tif/full/300,/0/default.jpg")
    assert size_of(answer) == (300, 200)
    canonical = re.search(r'<([^>]+)>;rel="canonical"', answer["Link"]).group(1)
    base = f"http://127.0.0.1:{iiif.port}"
    assert canonical.startswith(f"{base}/iiif/coffee.tif/full/300,200/")
    again = iiif.get(canonical.removeprefix(base))
    assert again.body == answer.body
    assert again["ETag"].removeprefix("W/") == answer["ETag"].removeprefix("W/")


def test_base_uri_redirects_to_info_json(server, pictures):
    server.start(service(pictures, "IIPProtocol IIIF"))
    answer = server.get("/iiif/coffee.tif")
    assert answer.status == 303
    assert answer["Location"] == f"http://127.0.0.1:{server.port}/iiif/coffee.tif/info.json"
    assert answer.body == b""
    assert answer["Content-Type"] is None
    assert server.get("/iiif/none.tif").status == 404


def test_set_handler_alone_is_enough(server, pictures):
    server.start(service(pictures))
    assert server.get("/iiif/coffee.tif/info.json").status == 200
    assert server.get("/iiif/coffee.tif/full/200,/0/default.jpg").status == 200
    assert server.get("/iiif/coffee.tif.dzi").status == 200
    assert server.get("/iiif/coffee.tif").status == 303


def test_iip(old_links):
    answer = old_links.get("/fcgi-bin/iipsrv.fcgi?FIF=coffee.tif&obj=IIP,1.0&obj=Max-size")
    assert answer.status == 200
    assert b"Max-size:600 400\r\n" in answer.body
    picture = old_links.get("/fcgi-bin/iipsrv.fcgi?FIF=coffee.tif&WID=150&CVT=jpeg")
    assert size_of(picture) == (150, 100)
    assert picture["Access-Control-Allow-Origin"] is None


def test_iip_error_body_under_a_true_status(old_links):
    answer = old_links.get("/fcgi-bin/iipsrv.fcgi?FIF=coffee.tif&OBJ=no-such-object")
    assert answer.status == 400
    assert answer["Content-Type"] == "application/vnd.netfpx"
    assert answer.body.startswith(b"Error/")
    missing = old_links.get("/fcgi-bin/iipsrv.fcgi?FIF=none.tif&OBJ=max-size")
    assert (missing.status, missing.body) == (404, b"Error/26:1 3 The image is not there\r\n")
    no_tile = old_links.get("/fcgi-bin/iipsrv.fcgi?FIF=coffee.tif&JTL=0,999")
    assert no_tile.status == 404
    assert no_tile.body.startswith(b"Error/") and b":1 3 " in no_tile.body


def test_deepzoom(old_links):
    descriptor = old_links.get("/fcgi-bin/iipsrv.fcgi?DeepZoom=coffee.tif.dzi")
    assert 'Width="600" Height="400"' in descriptor.text
    # Level 10 is the full size (2^10 >= 600): column 2 is what is left of 600 - 2 * 256.
    tile = old_links.get("/fcgi-bin/iipsrv.fcgi?DeepZoom=coffee.tif_files/10/2_1.jpg")
    assert size_of(tile) == (600 - 512, 400 - 256)


def test_zoomify(old_links):
    properties = old_links.get("/fcgi-bin/iipsrv.fcgi?Zoomify=coffee.tif/ImageProperties.xml")
    assert 'WIDTH="600" HEIGHT="400"' in properties.text
    tile = old_links.get("/fcgi-bin/iipsrv.fcgi?Zoomify=coffee.tif/TileGroup0/2-2-1.jpg")
    assert size_of(tile) == (600 - 512, 400 - 256)


def test_iiif_by_query_names_itself_by_query(old_links):
    info = json.loads(old_links.get("/fcgi-bin/iipsrv.fcgi?IIIF=coffee.tif/info.json").body)
    assert info["id"] == (
        f"http://127.0.0.1:{old_links.port}/fcgi-bin/iipsrv.fcgi?IIIF=coffee.tif"
    )


@pytest.mark.parametrize("protocol, target, expected", [
    ("IIIF", "/x/coffee.tif/info.json", "application/ld+json"),
    ("DeepZoom", "/x/coffee.tif.dzi", "application/xml"),
    ("Zoomify", "/x/coffee.tif/ImageProperties.xml", "application/xml"),
])
def test_protocol_of_a_path(server, pictures, protocol, target, expected):
    server.start(service(pictures, f"IIPProtocol {protocol}", path="/x"))
    answer = server.get(target)
    assert answer.status == 200
    assert answer["Content-Type"].startswith(expected)


def test_missing_image(iiif):
    answer = iiif.get("/iiif/none.tif/info.json")
    assert answer.status == 404
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.text.count("\n") == 1
    assert str(iiif.root) not in answer.text


def test_directory_is_not_an_image(server, pictures, tmp_path):
    tiff(PHOTOS / "coffee.jpg", tmp_path / "tree" / "album" / "coffee.tif")
    server.start(service(tmp_path / "tree"))
    assert server.get("/iiif/album/info.json").status == 404
    assert server.get("/iiif/album%2Fcoffee.tif/info.json").status == 200


def test_not_an_image(server, tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "notes.tif").write_text("<script>alert(1)</script>")
    server.start(service(tree))
    answer = server.get("/iiif/notes.tif/info.json")
    assert answer.status == 404
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"script" not in answer.body


def test_long_names_are_not_there(iiif):
    # httpd's walk would call a name that no file can have forbidden.
    assert iiif.get(f"/iiif/{'a' * 300}/info.json").status == 404
    deep = "%2F".join(["d" * 200] * 25)
    assert iiif.get(f"/iiif/{deep}/info.json").status == 404


def test_without_a_prefix(server):
    server.start('<Location "/iiif">\nSetHandler iip\n</Location>')
    answer = server.get("/iiif/coffee.tif/info.json")
    assert answer.status == 403
    assert str(server.root) not in answer.text
    assert "IIPFilesystemPrefix is not set" in server.error_log()
    server.expect_log("IIPFilesystemPrefix is not set")


def test_prefix_that_is_not_granted(server, pictures):
    server.start(f'<Location "/iiif">\nSetHandler iip\nIIPFilesystemPrefix {pictures}\n</Location>')
    answer = server.get("/iiif/coffee.tif/info.json")
    assert answer.status == 403
    assert answer["Access-Control-Allow-Origin"] == "*"
    server.expect_log("AH01630")
    server.wait_for_log(rf'Directory "{pictures}/"> with Require all granted')


def test_suffix(server, pictures):
    server.start(service(pictures, "IIPFilesystemSuffix .tif"))
    assert server.get("/iiif/coffee/info.json").status == 200
    assert server.get("/iiif/coffee.tif/info.json").status == 404


def test_whole_virtual_host_as_a_service(server, pictures):
    server.start(f"""
SetHandler iip
IIPFilesystemPrefix {pictures}
IIPProtocol IIIF
<Directory {pictures}>
    Require all granted
</Directory>
""")
    info = json.loads(server.get("/coffee.tif/info.json").body)
    assert info["id"] == f"http://127.0.0.1:{server.port}/coffee.tif"


@pytest.mark.parametrize("section, path", [
    ('LocationMatch "^/img/"', "/img"),
    ('LocationMatch "^/[a-z]+/pictures(/|$)"', "/my/pictures"),
    ('Location "/sites/*/img"', "/sites/a/img"),
    ('Location "/with space"', "/with%20space"),
])
def test_service_path_of_other_sections(server, pictures, section, path):
    kind = section.split()[0]
    server.start(f"""
<{section}>
    SetHandler iip
    IIPFilesystemPrefix {pictures}
</{kind}>
<Directory {pictures}>
    Require all granted
</Directory>
""")
    # A wildcard without a slash at its end covers its own URL alone, as httpd matches it.
    if "*" in section:
        assert server.get(f"{path}/coffee.tif/info.json").status == 404
        return
    answer = server.get(f"{path}/coffee.tif/info.json")
    assert answer.status == 200
    assert json.loads(answer.body)["id"].endswith(f"{path}/coffee.tif")


def test_service_inside_a_service(server, pictures, tmp_path):
    tiff(PHOTOS / "rocket.jpg", tmp_path / "inner" / "rocket.tif")
    server.start(service(pictures) + service(tmp_path / "inner", path="/iiif/inner"))
    assert server.get("/iiif/coffee.tif/info.json").status == 200
    assert server.get("/iiif/inner/rocket.tif/info.json").status == 200
    assert server.get("/iiif/inner/coffee.tif/info.json").status == 404


def test_rewritten_url(server, pictures):
    server.start(service(pictures) + """
RewriteEngine On
RewriteRule ^/short/(.+)$ /iiif/$1/full/100,/0/default.jpg [PT]
""")
    assert size_of(server.get("/short/coffee.tif")) == (100, 67)
