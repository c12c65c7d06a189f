"""Rules that are written for URLs hold for a picture however its name is written."""
import base64
import collections
import hashlib
import re
import shutil

import pytest
from conftest import service, wait_until_settled
from private_httpd import Server
from waiting import wait_for

MPMS = ["event", "prefork"]


@pytest.fixture(params=MPMS)
def server(tmp_path, request):
    private = Server(tmp_path / "server", request.param)
    yield private
    private.stop()


@pytest.fixture(scope="module")
def tree(module_folder, pictures):
    """open/ and secret/, each with a picture and a sequence of one frame."""
    root = module_folder / "tree"
    for folder in ("open", "secret"):
        (root / folder).mkdir(parents=True)
        for name in ("s.tif", "100%.tif", "vase_pyr_000_090.tif"):
            shutil.copy(pictures / "coffee.tif", root / folder / name)
    shutil.copy(pictures / "coffee.tif", root / "secret.tif")
    wait_until_settled()
    return root


# Every way to name a picture of a folder below the URL of the service, `at`.
WAYS = [
    "{at}/{folder}/s.tif/info.json", "{at}/{folder}%2Fs.tif/info.json",
    "{at}/{folder}%2fs.tif/info.json", "{at}//{folder}%2Fs.tif/info.json",
    "{at}/./{folder}%2Fs.tif/info.json", "{at}/x/../{folder}%2Fs%2Etif/info.json",
    "{at}/{folder}%2Fs.tif/full/max/0/default.jpg", "{at}/{folder}%2Fs.tif/0,0,9,9/5,/0/gray.png",
    "{at}/{escaped}%2Fs.tif/info.json", "{at}/{folder}%2Fs.tif", "{at}/{folder}%2Fs.tif/",
    "{at}?IIIF={folder}/s.tif/info.json", "{at}?iiif={folder}/s.tif/info.json",
    "{at}?IIIF={folder}%2Fs.tif/info.json", "{at}?IIIF=/{folder}%2Fs.tif/info.json",
    "{at}?IIIF={folder}/s.tif/full/max/0/default.jpg", "{at}?IIIF={escaped}%2Fs%2etif/info.json",
    "{at}?FIF={folder}/s.tif&OBJ=Max-size", "{at}?FIF={folder}%2Fs.tif&CVT=jpeg",
    "{at}?FIF=/{folder}/s.tif&WID=9&CVT=jpeg", "{at}?fif={escaped}/s.tif&JTL=0,0",
    "{at}/?FIF={folder}/s.tif&OBJ=Max-size", "{at}/x?FIF={folder}/s.tif&OBJ=Max-size",
    "{at}?DeepZoom={folder}/s.tif.dzi", "{at}?DeepZoom={folder}%2Fs.tif_files/0/0_0.jpg",
    "{at}?Zoomify={folder}/s.tif/ImageProperties.xml", "{at}?Zoomify={folder}/s.tif/TileGroup0/0-0-0.jpg",
    "{at}?FIF={folder}/vase&SDS=0,90&CVT=jpeg", "{at}?FIF={folder}/vase&OBJ=Horizontal-views",
    "{at}?FIF={folder}/vase_pyr_000_090.tif&OBJ=Max-size",
]
FORMS = ["FIF={folder}/s.tif&OBJ=Max-size", "FIF={folder}%2Fs.tif&CVT=jpeg"]


def escaped(name):
    return "".join(f"%{byte:02x}" for byte in name.encode())


def ways(folder, at="/any"):
    for way in WAYS:
        yield "GET", way.format(at=at, folder=folder, escaped=escaped(folder)), None
    for form in FORMS:
        yield "POST", at, form.format(folder=folder).encode()


DENIALS = {
    "location": '<Location "/any/secret">\nRequire all denied\n</Location>',
    "pattern": '<Location "/any/s*t/*">\nRequire all denied\n</Location>',
    "regex": '<LocationMatch "^/any/secret/">\nRequire all denied\n</LocationMatch>',
    "if": """<If "%{REQUEST_URI} =~ m#^/any/secret#">\nRequire all denied\n</If>""",
    "else": """<If "%{REQUEST_URI} !~ m#^/any/secret#">\nRequire all granted\n</If>
<Else>\nRequire all denied\n</Else>""",
}


