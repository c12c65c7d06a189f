"""A private httpd for tests: its own ServerRoot, a free port of 127.0.0.1, ended by its process id.

Server.start() writes the configuration that a test gives, Server.stop() ends the server and fails
on any line of the error log that the test has not declared with Server.expect_log().
"""
import contextlib
import http.client
import os
import pathlib
import random
import re
import signal
import socket
import subprocess

from waiting import wait_for

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("IIP_BUILD", REPOSITORY / "build"))
MODULE = pathlib.Path(os.environ.get("IIP_MODULE", BUILD / "mod_iip.so"))

# Levels and texts that no test may cause without saying so.
ALARMING = re.compile(
    r"\[[a-z0-9_]*:(error|crit|alert|emerg)\]|exit signal|Sanitizer|Segmentation fault"
    r"|runtime error|Assertion"
)


def apxs(variable):
    for program in ("apxs", "apxs2"):
        with contextlib.suppress(FileNotFoundError):
            return subprocess.run(
                [program, "-q", variable], capture_output=True, text=True, check=True
            ).stdout.strip()
    raise RuntimeError("apxs is needed to find httpd")


def httpd_program():
    folder = pathlib.Path(apxs("SBINDIR"))
    for name in (apxs("PROGNAME"), "apache2", "httpd"):
        if name and (folder / name).exists():
            return str(folder / name)
    raise RuntimeError(f"no httpd in {folder}")


MODULES_FOLDER = pathlib.Path(apxs("LIBEXECDIR"))
HTTPD = httpd_program()

BASE_MODULES = (
    "unixd log_config env setenvif mime dir headers rewrite alias deflate filter negotiation "
    "authn_core authz_core authz_host authz_user auth_basic authn_file http2 status "
    "cache cache_disk cache_socache socache_shmcb"
).split()


GIVEN = set()


def free_port():
    """Not one of those that the system gives to clients, which could take it before it is used;
    and not one that tests which run at the same time (pytest -n) may be given."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 10_000 + 2_000 * (worker % 10)
    while True:
        port = random.randrange(first, first + 2_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in GIVEN:
                GIVEN.add(port)
                return port


def load_modules(mpm):
    """LoadModule lines for what the distribution did not link into httpd itself."""
    built_in = subprocess.run([HTTPD, "-l"], capture_output=True, text=True, check=True).stdout
    lines = []
    for name in [f"mpm_{mpm}", *BASE_MODULES]:
        library = MODULES_FOLDER / f"mod_{name}.so"
        if f"mod_{name}.c" not in built_in and library.exists():
            lines.append(f"LoadModule {name}_module {library}")
    lines.append(f"LoadModule iip_module {MODULE}")
    return "\n".join(lines)


class Answer:
    """Status, headers (last one wins, and all of them) and body of a response."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    def __getitem__(self, name):
        return self.headers.get(name)

    @property
    def text(self):
        return self.body.decode()


class Server:
    def __init__(self, root, mpm="event"):
        self.root = pathlib.Path(root)
        self.mpm = mpm
        self.port = free_port()
        self.expected = []
        self.checked = 0
        self.logs = self.root / "logs"
        self.docs = self.root / "htdocs"
        for folder in (self.logs, self.docs):
            folder.mkdir(parents=True, exist_ok=True)
        # Children run as another user where root starts the server.
        for folder in (self.root, self.docs):
            folder.chmod(0o755)

    # ---- Configuration

    def preamble(self):
        user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
        return f"""ServerRoot {self.root}
{load_modules(self.mpm)}
{user}ServerName 127.0.0.1:{self.port}
Listen 127.0.0.1:{self.port}
PidFile {self.root}/httpd.pid
DefaultRuntimeDir {self.logs}
Mutex default:{self.logs}
ErrorLog {self.logs}/error.log
LogLevel warn
TypesConfig /dev/null
DocumentRoot {self.docs}
Protocols h2c http/1.1
GracefulShutdownTimeout 10
<Directory />
    AllowOverride None
    Require all denied
</Directory>
<Directory {self.docs}>
    Require all granted
</Directory>
"""

    def write_config(self, text):
        self.config = self.root / "httpd.conf"
        self.config.write_text(self.preamble() + text)
        self.config.chmod(0o644)

    def configtest(self, text):
        """Exit status and what `apachectl configtest` prints."""
        self.write_config(text)
        run = subprocess.run(
            [HTTPD, "-f", self.config, "-t"], capture_output=True, text=True, check=False
        )
        return run.returncode, run.stdout + run.stderr

    # ---- Life

    def start(self, text):
        self.write_config(text)
        self.run_httpd("start")
        self.wait_until_up()
        return self

    def run_httpd(self, verb):
        # The C library fills memory that it gives out or takes back, for each server with another
        # byte: what nobody wrote can not be right by chance.
        environment = {**os.environ, "MALLOC_PERTURB_": str(self.port % 255 + 1)}
        done = subprocess.run(
            [HTTPD, "-f", self.config, "-k", verb],
            capture_output=True, text=True, check=False, env=environment,
        )
        assert done.returncode == 0, done.stdout + done.stderr + self.error_log()

    def pid(self):
        return int((self.root / "httpd.pid").read_text())

    def graceful(self):
        os.kill(self.pid(), signal.SIGUSR1)

    def wait_until_up(self):
        def is_up():
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self.pid()  # it listens before it has written that down

        wait_for(lambda: "httpd does not listen\n" + self.error_log(), is_up)

    def stop(self):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pid = self.pid()
            # The orderly end. At a SIGTERM the event MPM closes sockets that its workers may be
            # freeing, and now and then a child crashes by that.
            os.kill(pid, signal.SIGWINCH)
            wait_for("httpd does not end", lambda: not pathlib.Path(f"/proc/{pid}").exists())
        self.check_log()

    def children(self):
        path = pathlib.Path(f"/proc/{self.pid()}/task/{self.pid()}/children")
        return [int(child) for child in path.read_text().split()]

    # ---- Error log

    def error_log(self):
        path = self.logs / "error.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def expect_log(self, pattern):
        """Declares lines of the error log that the test causes on purpose."""
        self.expected.append(re.compile(pattern))

    def wait_for_log(self, pattern):
        """A line may be written after the answer has left."""
        wait_for(lambda: f"no {pattern} in:\n{self.error_log()}",
                 lambda: re.search(pattern, self.error_log()))

    def wait_until_gone(self, children):
        """Those that were there before a graceful restart."""
        wait_for(lambda: "the old children do not end\n" + self.error_log(),
                 lambda: not set(children) & set(self.children()))

    def check_log(self):
        log = self.error_log()
        lines, self.checked = log[self.checked :].splitlines(), len(log)
        alarming = [
            line
            for line in lines
            if ALARMING.search(line) and not any(e.search(line) for e in self.expected)
        ]
        assert not alarming, "unexpected in the error log:\n" + "\n".join(alarming)

    # ---- Requests

    def request(self, method, target, headers=None, body=None, host=None):
        """One request on a connection of its own; `target` goes out exactly as given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in (headers or {}):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def get(self, target, headers=None, host=None):
        return self.request("GET", target, headers, host=host)

    def raw(self, request_bytes, half_close=False):
        """Sends the bytes, returns all that comes back until the server closes.

        With `half_close` the end of what is sent arrives together with it. The module cannot tell
        that from a client that has left, and answers only what it has within a moment.
        """
        with socket.create_connection(("127.0.0.1", self.port), 120) as connection:
            if half_close:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            connection.sendall(request_bytes)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
            return received
