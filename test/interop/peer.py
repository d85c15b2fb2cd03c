"""A peer of the mux protocol (RFC 0005) in the standard library of Python 3.9 and later."""

import asyncio
import json
import struct
import sys

HELLO, OPEN, DATA, CREDIT, ABORT, CANCEL, PING, GOAWAY, ACK = range(9)
FIN, MORE, REPLY = 1, 2, 4
PROTOCOL, INTERNAL, CANCELLED, REFUSED, TOO_LARGE, TIMEOUT, LOST, FLOW, UNKNOWN = range(1, 10)
LIMIT = 2**31 - 1
MINE = DEFAULTS = {"credit": 262144, "frame": 65536, "item": 16777216, "streams": 100}
RANGES = {"v": (1, 1), "credit": (1, LIMIT), "frame": (4096, 2**24 - 1), "item": (0, 2**53 - 1), "streams": (0, LIMIT)}
# The least and the most bytes of each type's payload, whether it may be on id 0, and on another.
RULES = {
    HELLO: (0, 65536, 1, 0), OPEN: (4, LIMIT, 0, 1), DATA: (0, LIMIT, 1, 1), CREDIT: (4, 4, 1, 1), ABORT: (4, 1028, 0, 1),
    CANCEL: (4, 1028, 0, 1), PING: (0, 64, 1, 0), GOAWAY: (8, 1032, 1, 0), ACK: (4, 4, 1, 0),
}


class MuxError(Exception):
    def __init__(self, code, text=""):
        super().__init__(f"{code} {text}")
        self.code, self.text = code, text


def encode(kind, flags, id, payload=b""):
    return struct.pack(">IBi", len(payload), kind << 4 | flags, id)[1:] + payload


def code_and_text(code, text):
    return struct.pack(">I", code) + text.encode()


class Decoder:
    """Takes any cut of bytes, gives whole frames."""

    def __init__(self, longest=LIMIT):
        self.held, self.longest = bytearray(), longest

    def push(self, data):
        self.held += data
        at = 0
        while len(self.held) - at >= 8:
            length = int.from_bytes(self.held[at : at + 3], "big")
            if length > self.longest:
                raise MuxError(TOO_LARGE, f"a frame of {length} bytes")
            if len(self.held) - at < 8 + length:
                break
            first, id = struct.unpack_from(">Bi", self.held, at + 3)
            yield first >> 4, first & 15, id, bytes(self.held[at + 8 : at + 8 + length])
            at += 8 + length
        del self.held[:at]


class Bell(asyncio.Event):
    async def until(self, test):
        while not test():
            self.clear()
            await self.wait()


