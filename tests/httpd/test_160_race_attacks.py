"""What is put in the place of a picture, or of a folder above it, between httpd's check of access and
the opening: no byte of a forbidden picture goes out, whenever it is done and whatever Options say.

Longer: IIP_RACE_REQUESTS=1000000."""
import os
import random
import socket
import threading
import time

import pytest
from conftest import service, wait_until_settled
from fire import Connection, Gone, colour_of, flat_colour, flat_tiff
from private_httpd import Server
from swapper import Swapper, exchange

REQUESTS = int(os.environ.get("IIP_RACE_REQUESTS", "10000"))
CLIENTS = 12
GOOD, SECRET = 1, 2
NEIGHBOUR = 12345  # another user, where root runs the tests
IS_ROOT = os.geteuid() == 0
OPTIONS = ["None", "FollowSymLinks", "SymLinksIfOwnerMatch"]


def write(file, number):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(flat_tiff(number, 0))


class Site:
    """top/ is the prefix and a document root. In it are folders and files, each with a link beside it
    that is to take its place: to what is forbidden below the prefix, and to a neighbour's folder."""

    NAMES = ("a.tif", "vase_pyr_000_090.tif")

    def __init__(self, root):
        self.top = root / "top"
        for name in self.NAMES:
            write(self.top / "album" / "page" / name, GOOD)
            write(self.top / "closed" / "page" / name, SECRET)
            write(root / "neighbour" / "page" / name, SECRET)
        self.pairs = []
        for where, target in (("in", "closed"), ("out", "../neighbour")):
            for name in self.NAMES:
                for kind in ("folder", "above", "file"):
                    write(self.top / f"{kind}-{where}" / "page" / name, GOOD)
            self.link(f"above-{where}", target)
            self.link(f"folder-{where}/page", f"../{target}/page")
            for name in self.NAMES:
                self.link(f"file-{where}/page/{name}", f"../../{target}/page/{name}")
        if IS_ROOT:
            for folder in (self.top / "closed", root / "neighbour"):
                for path in (folder, *folder.rglob("*")):
                    os.chown(path, NEIGHBOUR, NEIGHBOUR)
        wait_until_settled()

    def link(self, name, target):
        beside = self.top / f"{name}.lnk"
        beside.symlink_to(target)
        self.pairs.append((self.top / name, beside))

    def configuration(self, options):
        return service(self.top, path="/iip") + f"""
Alias /docs "{self.top}"
<Directory "{self.top}">
    Options {options}
    AddHandler iip-image .tif
</Directory>
<Directory "{self.top}/closed">
    Require all denied
</Directory>
ThreadsPerChild 32
MaxRequestWorkers 64
MaxKeepAliveRequests 0
"""

    def may_show(self, options, where, mode):
        """Whether the forbidden picture may be had by the link, as Options go."""
        follows = options == "FollowSymLinks" or (options != "None" and not IS_ROOT)
        return follows and (where == "in" or mode == "document")


def requests_for(folder):
    """The same picture by both modes: without a body, with one, and as a frame of a sequence."""
    return [
        ("service", f"GET /iip?FIF={folder}/page/a.tif&CVT=png", b""),
        ("service", f"POST /iip?FIF={folder}/page/a.tif&CVT=png", b"held"),
        ("service", "POST /iip", f"FIF={folder}/page/a.tif&CVT=png".encode()),
        ("service", f"GET /iip?FIF={folder}/page/vase&SDS=0,90&CVT=png", b""),
        ("document", f"GET /docs/{folder}/page/a.tif?CVT=png", b""),
        ("document", f"POST /docs/{folder}/page/a.tif", b"CVT=png"),
    ]


class Client(Connection):
    def ask(self, line, body=b"", hold=0.0):
        """Holds its body back for a while."""
        head = f"{line} HTTP/1.1\r\nHost: race\r\n"
        if body:
            head += f"Content-Length: {len(body)}\r\n"
        try:
            self.socket.sendall(f"{head}\r\n".encode())
            if body:
                time.sleep(hold)
                self.socket.sendall(body)
        except ConnectionError as error:
            raise Gone(repr(error)) from error
        return self.answer()


@pytest.fixture(params=["event", "prefork"])
def mpm(request):
    return request.param


