"""Purge: what an operator tells the server to forget is made anew, by every child, and nothing else."""
import base64
import json
import os
import shutil
import subprocess

import pytest
from conftest import service, wait_until_settled
from private_httpd import Server

SIZE = "full/90,/0/default.jpg"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STATUS = """
<Location "/iip-status">
    SetHandler iip-status
    IIPStatusPurge On
</Location>
"""


@pytest.fixture(scope="module")
def tree(module_folder, pictures):
    folder = module_folder / "tree"
    for name in IMAGES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pictures / "coffee.tif", folder / name)
    wait_until_settled()
    return folder


IMAGES = ["a.tif", "maps/b.tif", "maps/old/c.tif", "maps2/d.tif", "odd & ünusual.tif"]
QUOTED = {"odd & ünusual.tif": "odd%20%26%20%C3%BCnusual.tif"}


def target(name):
    return "/iiif/" + QUOTED.get(name, name).replace("/", "%2F") + "/" + SIZE


def post(server, body, headers=None, path="/iip-status"):
    return server.request("POST", path, FORM | (headers or {}), body.encode())


def totals(server):
    return json.loads(server.get("/iip-status").text)["totals"]


def forgotten(server):
    """Which of the images are made anew when all are asked for."""
    made = set()
    for name in IMAGES:
        before = totals(server)["tiles_made"]
        assert server.get(target(name)).status == 200
        if totals(server)["tiles_made"] > before:
            made.add(name)
    return made


def start(server, tree, more=STATUS):
    server.start("StartServers 3\n" + service(tree) + more)
    for name in IMAGES:
        assert server.get(target(name)).status == 200
    return server


def test_file_folder_everything(server, tree):
    start(server, tree)
    assert forgotten(server) == set()
    for body, expected in [
        (f"purge={tree}/a.tif", {"a.tif"}),
        (f"purge={tree}/maps/", {"maps/b.tif", "maps/old/c.tif"}),
        (f"purge={tree}/maps/old", {"maps/old/c.tif"}),
        (f"purge={tree}//maps2/../maps2/./d.tif", {"maps2/d.tif"}),
        (f"purge={tree}/{QUOTED['odd & ünusual.tif']}", {"odd & ünusual.tif"}),
        (f"purge={tree}/odd+%26+%C3%BCnusual.tif", {"odd & ünusual.tif"}),
        (f"purge={tree}/none.tif", set()),
        (f"purge={tree}", set(IMAGES)),
        ("purge=/", set(IMAGES)),
        ("purge=*", set(IMAGES)),
    ]:
        answer = post(server, body)
        assert (answer.status, answer["Cache-Control"]) == (200, "no-store"), answer.text
        assert answer.text.startswith("purged /")
        assert forgotten(server) == expected, body
        assert forgotten(server) == set()


def test_by_url(server, tree):
    start(server, tree)
    for url in ("/iiif/maps%252Fb.tif", "/iiif/maps%252Fb.tif/info.json",
                "/iiif/maps%252Fb.tif/" + SIZE):
        answer = post(server, f"purge-url={url}")
        assert (answer.status, answer.text) == (200, f"purged {tree}/maps/b.tif\n")
        assert forgotten(server) == {"maps/b.tif"}
    # What httpd finds for a URL of a document.
    (server.docs / "page.html").write_text("x")
    assert post(server, "purge-url=/page.html").text == f"purged {server.docs}/page.html\n"
    assert post(server, "purge-url=http://elsewhere/").status == 400
    assert forgotten(server) == set()


def test_document_mode(server, tree):
    server.start(f"""
Alias /docs "{tree}"
<Directory "{tree}">
    Require all granted
    AddHandler iip-image .tif
</Directory>
{STATUS}""")
    picture = "/docs/maps/b.tif/" + SIZE
    server.get(picture)
    for body in (f"purge={tree}/maps/b.tif", "purge-url=/docs/maps/b.tif", f"purge-url={picture}"):
        before = totals(server)["tiles_made"]
        server.get(picture)
        assert totals(server)["tiles_made"] == before
        assert post(server, body).status == 200
        server.get(picture)
        assert totals(server)["tiles_made"] == before + 1


def test_everything_empties_the_cache(server, tree):
    start(server, tree)
    assert totals(server)["cache_entries"] == len(IMAGES)
    post(server, f"purge={tree}/a.tif")
    assert totals(server)["cache_entries"] == len(IMAGES)  # it is not found any more, and ages out
    post(server, "purge=*")
    assert totals(server)["cache_entries"] == 0


