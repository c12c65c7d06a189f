"""Access: httpd's rules for files hold for images, and nothing outside a prefix is ever opened."""
import base64
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import time

import pytest
from conftest import service
from private_httpd import HTTPD, Server

SECRET = b"not for anybody"


@pytest.fixture
def tree(tmp_path, pictures):
    """img/ with pictures; beside it img-private/ and secret.tif, which are nobody's business."""
    root = tmp_path / "img"
    for folder in ("open", "closed", "album"):
        (root / folder).mkdir(parents=True)
        shutil.copy(pictures / "coffee.tif", root / folder / "a.tif")
    shutil.copy(pictures / "coffee.tif", root / "a.tif")
    (tmp_path / "img-private").mkdir()
    shutil.copy(pictures / "astronaut.tif", tmp_path / "img-private" / "a.tif")
    shutil.copy(pictures / "astronaut.tif", tmp_path / "secret.tif")
    (tmp_path / "secret.txt").write_bytes(SECRET)
    return root


# Every way to write a name that leads out of the tree, or means something else than a file in it.
HOSTILE = [
    "../secret.tif", "..%2Fsecret.tif", "%2e%2e/secret.tif", "%2e%2e%2fsecret.tif",
    "%252e%252e%252fsecret.tif", "..%5csecret.tif", "....//secret.tif", "..;/secret.tif",
    "%c0%ae%c0%ae/secret.tif", "open/../../secret.tif", "open%2F..%2F..%2Fsecret.tif",
    "open%2F%2e%2e%2F%2E%2E%2Fsecret.tif", ".%2Fa.tif%2F..%2F..%2Fsecret.tif",
    "%2E%2E%2Fimg-private%2Fa.tif", "..%2Fimg-private%2Fa.tif", "-private%2Fa.tif",
    "//etc/passwd", "%2Fetc%2Fpasswd", "%2F%2Fetc%2Fpasswd", "file:%2F%2F%2Fetc%2Fpasswd",
    "file:///etc/passwd", "%5C%5Chost%5Cshare", "%2Fproc%2Fself%2Ffd%2F3",
    "%2Fproc%2Fself%2Fenviron", "%2Fdev%2Fstdin", "~root", "a.tif%00", "a.tif%00.jpg",
    "..%2Fsecret.tif%00.tif", "a.tif.", "a.tif%20", "*", "%3F.tif", "[a].tif", "a.tif%0A",
    "a.tif%2F", "a.tif%2F..%2Fa.tif", "%2E", "%2E%2E", "", "%20", "a.tif%2Fb", "%C0%AF", "%ff%fe",
    "%2e%2e%2f" * 40 + "etc%2fpasswd", "d%2F" * 200 + "a.tif", "n" * 4096,
]


def ways_to_ask(name):
    yield f"/iiif/{name}/info.json"
    yield f"/iiif/{name}/full/max/0/default.jpg"
    yield f"/iiif/{name}"
    yield f"/fcgi?FIF={name}&OBJ=Max-size"
    yield f"/fcgi?FIF={name}&WID=10&CVT=jpeg"
    yield f"/fcgi?IIIF={name}/info.json"
    yield f"/fcgi?DeepZoom={name}.dzi"
    yield f"/fcgi?Zoomify={name}/ImageProperties.xml"


def both_services(root):
    return service(root, "IIPProtocol IIIF") + service(root, path="/fcgi")