class Channel:
    """One duplex: `read`, `write`, `end`, `fail` and `cancel` are for me; the rest is what arrives."""

    def __init__(self, session, id, balance, head=b"", request=False):
        self.session, self.id, self.head, self.request = session, id, head, request
        self.balance, self.granted = balance, MINE["credit"]  # what I may send, and the other
        self.taken = self.unpaid = 0  # bytes to give credit for: read, in pieces of an item
        self.queue, self.items, self.piece = [], [], bytearray()
        self.in_ended = self.out_ended = self.within = self.waiting = False
        self.failure, self.stopped, self.bell = None, None, Bell()

    async def read(self):
        """The next item, or None at the end. Raises when the other side has failed."""
        unpaid, self.unpaid, self.waiting = self.unpaid, 0, True
        self.give(unpaid)
        await self.bell.until(lambda: self.items or self.in_ended)
        self.waiting = False
        if self.items:
            item, cost = self.items.pop(0)
            self.give(cost)
            return item
        if self.failure:
            raise self.failure

    def give(self, cost):  # credit for what was taken, in halves of a window
        self.taken += cost
        if self.taken * 2 >= MINE["credit"] and not self.in_ended:
            self.session.first.append(encode(CREDIT, 0, self.id, struct.pack(">I", self.taken)))
            self.granted += self.taken
            self.taken = 0
            self.session.bell.set()

    async def write(self, item, fin=0):
        await self.bell.until(lambda: self.stopped or (self.balance > 0 and not self.queue))
        if self.stopped:
            raise self.stopped
        size = self.session.peer["frame"]
        for at in range(0, max(len(item), 1), size):
            flags = fin if at + size >= len(item) else MORE
            self.queue.append((DATA, flags, item[at : at + size]))
        self.session.bell.set()

    def over(self):
        return self.in_ended and self.out_ended

    def end(self):
        self.last(DATA, FIN, b"")

    def fail(self, code, text=""):  # after all that was written
        self.last(ABORT, FIN, code_and_text(code, text))

    def last(self, *frame):
        ending = any(kind == ABORT or flags & FIN for kind, flags, _ in self.queue)
        if not self.out_ended and not ending:
            self.queue.append(frame)
            self.session.bell.set()

    def abort(self, code, text=""):  # at once; what was written and not sent is dropped
        if not self.out_ended:
            self.queue.clear()
            self.out_ended = True
            self.session.first.append(encode(ABORT, 0, self.id, code_and_text(code, text)))
            self.session.bell.set()

    def cancel(self, code=CANCELLED, text=""):
        if not self.in_ended:
            self.session.first.append(encode(CANCEL, 0, self.id, code_and_text(code, text)))
            self.session.bell.set()

    def receive(self, kind, flags, payload):
        if kind == DATA:
            self.data(flags, payload)
        elif kind == CREDIT:
            n = int.from_bytes(payload, "big")
            if n == 0 or self.balance + n > LIMIT:
                raise MuxError(FLOW if n else PROTOCOL, f"credit of {n}")
            self.balance += n
        elif kind == CANCEL:
            self.stopped = MuxError(struct.unpack_from(">I", payload)[0], payload[4:].decode())
            if self.id > 0:
                self.abort(self.stopped.code)
        elif flags & FIN and self.within:
            raise MuxError(PROTOCOL, "an item without its last piece")
        else:
            if not flags & FIN:
                self.items.clear()
            self.failure = MuxError(struct.unpack_from(">I", payload)[0], payload[4:].decode())
            self.in_ended = True
        self.bell.set()

    def data(self, flags, payload):
        free = flags & FIN and not payload
        endless = self.request and self.id < 0 and not flags & (FIN | MORE)
        if endless or flags & FIN and (flags & MORE or self.within and free or self.id == 0):
            raise MuxError(PROTOCOL, "an end within an item, or of the messages; or a request without one")
        if not free:
            if self.granted <= 0:
                raise MuxError(FLOW, "data without credit")
            self.granted -= 8 + len(payload)
            self.unpaid += 8 + len(payload)
            self.piece += payload
            if len(self.piece) > MINE["item"]:
                raise MuxError(TOO_LARGE, f"an item over {MINE['item']} bytes")
        self.within = bool(flags & MORE)
        if self.within and self.waiting:
            self.give(self.unpaid)
            self.unpaid = 0
        elif not self.within and (not free or (self.request and self.id > 0)):
            self.items.append((bytes(self.piece), self.unpaid))
            self.piece, self.unpaid = bytearray(), 0
        self.in_ended = bool(flags & FIN)