def test_clients_get_the_new_picture(server, tree, pictures):
    """The case that needs it: other bytes under the same times and size, which no ETag can show."""
    start(server, tree)
    server.get(target("a.tif"))
    file = tree / "a.tif"
    before = os.stat(file)
    etag = server.get(target("a.tif"))["ETag"]
    post(server, f"purge={file}")
    again = server.get(target("a.tif"), {"If-None-Match": etag})
    assert again.status == 200 and again["ETag"] != etag
    assert os.stat(file) == before
    assert server.get(target("a.tif"), {"If-None-Match": again["ETag"]}).status == 304


def test_in_the_query_of_a_post(server, tree):
    start(server, tree)
    assert server.request("POST", f"/iip-status?purge={tree}/a.tif", body=b"").status == 200
    assert forgotten(server) == {"a.tif"}


def test_get_changes_nothing(server, tree):
    start(server, tree)
    for method in ("GET", "HEAD"):
        assert server.request(method, "/iip-status?purge=*").status == 200
    assert forgotten(server) == set()


def test_what_is_no_purge(server, tree):
    start(server, tree)
    for body in ("", "x=1", "purge=", "purge", "purge=relative.tif", "purge=%2", "purge=/a%00b",
                 "purge=/a%0Ab", "purge-url=relative"):
        assert post(server, body).status == 400, body
    assert post(server, "purge=/" + "a" * 9000).status == 413
    assert forgotten(server) == set()


# ---- Who may


@pytest.mark.parametrize("setting", ["", "IIPStatusPurge Off"])
def test_not_unless_switched_on(server, tree, setting):
    start(server, tree, f"<Location /iip-status>\nSetHandler iip-status\n{setting}\n</Location>\n")
    server.expect_log("IIPStatusPurge is not On for this URL")
    assert post(server, "purge=*").status == 403
    assert forgotten(server) == set()


def test_the_switch_is_not_for_everywhere(tmp_path):
    checker = Server(tmp_path)
    status, printed = checker.configtest("IIPStatusPurge On\n")
    assert status != 0 and "IIPStatusPurge not allowed here" in printed


def test_nor_for_htaccess(server, tree):
    """A customer may set the handler for his folder; he neither sees the figures nor can he purge."""
    folder = server.docs / "mine"
    folder.mkdir()
    server.start(service(tree) + f"""
<Directory "{server.docs}">
    AllowOverride FileInfo AuthConfig
</Directory>
""")
    (folder / ".htaccess").write_text("SetHandler iip-status\n")
    server.expect_log("IIPStatusPurge|There is no status page here")
    assert server.get("/mine/").status == 403
    assert post(server, "purge=*", path="/mine/").status == 403
    (folder / ".htaccess").write_text("SetHandler iip-status\nIIPStatusPurge On\n")
    assert post(server, "purge=*", path="/mine/").status == 500


def test_authorisation_is_httpds(server, tree):
    users = server.root / "users"
    users.write_text(subprocess.run(["openssl", "passwd", "-apr1", "secret"], capture_output=True,
                                    text=True, check=True).stdout.join(["admin:", ""]))
    users.chmod(0o644)
    start(server, tree, f"""
<Location "/iip-status">
    SetHandler iip-status
    IIPStatusPurge On
    AuthType Basic
    AuthName "status"
    AuthUserFile {users}
    <LimitExcept GET>
        Require user admin
    </LimitExcept>
    <Limit GET>
        Require all granted
    </Limit>
</Location>
""")
    login = {"Authorization": "Basic " + base64.b64encode(b"admin:secret").decode()}
    assert post(server, "purge=*").status == 401
    assert forgotten(server) == set()
    server.expect_log("password mismatch|AH01617")
    wrong = {"Authorization": "Basic " + base64.b64encode(b"admin:guess").decode()}
    assert post(server, "purge=*", wrong).status == 401
    assert post(server, "purge=*", login).status == 200
    assert forgotten(server) == set(IMAGES)


# What a request says of where it comes from, and whether it is heard.
SITES = [
    ({}, True),  # a program
    ({"Origin": "http://{host}"}, True),
    ({"Origin": "http://{host}", "Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Origin": "http://evil.example"}, False),
    ({"Origin": "http://{host}.evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Origin": "http://{host}", "Sec-Fetch-Site": "cross-site"}, False),
]


def test_pages_of_other_sites(server, tree):
    start(server, tree)
    server.expect_log("Another site may not purge")
    host = f"127.0.0.1:{server.port}"
    for headers, allowed in SITES:
        filled = {name: value.format(host=host) for name, value in headers.items()}
        assert post(server, "purge=*", filled).status == (200 if allowed else 403), headers
        assert forgotten(server) == (set(IMAGES) if allowed else set()), headers


def test_a_purge_is_logged(server, tree):
    start(server, tree, "LogLevel iip:notice\n" + STATUS)
    post(server, f"purge={tree}/a.tif")
    assert f"IIP: purged {tree}/a.tif for 127.0.0.1" in server.error_log()