def start(tmp_path, site, options, mpm):
    server = Server(tmp_path / "server", mpm)
    text = site.configuration(options)
    if mpm == "prefork":
        text = text.replace("ThreadsPerChild 32\n", "")
    server.start(text)
    # What httpd says of links, and we of what was exchanged.
    server.expect_log(r"AH000(31|32|35|36|37)|AH01630|belongs to another user|may not be read"
                      "|AH10159|AH00161")
    return server


@pytest.mark.parametrize("options", OPTIONS)
def test_exchanged_at_any_moment(tmp_path, options, mpm):
    site = Site(tmp_path)
    server = start(tmp_path, site, options, mpm)
    targets = [(where, *request) for where in ("in", "out") for kind in ("folder", "above", "file")
               for request in requests_for(f"{kind}-{where}")]
    wrong, statuses = [], {}
    left = iter(range(REQUESTS))

    def ask(number):
        choice = random.Random(number)
        client = Client(server.port)
        for _ in left:
            if wrong:
                break
            where, mode, line, body = choice.choice(targets)
            try:
                status, answer = client.ask(line, body, choice.choice((0, 0.0005, 0.002)))
            except Gone:
                client.close()
                client = Client(server.port)
                continue
            statuses[status] = statuses.get(status, 0) + 1
            if status == 200:
                colour = flat_colour(answer)
                allowed = {colour_of(GOOD, 0)}
                if site.may_show(options, where, mode):
                    allowed.add(colour_of(SECRET, 0))
                if colour not in allowed:
                    wrong.append(f"{line} {body}: {colour}")
            elif status not in (403, 404, 503):
                wrong.append(f"{line}: {status}")
        client.close()

    try:
        with Swapper(*site.pairs):
            threads = [threading.Thread(target=ask, args=(i,)) for i in range(CLIENTS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert not wrong, (wrong[:5], statuses)
        # Both were met: what may be had, and what may not.
        assert statuses.get(200, 0) > REQUESTS // 20, statuses
        assert statuses.get(403, 0) > REQUESTS // 100 or options == "FollowSymLinks", statuses
    finally:
        server.stop()


@pytest.mark.parametrize("options", ["None", "SymLinksIfOwnerMatch"])
@pytest.mark.parametrize("kind", ["folder", "above", "file"])
def test_exchanged_while_the_body_is_held_back(tmp_path, options, kind, mpm):
    """The window as wide as a client wants it."""
    site = Site(tmp_path)
    server = start(tmp_path, site, options, mpm)
    answers = []
    try:
        for where in ("in", "out"):
            for mode, line, body in requests_for(f"{kind}-{where}"):
                if not body or site.may_show(options, where, mode):
                    continue
                client = Client(server.port)
                pairs = [pair for pair in site.pairs if f"{kind}-{where}" in str(pair[0])]
                thread = threading.Thread(
                    target=lambda: answers.append(client.ask(line, body, hold=0.6)))
                thread.start()
                time.sleep(0.3)
                for pair in pairs:
                    exchange(*pair)
                thread.join()
                for pair in pairs:
                    exchange(*pair)
                client.close()
                status, answer = answers[-1]
                # The picture that was allowed, or none.
                assert status in (200, 403, 404), line
                assert status != 200 or flat_colour(answer) == colour_of(GOOD, 0), line
                # What was named in time was opened in time.
                assert status == 200 or line == "POST /iip", line
        assert answers or not IS_ROOT
    finally:
        server.stop()


@pytest.mark.parametrize("options", ["None", "SymLinksIfOwnerMatch"])
def test_views_are_those_of_the_folder_that_was_allowed(tmp_path, options, mpm):
    """What files a forbidden folder has is not told either. Its sequence has a view more."""
    if options == "SymLinksIfOwnerMatch" and not IS_ROOT:
        pytest.skip("only root gives files to another user")
    site = Site(tmp_path)
    for folder in (site.top / "closed", tmp_path / "neighbour"):
        write(folder / "page" / "vase_pyr_010_090.tif", SECRET)
    server = start(tmp_path, site, options, mpm)
    targets = [f"GET /iip?FIF={kind}-{where}/page/vase&OBJ=Horizontal-views"
               for where in ("in", "out") for kind in ("folder", "above")]
    answers = {}
    try:
        client = Client(server.port)
        with Swapper(*(pair for pair in site.pairs if pair[0].suffix != ".tif")):
            for i in range(REQUESTS // 2):
                try:
                    status, answer = client.ask(targets[i % len(targets)])
                except Gone:
                    client.close()
                    client = Client(server.port)
                    continue
                assert status in (200, 403, 404, 503), status
                if status == 200:
                    answers[answer] = answers.get(answer, 0) + 1
        client.close()
        assert list(answers) == [b"Horizontal-views:0\r\n"], answers
    finally:
        server.stop()


@pytest.mark.skipif(not IS_ROOT, reason="only root gives files to another user")
def test_links_of_the_same_owner(tmp_path, mpm):
    """SymLinksIfOwnerMatch: who owns the link owns what it leads to, wherever in the path it is."""
    site = Site(tmp_path)
    top = site.top
    (top / "mine").symlink_to("album")
    (top / "theirs").symlink_to("album")
    os.lchown(top / "theirs", NEIGHBOUR, NEIGHBOUR)
    (top / "album" / "mine.tif").symlink_to("page/a.tif")
    (top / "album" / "up.tif").symlink_to("../album/page/a.tif")
    (top / "album" / "out.tif").symlink_to("../../outside.tif")
    write(tmp_path / "outside.tif", GOOD)
    server = start(tmp_path, site, "SymLinksIfOwnerMatch", mpm)
    expected = {"mine/page/a.tif": (200, 200), "theirs/page/a.tif": (403, 403),
                "album/mine.tif": (200, 200), "album/up.tif": (200, 200),
                "album/out.tif": (404, 200), "mine/mine.tif": (200, 200)}
    try:
        for name, statuses in expected.items():
            targets = (f"/iip?FIF={name}&CVT=png", f"/docs/{name}?CVT=png")
            assert tuple(server.get(target).status for target in targets) == statuses, name
    finally:
        server.stop()


@pytest.mark.parametrize("options", OPTIONS)
def test_links_above_where_they_are_forbidden(tmp_path, options, mpm):
    """What httpd allows by the options of the folders above stays allowed."""
    site = Site(tmp_path)
    (tmp_path / "way").symlink_to(tmp_path)
    site.top = tmp_path / "way" / "top"
    server = start(tmp_path, site, options, mpm)
    try:
        for target in ("/iip?FIF=album/page/a.tif&CVT=png", "/docs/album/page/a.tif?CVT=png"):
            answer = server.get(target)
            assert answer.status == 200 and flat_colour(answer.body) == colour_of(GOOD, 0)
    finally:
        server.stop()


def test_a_form_outlives_another_attempt(tmp_path, mpm):
    """A picture that is replaced all the time, asked for by forms: each is answered."""
    site = Site(tmp_path)
    folder = site.top / "album"
    write(folder / "new.tif", GOOD)
    pair = (folder / "page" / "a.tif", folder / "new.tif")
    server = start(tmp_path, site, "None", mpm)
    statuses = {}
    try:
        with Swapper(pair):
            client = Client(server.port)
            for _ in range(1000):
                for line, body in (("POST /iip", b"FIF=album/page/a.tif&CVT=png"),
                                   ("POST /docs/album/page/a.tif", b"CVT=png")):
                    status, answer = client.ask(line, body)
                    statuses[status] = statuses.get(status, 0) + 1
                    assert status != 200 or flat_colour(answer) == colour_of(GOOD, 0)
            client.close()
        assert set(statuses) <= {200, 503}
        assert statuses[200] > 1900, statuses
    finally:
        server.stop()


def test_a_client_that_never_sends_its_body(tmp_path, mpm):
    """Holds no more than its connection: the file is closed when it leaves."""
    site = Site(tmp_path)
    server = start(tmp_path, site, "None", mpm)
    try:
        for line in ("POST /docs/album/page/a.tif", "POST /iip?FIF=album/page/a.tif&CVT=png"):
            with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
                connection.sendall(f"{line} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode())
                time.sleep(0.2)
        answer = server.get("/docs/album/page/a.tif?CVT=png")
        assert answer.status == 200
    finally:
        server.stop()