@pytest.mark.parametrize("mpm", MPMS)
@pytest.mark.parametrize("kind", DENIALS)
def test_denied_by_any_name(tmp_path, tree, kind, mpm):
    server = Server(tmp_path / "server", mpm).start(service(tree, path="/any") + DENIALS[kind])
    server.expect_log("AH01630|httpd denied access")
    try:
        for method, target, form in ways("open"):
            answer = server.request(method, target, body=form)
            assert answer.status in (200, 303), (target, form, answer.status)
        for _ in range(2):  # nor once the open ones are known
            for method, target, form in ways("secret"):
                answer = server.request(method, target, body=form)
                assert answer.status == 403, (target, form, answer.status)
        # As of any refusal by IIIF, a page of another site may see that it is one.
        answer = server.get("/any?IIIF=secret/s.tif/info.json")
        assert answer.status == 403 and answer["Access-Control-Allow-Origin"] == "*"
        if kind != "else":
            server.wait_for_log(r"the image secret/s.tif by the rules for /any/secret/s.tif")
    finally:
        server.stop()


def test_a_picture_that_is_known(server, tree):
    """An answer that is kept is not to be had by another name either."""
    server.start(service(tree, path="/any") + DENIALS["location"])
    tile = "0,0,256,256/256,/0/default.jpg"
    for name in ("open%2Fs.tif", "secret%2Fs.tif"):
        statuses = {server.get(f"/any/{name}/{tile}").status for _ in range(5)}
        assert statuses == ({200} if "open" in name else {403})
    server.expect_log("AH01630|httpd denied access")


def test_names_with_all_characters(server, tree):
    """What is escaped in a URL is compared with sections decoded, once."""
    server.start(service(tree, path="/any") + """
<Location "/any/secret/100%.tif">
    Require all denied
</Location>
<Location "/any/open">
    Require all granted
</Location>
""")
    for target, status in (("/any/secret%2F100%25.tif/info.json", 403),
                           ("/any?FIF=secret/100%25.tif&OBJ=Max-size", 403),
                           ("/any/open%2F100%25.tif/info.json", 200),
                           ("/any?FIF=open/100%25.tif&OBJ=Max-size", 200),
                           ("/any/secret%2Fs.tif/info.json", 200)):
        assert server.get(target).status == status, target
    server.expect_log("AH01630|httpd denied access")


def test_a_service_of_the_whole_host(server, tree):
    server.start(f"""
<VirtualHost *:{server.port}>
    SetHandler iip
    IIPFilesystemPrefix "{tree}"
    <Directory "{tree}">
        Require all granted
    </Directory>
    <Location "/secret">
        Require all denied
    </Location>
</VirtualHost>
""")
    for target in ("/secret%2Fs.tif/info.json", "/?IIIF=secret/s.tif/info.json",
                   "/?FIF=secret/s.tif&OBJ=Max-size", "/x?FIF=secret/s.tif&OBJ=Max-size"):
        assert server.get(target).status == 403, target
        assert server.get(target.replace("secret", "open")).status == 200, target
    server.expect_log("AH01630|httpd denied access")


def test_names_without_their_suffix(server, tree):
    """IIPFilesystemSuffix: the rule may name the picture, or its file."""
    for rule in ("secret", "secret/s", "secret/s.tif"):
        server.start(service(tree, "IIPFilesystemSuffix .tif", path="/any")
                     + f'<Location "/any/{rule}">\nRequire all denied\n</Location>')
        for target in ("/any/secret%2Fs/info.json", "/any?IIIF=secret/s/info.json",
                       "/any?FIF=secret/s&OBJ=Max-size"):
            assert server.get(target).status == 403, (rule, target)
            assert server.get(target.replace("secret", "open")).status == 200
        server.expect_log("AH01630|httpd denied access")
        server.stop()


def test_frames_under_their_own_names(server, tree):
    """A frame that may not be had by its own URL is none of the sequence."""
    server.start(service(tree, path="/any") + """
<Location "/any/open/vase_pyr_000_090.tif">
    Require all denied
</Location>
""")
    for target in ("/any?FIF=open/vase_pyr_000_090.tif&OBJ=Max-size",
                   "/any/open%2Fvase_pyr_000_090.tif/info.json",
                   "/any?FIF=open/vase&SDS=0,90&CVT=jpeg", "/any?FIF=open/vase&OBJ=Max-size"):
        assert server.get(target).status == 403, target
    assert server.get("/any?FIF=secret/vase&SDS=0,90&CVT=jpeg").status == 200
    server.expect_log("AH01630|denied access|may not be read")