class Session:
    def __init__(self, reader, writer, accept):
        self.reader, self.writer, self.accept = reader, writer, accept
        self.peer, self.over = None, None
        self.channels, self.tasks, self.opened, self.accepted = {}, set(), 0, 0
        self.first, self.bell, self.ready = [], Bell(), Bell()

    async def open(self, head, request=False):
        await self.ready.until(lambda: self.over or self.peer and self.held(1) < self.peer["streams"])
        if self.over or len(head) > self.peer["frame"] - 4:
            raise self.over or MuxError(TOO_LARGE, f"a head of {len(head)} bytes")
        self.opened += 1
        channel = self.channels[self.opened] = Channel(self, self.opened, self.peer["credit"], head, request)
        channel.out_ended = request
        self.first.append(encode(OPEN, FIN * request, channel.id, struct.pack(">I", MINE["credit"]) + head))
        self.bell.set()
        return channel

    def held(self, sign):  # channels that are there and not over
        return sum(sign * id > 0 and not channel.over() for id, channel in self.channels.items())

    async def request(self, body):
        return await (await self.open(body, request=True)).read()

    async def run(self):
        self.writer.write(encode(HELLO, 0, 0, json.dumps({"v": 1, **MINE}).encode()))
        pump = asyncio.ensure_future(self.pump())
        try:
            decoder = Decoder(MINE["frame"])
            while data := await self.reader.read(65536):
                for frame in decoder.push(data):
                    self.receive(*frame)
        except (MuxError, ValueError, AttributeError, ConnectionError) as error:
            code, last = getattr(error, "code", PROTOCOL), struct.pack(">I", self.accepted)
            if code != LOST and not isinstance(error, ConnectionError):
                self.writer.write(encode(GOAWAY, 0, 0, last + code_and_text(code, str(error))))
        self.over = MuxError(LOST, "the transport ended")
        self.ready.set()
        pump.cancel()
        for channel in self.channels.values():
            channel.stopped = channel.stopped or self.over
            if not channel.in_ended:
                channel.in_ended, channel.failure = True, self.over
            channel.bell.set()
        self.writer.close()

    async def pump(self):  # control first, then one frame of data of each channel in turn
        await self.ready.until(lambda: self.peer)
        while True:
            self.bell.clear()
            sent = bool(self.first)
            self.channels = {id: channel for id, channel in self.channels.items() if not channel.over()}
            self.ready.set()
            self.writer.writelines(self.first)
            self.first.clear()
            for channel in self.channels.values():
                free = channel.queue and (channel.queue[0][0] == ABORT or channel.queue[0][1:] == (FIN, b""))
                if free or channel.queue and channel.balance > 0:
                    kind, flags, payload = channel.queue.pop(0)
                    channel.balance -= 0 if free else 8 + len(payload)
                    channel.out_ended = bool(flags & FIN)
                    channel.bell.set()
                    self.writer.write(encode(kind, flags, channel.id, payload))
                    sent = True
            await self.writer.drain()
            if not sent:
                await self.bell.wait()

    def receive(self, kind, flags, id, payload):
        least, most, zero, others = RULES.get(kind, (0, LIMIT, 1, 1))
        fits = least <= len(payload) <= most and (others if id else zero) and id != -(2**31)
        if not fits or (kind == HELLO) != (self.peer is None):
            raise MuxError(PROTOCOL, f"a frame of type {kind} on {id} with {len(payload)} bytes")
        if kind == HELLO:
            self.greet(json.loads(payload))
        elif kind == PING and not flags & REPLY:
            self.first = [frame for frame in self.first if frame[3] >> 4 != PING] + [encode(PING, REPLY, 0, payload)]
        elif kind == GOAWAY and struct.unpack_from(">II", payload)[1]:
            raise MuxError(LOST, payload[8:].decode())
        elif kind == OPEN:
            self.take(flags, id, payload)
        elif kind in (DATA, CREDIT, ABORT, CANCEL):
            self.deliver(kind, flags, -id, payload)
        self.bell.set()

    def greet(self, hello):
        for key, (least, most) in RANGES.items():
            if not isinstance(hello.get(key, least), int) or not least <= hello.get(key, least) <= most:
                raise MuxError(PROTOCOL, f"{key} {hello[key]!r} in HELLO")
        self.peer = {**DEFAULTS, **hello}
        self.channels[0] = Channel(self, 0, self.peer["credit"])
        self.ready.set()

    def take(self, flags, id, payload):
        if id != self.accepted + 1 or self.held(-1) >= MINE["streams"]:
            raise MuxError(PROTOCOL, f"OPEN of channel {id} after {self.accepted}")
        self.accepted, balance = id, struct.unpack_from(">I", payload)[0]
        if balance > LIMIT or flags & FIN and flags & MORE:
            raise MuxError(FLOW if balance > LIMIT else PROTOCOL, f"credit of {balance}, flags {flags}")
        channel = self.channels[-id] = Channel(self, -id, balance, payload[4:], bool(flags & (FIN | MORE)))
        channel.in_ended, channel.within = bool(flags & FIN), bool(flags & MORE)
        if channel.within:  # the rest of the body comes as DATA
            channel.piece, channel.head = bytearray(channel.head), None
        self.tasks.add(task := asyncio.ensure_future(self.serve(channel)))
        task.add_done_callback(self.tasks.discard)

    async def serve(self, channel):
        try:
            channel.head = await channel.read() if channel.head is None else channel.head
            await self.accept(channel)
            channel.abort(channel.stopped.code) if channel.stopped else channel.end()
        except MuxError as error:
            channel.fail(error.code, error.text)
        except Exception as error:
            print(f"channel {channel.id}: {error!r}", file=sys.stderr)
            channel.fail(INTERNAL, "the handler has failed")

    def deliver(self, kind, flags, id, payload):
        channel = self.channels.get(id)
        over = channel is None and (0 < id <= self.opened or 0 < -id <= self.accepted)
        if kind in (CREDIT, CANCEL) and (over or channel and channel.out_ended):
            return
        if channel is None or kind in (DATA, ABORT) and channel.in_ended:
            raise MuxError(PROTOCOL, f"a frame of type {kind} on channel {id}, which has ended or never was")
        channel.receive(kind, flags, payload)