def test_hostile_names_open_nothing_outside(tmp_path, tree):
    """All of them under strace: the server opens no file outside the prefix on their account."""
    server = Server(tmp_path / "server")
    server.write_config(both_services(tree))
    trace = tmp_path / "trace"
    traced = subprocess.Popen(
        ["strace", "-f", "-y", "-e", "trace=%file", "-o", trace, HTTPD, "-f", server.config, "-X"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        server.wait_until_up()
        # What httpd opens of its own accord, once.
        assert server.get("/iiif/a.tif/info.json").status == 200
        assert server.get("/fcgi?FIF=a.tif&OBJ=Max-size").status == 200
        before = trace.stat().st_size
        for name in HOSTILE:
            for target in ways_to_ask(name):
                answer = server.get(target)
                assert answer.status in (301, 400, 403, 404), (target, answer.status)
                assert SECRET not in answer.body and b"root:" not in answer.body
                assert str(tmp_path).encode() not in answer.body
        # The trace sees what is opened: an image that nobody has asked for yet.
        assert server.get("/iiif/album%2Fa.tif/info.json").status == 200
        calls = trace.read_bytes()[before:].decode(errors="replace").splitlines()
    finally:
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(server.pid(), 15)
        traced.wait(30)
    server.check_log()

    touched = []
    for call in calls:
        opened = re.search(r"\b(open|openat|openat2)\((.*)", call)
        if not opened or "= -1" in call:
            continue
        # With -y the descriptor that comes back shows the file that was really opened.
        result = re.search(r"= \d+<([^>]*)>", call)
        if result:
            touched.append(result.group(1))
    assert f"{tree}/album/a.tif" in touched
    outside = [path for path in touched if not f"{path}/".startswith(f"{tree}/")]
    assert not outside, outside
    # Not even looked at.
    secrets = re.compile(r"secret\.|img-private|passwd|/proc/self|environ|/dev/stdin")
    found = [call for call in calls if secrets.search(call) and "= -1" not in call]
    assert not found, found


def test_hostile_names_do_not_disturb(server, tree):
    server.start(both_services(tree))
    for name in HOSTILE:
        server.get(f"/iiif/{name}/info.json")
    assert server.get("/iiif/a.tif/info.json").status == 200


def test_require_on_directory_and_file(server, tree):
    server.start(service(tree) + f"""
<Directory "{tree}/closed">
    Require all denied
</Directory>
<Directory "{tree}/open">
    <Files "a.tif">
        Require all denied
    </Files>
</Directory>
""")
    for name in ("closed%2Fa.tif", "closed/a.tif", "open%2Fa.tif", "%63losed%2Fa.tif"):
        for rest in ("info.json", "full/max/0/default.jpg", "0,0,256,256/256,/0/default.jpg"):
            answer = server.get(f"/iiif/{name}/{rest}")
            assert answer.status == 403
            assert answer["Access-Control-Allow-Origin"] == "*"
    assert server.get("/iiif/album%2Fa.tif/info.json").status == 200
    server.expect_log("AH01630")


def test_htaccess_beside_the_image(server, tree):
    (tree / "album" / ".htaccess").write_text("Require all denied\n")
    server.start(service(tree) + f'<Directory "{tree}">\nAllowOverride AuthConfig\n</Directory>')
    assert server.get("/iiif/album%2Fa.tif/info.json").status == 403
    assert server.get("/iiif/a.tif/info.json").status == 200
    (tree / "album" / ".htaccess").unlink()
    assert server.get("/iiif/album%2Fa.tif/info.json").status == 200
    server.expect_log("AH01630")


def test_login_is_asked_for_every_tile(server, tree):
    """An image that the server knows already is no more open than before."""
    users = tree.parent / "users"
    password = base64.b64encode(hashlib.sha1(b"secret").digest()).decode()
    users.write_text(f"reader:{{SHA}}{password}\n")
    users.chmod(0o644)
    server.start(service(tree) + f"""
<Directory "{tree}">
    AuthType Basic
    AuthName images
    AuthBasicProvider file
    AuthUserFile "{users}"
    Require valid-user
</Directory>
""")
    target = "/iiif/a.tif/0,0,256,256/256,/0/default.jpg"
    known = {"Authorization": "Basic cmVhZGVyOnNlY3JldA=="}
    granted = server.get(target, known)
    assert granted.status == 200
    for headers in ({}, {"If-None-Match": granted["ETag"]}):
        assert server.get(target, headers).status == 401


def links(tree):
    (tree / "inside.tif").symlink_to("open/a.tif")
    (tree / "outside.tif").symlink_to(tree.parent / "secret.tif")
    (tree / "up.tif").symlink_to("../secret.tif")
    (tree / "way-out").symlink_to(tree.parent / "img-private")


def test_symbolic_links_without_follow(server, tree):
    links(tree)
    server.start(service(tree) + f'<Directory "{tree}">\nOptions -FollowSymLinks\n</Directory>')
    for name in ("inside.tif", "outside.tif", "up.tif", "way-out%2Fa.tif"):
        assert server.get(f"/iiif/{name}/info.json").status == 403
    assert server.get("/iiif/a.tif/info.json").status == 200
    server.expect_log("AH00037")


def test_symbolic_links_with_follow(server, tree):
    links(tree)
    server.start(service(tree) + f"""
<Directory "{tree.parent}">
    Require all granted
    Options FollowSymLinks
</Directory>
""")
    assert server.get("/iiif/inside.tif/info.json").status == 200
    for name in ("outside.tif", "up.tif", "way-out%2Fa.tif"):
        assert server.get(f"/iiif/{name}/info.json").status == 404


def test_link_exchanged_under_load(server, tree):
    """A name that is now a picture, now a link to a forbidden one: no foreign byte goes out."""
    server.start(service(tree) + f'<Directory "{tree}">\nOptions -FollowSymLinks\n</Directory>')
    name, picture, link = tree / "x.tif", tree / "x.pic", tree / "x.lnk"
    good = (tree / "a.tif").read_bytes()
    deadline = time.monotonic() + 5
    statuses = set()
    while time.monotonic() < deadline:
        picture.write_bytes(good)
        picture.replace(name)
        answers = [server.get("/iiif/x.tif/info.json")]
        link.symlink_to("../secret.tif")
        link.replace(name)
        answers.append(server.get("/iiif/x.tif/info.json"))
        for answer in answers:
            statuses.add(answer.status)
            assert b'"width":512' not in answer.body
    assert statuses <= {200, 403, 404}
    assert {200, 403} <= statuses
    server.expect_log("AH00037")


@pytest.mark.parametrize("kind", ["fifo", "socket", "unreadable", "directory"])
def test_what_is_not_a_regular_file(server, tree, kind):
    odd = tree / "odd.tif"
    if kind == "fifo":
        os.mkfifo(odd)
        odd.chmod(0o666)
    elif kind == "socket":
        os.mknod(odd, 0o140666)
    elif kind == "directory":
        odd.mkdir()
    else:
        odd.write_bytes(b"II*\0")
        odd.chmod(0)
    server.start(service(tree))
    start = time.monotonic()
    answer = server.get("/iiif/odd.tif/info.json")
    assert time.monotonic() - start < 5
    if kind == "unreadable":
        assert answer.status in ((403, 404, 500) if os.geteuid() != 0 else (403,))
        server.expect_log("odd.tif")
    else:
        assert answer.status in (403, 404)


def test_two_hosts_with_two_prefixes(server, tree, pictures, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(pictures / "astronaut.tif", other / "a.tif")
    shutil.copy(pictures / "astronaut.tif", other / "theirs.tif")
    hosts = "".join(
        f"<VirtualHost *:{server.port}>\nServerName {name}\n{service(root)}</VirtualHost>\n"
        for name, root in (("one", tree), ("two", other))
    )
    server.start(hosts)
    for _ in range(3):  # from the file, then from what is known of it
        assert b'"width":600' in server.get("/iiif/a.tif/info.json", host="one").body
        assert b'"width":512' in server.get("/iiif/a.tif/info.json", host="two").body
    assert server.get("/iiif/theirs.tif/info.json", host="two").status == 200
    assert server.get("/iiif/theirs.tif/info.json", host="one").status == 404
    tile = "/iiif/a.tif/0,0,256,256/256,/0/default.jpg"
    one, two = server.get(tile, host="one"), server.get(tile, host="two")
    assert one["ETag"] != two["ETag"]
    assert server.get(tile, {"If-None-Match": one["ETag"]}, host="two").status == 200
