"""memcached for tests: the real one in a process of its own, and one in this process that lies."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import urllib.parse

from private_httpd import free_port
from waiting import wait_for


class Memcached:
    """The real one, on a free port of 127.0.0.1; ended by its process id."""

    def __init__(self, *options):
        program = shutil.which("memcached")
        assert program, "memcached is not installed"
        self.port = free_port()
        self.name = f"127.0.0.1:{self.port}"
        self.command = [program, "-l", "127.0.0.1", "-p", str(self.port), "-U", "0", *options]
        if os.geteuid() == 0:
            self.command += ["-u", "nobody"]
        self.process = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self.process = subprocess.Popen(self.command)
        wait_for("memcached does not start", self.is_up)

    def is_up(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self):
        """It listens, and says nothing any more."""
        os.kill(self.process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def ask(self, command, end=b"END\r\n"):
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
            connection.sendall(command + b"\r\n")
            answer = b""
            while not answer.endswith(end):
                received = connection.recv(65536)
                assert received, answer
                answer += received
        return answer

    def stats(self):
        lines = self.ask(b"stats").decode().splitlines()[:-1]
        return {line.split()[1]: line.split()[2] for line in lines}

    def count(self, name):
        return int(self.stats()[name])

    def keys(self):
        """Of all that it holds."""
        dump = self.ask(b"lru_crawler metadump all").decode()
        return [urllib.parse.unquote(line.split()[0].removeprefix("key=")) for line in dump.splitlines()[:-1]]

    def get(self, key):
        answer = self.ask(b"get " + key.encode())
        head, _, rest = answer.partition(b"\r\n")
        return rest[: int(head.split()[3])]

    def set(self, key, value):
        head = f"set {key} 0 0 {len(value)}\r\n".encode()
        assert self.ask(head + value, b"\r\n") == b"STORED\r\n"


class FakeMemcached:
    """Keeps what it is given, and answers as `behaviour(client, key, value)` says, where `value` is
    None for a get of what it does not have, and is_set tells which command it was. Without a
    behaviour it is honest."""

    def __init__(self, behaviour=None):
        self.behaviour = behaviour
        self.kept = {}
        self.asked = 0
        self.ended = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.name = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.clients = []
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        for connection in [self.listener, *self.clients]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(20)
        for connection in [self.listener, *self.clients]:
            connection.close()

    def accept(self):
        while not self.ended.is_set():
            with contextlib.suppress(OSError):
                client, _ = self.listener.accept()
                self.clients.append(client)
                thread = threading.Thread(target=self.serve, args=(client,), daemon=True)
                self.threads.append(thread)
                thread.start()

    def serve(self, client):
        with contextlib.suppress(OSError, ValueError):
            stream = client.makefile("rb")
            while line := stream.readline():
                words = line.split()
                if words[0] == b"quit":
                    break
                key = words[-1 if len(words) == 1 else 1].decode()
                self.asked += 1
                if is_set := words[0] == b"set":
                    self.kept[key] = stream.read(int(words[4]) + 2)[:-2]
                behaviour = self.behaviour
                if behaviour:
                    behaviour(self, client, key, self.kept.get(key), is_set)
                else:
                    client.sendall(honest(key, self.kept.get(key), is_set))
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


def honest(key, value, is_set):
    if is_set:
        return b"STORED\r\n"
    if value is None:
        return b"END\r\n"
    return b"VALUE %s 0 %d\r\n%s\r\nEND\r\n" % (key.encode(), len(value), value)