def test_a_part_of_the_request_that_is_restricted(server, tree):
    """Rules for what stands behind the name: the whole picture at its full size, say."""
    server.start(service(tree, path="/any") + """
<LocationMatch "^/any/secret/.*/full/max/">
    Require all denied
</LocationMatch>
""")
    for name in ("/any/secret/s.tif", "/any/secret%2Fs.tif", "/any?IIIF=secret/s.tif",
                 "/any?IIIF=secret%2Fs.tif"):
        assert server.get(f"{name}/full/max/0/default.jpg").status == 403, name
        assert server.get(f"{name}/full/9,/0/default.jpg").status == 200, name
    server.expect_log("AH01630|httpd denied access")


def test_the_order_of_sections_holds(server, tree):
    """The later one is the stronger one, as for any URL; and what a rule grants by the request's own
    path stays granted."""
    server.start(service(tree, path="/any") + """
<Location "/any/secret">
    Require all denied
</Location>
<Location "/any/secret/s.tif">
    Require all granted
</Location>
<Location "/any/open">
    Require all denied
</Location>
<LocationMatch "info\\.json$">
    Require all granted
</LocationMatch>
""")
    for target, status in (("/any/secret%2Fs.tif/full/9,/0/default.jpg", 200),
                           ("/any?FIF=secret/s.tif&OBJ=Max-size", 200),
                           ("/any?FIF=secret/100%25.tif&OBJ=Max-size", 403),
                           ("/any/open/s.tif/info.json", 200),
                           ("/any?FIF=open/s.tif&OBJ=Max-size", 403)):
        assert server.get(target).status == status, target
    server.expect_log("AH01630|httpd denied access")


def test_a_login_for_some_pictures(server, tree):
    users = tree.parent / "users"
    password = base64.b64encode(hashlib.sha1(b"secret").digest()).decode()
    users.write_text(f"reader:{{SHA}}{password}\n")
    users.chmod(0o644)
    server.start(service(tree, path="/any") + f"""
<Location "/any/secret">
    AuthType Basic
    AuthName pictures
    AuthBasicProvider file
    AuthUserFile "{users}"
    Require valid-user
</Location>
LogFormat "%u %s" who
CustomLog "{server.logs}/access.log" who
""")
    server.expect_log("AH01617")
    known = {"Authorization": "Basic cmVhZGVyOnNlY3JldA=="}
    expected = collections.Counter()
    for method, target, form in ways("secret"):
        for _ in range(2):
            asked = server.request(method, target, body=form)
            assert asked.status == 401, target
            assert asked["WWW-Authenticate"] == 'Basic realm="pictures"'
            answer = server.request(method, target, known, form)
            assert answer.status in (200, 303), target
            expected[f"reader {answer.status}"] += 1
        assert server.request(method, target, {"Authorization": "Basic cmVhZGVyOng="},
                              form).status == 401
    assert server.get("/any?FIF=open/s.tif&OBJ=Max-size").status == 200

    # A line may be written after the answer has left, and after those of later requests.
    def readers():
        lines = (server.logs / "access.log").read_text().splitlines()
        return collections.Counter(line for line in lines if re.match("reader (200|303)$", line))

    wait_for(readers, lambda: readers() >= expected)
    assert readers() == expected


def test_what_can_not_be_applied_is_said_at_the_start(server, tree):
    server.start(service(tree, path="/any") + """
<Location "/any/secret%2Fs.tif">
    Require all denied
</Location>
<LocationMatch "^/any/secret%2f">
    Require all denied
</LocationMatch>
<LocationMatch "^/any\\?FIF=secret">
    Require all denied
</LocationMatch>
<Location "/any/secret">
    Require all denied
</Location>
<LocationMatch "^/any/(secret)?/x=">
    Require all denied
</LocationMatch>
""")
    warnings = [line for line in server.error_log().splitlines() if "IIP: <Location" in line]
    assert len(warnings) == 3, warnings
    assert all("[iip:warn]" in line for line in warnings)
    assert '<Location "/any/secret%2Fs.tif"> has an escaped slash' in warnings[0]
    assert '<LocationMatch "^/any/secret%2f"> has an escaped slash' in warnings[1]
    assert '<LocationMatch "^/any\\\\?FIF=secret"> has a query' in warnings[2]


def test_no_warning_without_a_service(server):
    server.start('<Location "/x%2Fy">\nRequire all denied\n</Location>')
    assert "IIP: <Location" not in server.error_log()
