"""Other modules of httpd in the same place: none of them turns an image into something else."""
import json
import shutil

import pytest
from conftest import service

INFO = "/iiif/coffee.tif/info.json"


@pytest.fixture
def tree(tmp_path, pictures):
    folder = tmp_path / "tree"
    shutil.copytree(pictures, folder)
    (folder / "album").mkdir()
    return folder


def start(server, tree, *directives, more=""):
    return server.start(service(tree, "IIPProtocol IIIF", *directives) + more)


def test_multiviews(server, tree):
    start(server, tree, "Options +MultiViews")
    assert server.get(INFO).status == 200
    # Negotiation would find coffee.tif for it, and says that it can not say what it is.
    server.expect_log("AH00687")
    assert server.get("/iiif/coffee/info.json").status == 404


def test_directory_index_and_slash(server, tree):
    start(server, tree, "DirectoryIndex coffee.tif", "FallbackResource /index.html")
    assert server.get("/iiif/album/info.json").status == 404
    assert server.get("/iiif/none/info.json").status == 404
    assert server.get(INFO).status == 200


def test_handlers_and_types_by_name(server, tree):
    shutil.copy(tree / "coffee.tif", tree / "a.en.tif.gz")
    start(server, tree, more=f"""
<Directory "{tree}">
    AddHandler server-status .tif
    AddType text/html .tif
    AddEncoding x-gzip .gz
    AddLanguage en .en
</Directory>
""")
    assert server.get(INFO)["Content-Type"].startswith("application/ld+json")
    answer = server.get("/iiif/a.en.tif.gz/info.json")
    assert answer.status == 200
    assert answer["Content-Encoding"] is None and answer["Content-Language"] is None


def test_compression_leaves_pictures_alone(server, tree):
    start(server, tree, "SetOutputFilter DEFLATE")
    gzip = {"Accept-Encoding": "gzip"}
    picture = server.get("/iiif/coffee.tif/full/100,/0/default.jpg", gzip)
    assert picture["Content-Encoding"] is None
    assert picture.body.startswith(b"\xff\xd8\xff")
    assert server.get(INFO, gzip)["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("line", [
    'Header set Access-Control-Allow-Origin "https://admin.example"',
    'Header always set Access-Control-Allow-Origin "https://admin.example"',
])
def test_headers_of_the_administrator_win(server, tree, line):
    start(server, tree, line, 'Header set Cache-Control "no-cache"')
    for target in (INFO, "/iiif/coffee.tif/full/100,/0/default.jpg"):
        answer = server.get(target)
        assert answer.headers.get_all("Access-Control-Allow-Origin") == ["https://admin.example"]
        assert answer.headers.get_all("Cache-Control") == ["no-cache"]
        again = server.get(target, {"If-None-Match": answer["ETag"]})
        assert again.status == 304
        assert again.headers.get_all("Access-Control-Allow-Origin") == ["https://admin.example"]


def test_rewrite_rules_beside_the_images(server, tree):
    (tree / "album" / ".htaccess").write_text(
        "RewriteEngine On\nRewriteRule ^old\\.tif$ /iiif/coffee.tif/info.json [R=302]\n")
    shutil.copy(tree / "coffee.tif", tree / "album" / "old.tif")
    shutil.copy(tree / "coffee.tif", tree / "album" / "new.tif")
    start(server, tree, more=f"""
<Directory "{tree}">
    AllowOverride FileInfo
    Options FollowSymLinks
</Directory>
""")
    assert server.get("/iiif/album%2Fold.tif/info.json").status == 302
    assert server.get("/iiif/album%2Fnew.tif/info.json").status == 200


def test_error_document_that_is_an_image(server, tree):
    """An internal redirect comes through all hooks again."""
    start(server, tree, "ErrorDocument 404 /iiif/coffee.tif/full/50,/0/default.jpg")
    answer = server.get("/iiif/none.tif/info.json")
    assert answer.status == 404
    assert answer.body.startswith(b"\xff\xd8\xff")


def test_handler_in_a_directory_says_what_is_wrong(server):
    (server.docs / "x.tif").write_bytes(b"x")
    server.start(f"<Directory {server.docs}>\nSetHandler iip\n</Directory>")
    assert server.get("/x.tif").status == 500
    assert "use AddHandler iip-image" in server.error_log()
    server.expect_log("use AddHandler iip-image")


def test_public_url_by_use_canonical_name(server, tree):
    start(server, tree, more="UseCanonicalName On\n")
    poisoned = server.get(INFO, {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example",
                                 "X-IIIF-ID": "http://evil.example/x"}, host="evil.example")
    assert json.loads(poisoned.body)["id"] == f"http://127.0.0.1:{server.port}/iiif/coffee.tif"
