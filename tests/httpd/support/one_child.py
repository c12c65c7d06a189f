"""A server with one child process, and what that takes."""
import os
import pathlib
import re

ONE_CHILD = {
    "event": "StartServers 1\nServerLimit 1\nThreadsPerChild 4\nMaxRequestWorkers 4\n",
    "prefork": "StartServers 1\nMinSpareServers 1\nMaxSpareServers 1\nMaxRequestWorkers 1\n",
}


class Child:
    """What the one child of a server has taken so far."""

    def __init__(self, server):
        (self.pid,) = server.children()
        self.folder = pathlib.Path(f"/proc/{self.pid}")

    def seconds(self):
        fields = (self.folder / "stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self, what):
        for line in (self.folder / "status").read_text().splitlines():
            if line.startswith(what):
                return int(line.split()[1]) / 1024
        raise KeyError(what)

    def megabytes_read(self):
        """From files and sockets, whether the system had them in memory or not."""
        counted = (self.folder / "io").read_text()
        return int(re.search(r"rchar: (\d+)", counted)[1]) / (1 << 20)

    def forget_peak(self):
        (self.folder / "clear_refs").write_text("5")
