"""Clients that ask for the same few things all the time and check every answer."""
import http.client
import threading


class Load:
    """`with Load(port, {target: body}) as load:` runs until the block ends; load.failures holds
    what went wrong, load.count the answers. Connections are kept alive; a server may close one
    between two answers, and then the request is made again, as browsers do."""

    def __init__(self, port, expected, clients=4):
        self.port = port
        self.expected = list(expected.items())
        self.failures = []
        self.count = 0
        self.running = True
        self.threads = [threading.Thread(target=self.client, args=(i,)) for i in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        for thread in self.threads:
            thread.join()

    def client(self, number):
        connection, at = None, number
        while self.running:
            target, body = self.expected[at % len(self.expected)]
            at += 1
            fresh = connection is None
            if fresh:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("GET", target)
                response = connection.getresponse()
                received = response.read()
            except (ConnectionError, http.client.HTTPException, OSError) as error:
                connection.close()
                connection = None
                if fresh:
                    self.failures.append(f"{target}: {error!r}")
                continue
            if response.status != 200 or received != body:
                self.failures.append(f"{target}: {response.status}, {len(received)} bytes")
            self.count += 1
            if response.will_close:
                connection.close()
                connection = None
