"""A memcached that lies, and entries that are not what they stand for: each answer is right all the
same, and comes in time."""
import pytest
from cluster import LONG, PATIENT, SECRET, TILES, UNHURRIED, get_all, images, machines
from memcached import FakeMemcached, Memcached, honest
from waiting import wait_for


def say(make):
    def behaviour(_, client, key, value, is_set):
        client.sendall(make(key, value or b"no value", is_set))
    return behaviour


def be_silent(fake, *_):
    fake.ended.wait()


def hang_up(*_):
    raise OSError


def drip(fake, client, key, value, is_set):
    for byte in honest(key, value, is_set):
        client.sendall(bytes([byte]))
        if fake.ended.wait(0.01):
            return


def half(_, client, key, value, is_set):
    reply = honest(key, value, is_set)
    client.sendall(reply[: len(reply) // 2])
    raise OSError


def endless(fake, client, key, *_):
    client.sendall(b"VALUE %s 0 4000000000\r\n" % key.encode())
    while not fake.ended.is_set():
        client.sendall(bytes(65536))


def late(fake, client, key, value, is_set):
    fake.ended.wait(0.6)
    client.sendall(honest(key, value, is_set))


def value_of_another(fake, client, key, value, is_set):
    others = [other for other in list(fake.kept) if other != key]
    client.sendall(honest(key, fake.kept[others[0]] if others else value, is_set))


def answer_about_another(fake, client, key, value, is_set):
    others = [other for other in list(fake.kept) if other != key] or [key]
    client.sendall(honest(others[0], fake.kept.get(others[0]), is_set))


def changed(value):
    middle = len(value) // 2
    return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]


LIES = {
    "silent": be_silent,
    "hangs up": hang_up,
    "drips": drip,
    "half, then hangs up": half,
    "endless": endless,
    "late": late,
    "value of another key": value_of_another,
    "answer about another key": answer_about_another,
    "one bit": say(lambda key, value, is_set: honest(key, changed(value), is_set)),
    "cut short": say(lambda key, value, is_set: honest(key, value[: len(value) // 2], is_set)),
    "empty value": say(lambda key, value, is_set: honest(key, b"", is_set)),
    "no flags": say(lambda key, *_: b"VALUE %s\r\nhello\r\nEND\r\n" % key.encode()),
    "huge length": say(lambda key, *_: b"VALUE %s 0 9000000000000000000\r\nx" % key.encode()),
    "line feeds": say(lambda *request: honest(*request).replace(b"\r\n", b"\n")),
    "no end": say(lambda *request: honest(*request).replace(b"\r\nEND\r\n", b"xx")),
    "http": say(lambda *_: b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "error": say(lambda *_: b"ERROR\r\n"),
    "twice": say(lambda *request: 2 * honest(*request)),
    "one stray answer": say(lambda *request: b"END\r\n" + honest(*request)),
    "noise": say(lambda *_: bytes(range(256)) * 8),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies(machines, lie):
    """Told from the beginning, and on connections that were in good use."""
    with FakeMemcached() as fake:
        server = machines(f"IIPMemcachedServers {fake.name}", UNHURRIED)
        wait_for("all are stored", lambda: get_all(server) and len(fake.kept) == len(TILES))
        fake.behaviour = LIES[lie]
        asked = fake.asked
        assert sum(get_all(server) for _ in range(3)) < LONG
        assert fake.asked > asked

        fresh = machines(f"IIPMemcachedServers {fake.name}", UNHURRIED)
        assert sum(get_all(fresh) for _ in range(3)) < LONG
        for each in (server, fresh):
            assert each.error_log().count("IIP:") <= 1, each.error_log()


def test_entries_in_each_others_place(machines):
    """Every one of them genuine, and none where it belongs."""
    with Memcached() as memcached:
        server = machines(f"IIPMemcachedServers {memcached.name}", PATIENT, SECRET)
        get_all(server)
        wait_for("all are stored", lambda: memcached.count("curr_items") == len(TILES))
        keys = memcached.keys()
        values = [memcached.get(key) for key in keys]
        for key, value in zip(keys, values[1:] + values[:1]):
            memcached.set(key, value)
        hits = memcached.count("get_hits")
        get_all(server)
        assert memcached.count("get_hits") >= hits + len(TILES), "they were asked for"


def test_entries_of_another_virtual_host(machines):
    """The same pictures, so that a virtual host could well show the other's; by hand under its keys,
    and sealed with the same secret."""
    def host(name, memcached):
        return (f"IIPMemcachedServers {memcached.name}", PATIENT, SECRET, f"IIPMemcachedNamespace {name}")

    with Memcached() as memcached:
        one, other = machines(*host("one", memcached)), machines(*host("other", memcached))
        get_all(one)
        wait_for("one's are stored", lambda: memcached.count("curr_items") == len(TILES))
        ones = {key: memcached.get(key) for key in memcached.keys()}
        get_all(other)
        wait_for("the other's too", lambda: memcached.count("curr_items") == 2 * len(TILES))
        assert memcached.count("get_hits") == len(ones), "of the two lines above"

        by_digest = {key.rsplit(":", 1)[1]: value for key, value in ones.items()}
        others = [key for key in memcached.keys() if key not in ones]
        assert {key.rsplit(":", 1)[1] for key in others} == set(by_digest)
        for key in others:
            memcached.set(key, by_digest[key.rsplit(":", 1)[1]])
        stored = memcached.count("cmd_set")
        get_all(other)
        wait_for("it has made its own again",
                 lambda: memcached.count("cmd_set") == stored + len(TILES))


def test_forged_without_the_secret(machines):
    """Who has not the secret can not work out the keys; and what he puts under keys that he has seen
    in memcached is not believed."""
    with Memcached() as memcached:
        servers = f"IIPMemcachedServers {memcached.name}", PATIENT
        server = machines(*servers, SECRET)
        get_all(server)
        wait_for("all are stored", lambda: memcached.count("curr_items") == len(TILES))
        true_keys = memcached.keys()

        forger = machines(*servers, 'IIPMemcachedSecret "guessed, and wrongly so"')
        get_all(forger)
        wait_for("the forgeries are stored",
                 lambda: memcached.count("curr_items") == 2 * len(TILES))
        assert memcached.count("get_hits") == 0, "the forger's keys are others"
        forgeries = [memcached.get(key) for key in memcached.keys() if key not in true_keys]

        for key, forgery in zip(true_keys, forgeries):
            memcached.set(key, forgery)
        fresh = machines(*servers, SECRET)
        stored = memcached.count("cmd_set")
        hits = memcached.count("get_hits")
        get_all(fresh)
        assert memcached.count("get_hits") == hits + len(TILES), "they were asked for"
        wait_for("they are replaced", lambda: memcached.count("cmd_set") == stored + len(TILES))
