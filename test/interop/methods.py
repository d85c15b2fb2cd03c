"""The methods that every peer under test has, and a driver that puts those of the other side to the test.

methods.py serve|drive [--tcp HOST:PORT]    over standard input and output, or TCP (serve listens, drive connects)
"""

import asyncio
import json
import sys

from peer import CANCELLED, UNKNOWN, MuxError, Session


async def accept(channel):
    call = json.loads(channel.head)
    method = METHODS.get(call["method"])
    if method is None:
        channel.cancel(UNKNOWN)
        raise MuxError(UNKNOWN, "no such method")
    await method(channel, call)


async def echo(channel, call, pause=0):
    if channel.request:
        return await channel.write(channel.head, fin=1)
    while (item := await channel.read()) is not None:
        await asyncio.sleep(pause)
        await channel.write(item)


async def slow(channel, call):
    await echo(channel, call, call["ms"] / 1000)


async def count(channel, call):
    for n in range(call["n"]):
        await channel.write(bytes([n & 255]) * call["size"])


async def sink(channel, call):
    items = size = 0
    while (item := await channel.read()) is not None:
        items, size = items + 1, size + len(item)
    await channel.write(f"{items} {size}".encode())


async def fail(channel, call):
    for n in range(call.get("after", 0)):
        await channel.write(bytes([n & 255]))
    raise MuxError(call["code"], "as asked")


async def hold(channel, call):
    await channel.bell.until(lambda: channel.stopped)


METHODS = {"echo": echo, "count": count, "sink": sink, "fail": fail, "slow": slow, "hold": hold}


def head(method, **call):
    return json.dumps({"method": method, **call}).encode()


async def read_all(channel):
    items = []
    while (item := await channel.read()) is not None:
        items.append(item)
    return items


async def code_of(awaitable):
    try:
        await awaitable
    except MuxError as error:
        return error.code


async def echoed(session, items, **call):
    channel = await session.open(head(call.pop("method", "echo"), **call))
    reading = asyncio.ensure_future(read_all(channel))
    for item in items:
        await channel.write(item)
    channel.end()
    return await reading


async def drive_echo(session):
    items = [b"", b"a", bytes(range(256)) * 1000, b"\0" * 300_000, b"end"]
    assert await echoed(session, items) == items


async def drive_slow(session):
    items = [bytes([n]) for n in range(5)]
    assert await echoed(session, items, method="slow", ms=5) == items


async def drive_many(session):
    async def one(n):
        items = [bytes([n]) * size for size in (1, 1000, 100_000)]
        assert await echoed(session, items) == items

    await asyncio.gather(*(one(n) for n in range(50)))


async def drive_count(session):
    channel = await session.open(head("count", n=3000, size=1000))
    channel.end()
    items = await read_all(channel)
    assert items == [bytes([n & 255]) * 1000 for n in range(3000)]


async def drive_sink(session):
    channel = await session.open(head("sink"))
    for _ in range(40):
        await channel.write(b"x" * 50_000)
    channel.end()
    assert await read_all(channel) == [b"40 2000000"]


async def drive_fail(session):
    channel = await session.open(head("fail", after=3, code=300))
    channel.end()
    seen = [await channel.read() for _ in range(3)]
    assert seen == [b"\0", b"\1", b"\2"]
    assert await code_of(channel.read()) == 300


async def drive_hold(session):
    channel = await session.open(head("hold"))
    writing = asyncio.ensure_future(channel.write(b"x" * 400_000))
    await writing
    blocked = asyncio.ensure_future(channel.write(b"y" * 400_000))
    assert await session.request(head("echo")) == head("echo")
    assert not blocked.done(), "wrote past the balance"
    channel.cancel(CANCELLED)
    assert await code_of(channel.read()) == CANCELLED
    blocked.cancel()
    channel.abort(CANCELLED)


async def drive_requests(session):
    bodies = [head("echo", n=n) for n in range(200)]
    replies = []
    for at in range(0, len(bodies), 50):
        replies += await asyncio.gather(*(session.request(body) for body in bodies[at : at + 50]))
    assert replies == bodies
    assert await code_of(session.request(head("fail", after=0, code=301))) == 301
    assert await code_of(session.request(head("toString"))) == UNKNOWN


async def drive(session):
    running = asyncio.ensure_future(session.run())
    for name, check in list(globals().items()):
        if name.startswith("drive_"):
            await asyncio.wait_for(check(session), 30)
            print(f"ok {name[6:]}", file=sys.stderr, flush=True)
    left = [id for id, channel in session.channels.items() if id and not channel.over()]
    assert not left, f"channels left: {left}"
    session.writer.close()
    running.cancel()


async def standard_streams():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def main(role, host=None, port=None):
    if host is None:
        session = Session(*await standard_streams(), accept)
        await (session.run() if role == "serve" else drive(session))
    elif role == "drive":
        await drive(Session(*await asyncio.open_connection(host, port), accept))
    else:
        async def connected(reader, writer):
            await Session(reader, writer, accept).run()

        server = await asyncio.start_server(connected, host, port)
        print(server.sockets[0].getsockname()[1], file=sys.stderr, flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    address = sys.argv[3].rsplit(":", 1) if "--tcp" in sys.argv else []
    asyncio.run(main(sys.argv[1], *address))
