"""Puts the peer to the scripted conversations of scripts.json.

scripts.py FILE
"""

import asyncio
import json
import pathlib
import sys

import peer
from peer import ABORT, CREDIT, PING, REPLY, UNKNOWN, Decoder, MuxError, Session, encode
from vectors_format import Sent, to_bytes, to_frame

# What this peer leaves out: it closes no session by itself, gives up no request, and asks briefly.
LEFT_OUT = {"close drains", "peer drains", "long request", "request aborted"}
LIMITS = peer.MINE
NAMES = {"accept": "take", "greet": "greeted"}


async def settle():
    for _ in range(60):
        await asyncio.sleep(0)


class Run:
    def __init__(self, script):
        self.script, self.sent, self.reader = script, Sent(), asyncio.StreamReader()
        self.accepted, self.channels, self.tails, self.reads, self.replies = [], {}, {}, {}, {}
        self.handles = False
        self.session = Session(self.reader, self.sent, self.accept)

    async def accept(self, channel):
        if channel.request:
            if not self.handles:
                raise MuxError(UNKNOWN)
            return await channel.write(channel.head, fin=1)
        self.accepted.append(channel)
        await channel.bell.until(lambda: channel.stopped or channel.over())

    async def play(self):
        peer.MINE = {**LIMITS, **self.script["hello"]}
        self.running = asyncio.ensure_future(self.session.run())
        if not self.script["peer"].get("late"):
            self.greet()
        await settle()
        assert [frame[0] for frame in self.frames()] == [0], "HELLO alone"
        for at, step in enumerate(self.script["steps"]):
            try:
                await self.step(step)
            except Exception as error:
                raise AssertionError(f"step {at} {step}: {error!r}") from error
        self.reader.feed_eof()
        await settle()

    def greet(self):
        hello = {key: value for key, value in self.script["peer"].items() if key != "late"}
        self.reader.feed_data(encode(0, 0, 0, json.dumps(hello).encode()))

    def frames(self):
        frames = list(Decoder().push(b"".join(self.sent)))
        self.sent.clear()
        return [frame for frame in frames if frame[0] != PING or frame[1] & REPLY]

    async def step(self, step):
        if "in" in step:
            return self.reader.feed_data(b"".join(encode(*to_frame(frame)) for frame in step["in"]))
        await settle()
        if "app" in step:
            return await getattr(self, NAMES.get(step["app"], step["app"]))(step)
        frames = self.frames()
        if "credit" in step:
            wanted = step["credit"]
            assert all(frame[0] == CREDIT and frame[2] == wanted["id"] for frame in frames), frames
            given = sum(int.from_bytes(frame[3], "big") for frame in frames)
            assert wanted["atLeast"] <= given <= wanted["atMost"], given
        elif "code" in step:
            aborts = [frame for frame in frames if frame[0] == ABORT]
            assert [(id, int.from_bytes(payload[:4], "big")) for _, _, id, payload in aborts] == [
                (step["code"]["id"], step["code"]["code"])
            ], frames
        else:
            wanted = [to_frame(frame) for frame in step.get("out", [])]
            assert frames == wanted, (frames, wanted)

    async def on(self, step):
        return await self.channels[step["on"]]

    def behind(self, name, work):
        """Does work on a channel behind what was begun on it before."""
        before = self.tails.get(name)

        async def run():
            if before is not None:
                await asyncio.wait([before])
            return await work()

        self.tails[name] = task = asyncio.ensure_future(run())
        task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return task

    async def open(self, step):
        self.channels[step["as"]] = asyncio.ensure_future(self.session.open(to_bytes(step.get("metadata", ""))))

    async def take(self, step):
        channel = self.accepted.pop(0)
        assert channel.head == to_bytes(step.get("metadata", ""))
        self.channels[step["as"]] = asyncio.get_running_loop().create_future()
        self.channels[step["as"]].set_result(channel)

    async def write(self, step):
        async def work():
            await (await self.on(step)).write(to_bytes(step["data"]))

        task = self.behind(step["on"], work)
        if "error" in step:
            await self.fails(task, step["error"])

    async def end(self, step):
        async def work():
            (await self.on(step)).end()

        self.behind(step["on"], work)

    async def abort(self, step):
        (await self.on(step)).abort(step["code"], step.get("text", ""))

    async def cancel(self, step):
        (await self.on(step)).cancel(step["code"], step.get("text", ""))

    async def read(self, step):
        channel = await self.on(step)
        task = self.reads.pop(step["on"], None) or asyncio.ensure_future(channel.read())
        if "waits" in step:
            self.reads[step["on"]] = task
            await settle()
            assert not task.done(), "it has come"
        elif "error" in step:
            await self.fails(task, step["error"])
        else:
            wanted = None if "closed" in step else to_bytes(step.get("gives", step.get("resolves")))
            await settle()
            assert task.done(), "it is still waiting"
            assert task.result() == wanted, task.result()

    async def fails(self, task, code):
        await settle()
        assert task.done(), "it is still waiting"
        assert isinstance(task.exception(), MuxError), task
        assert task.exception().code == code, task.exception()

    async def finished(self, step):
        assert (await self.on(step)).over(), "it is not over"

    async def request(self, step):
        self.replies[step["as"]] = asyncio.ensure_future(self.session.request(to_bytes(step.get("body", ""))))

    async def reply(self, step):
        task = self.replies[step["on"]]
        if "error" in step:
            return await self.fails(task, step["error"])
        assert task.done() and task.result() == to_bytes(step.get("gives", "")), task

    async def handle(self, step):
        self.handles = True

    async def send(self, step):
        self.behind("", lambda: self.session.channels[0].write(to_bytes(step["data"])))

    async def message(self, step):
        task = asyncio.ensure_future(self.session.channels[0].read())
        await settle()
        assert task.done() and task.result() == to_bytes(step["gives"]), task

    async def lose(self, step):
        self.reader.feed_eof()

    async def failed(self, step):
        assert self.running.done() and self.session.over, "it has not failed"

    async def greeted(self, step):
        self.greet()


async def play(script):
    await asyncio.wait_for(Run(script).play(), 10)


passed, failed = 0, 0
for script in json.loads(pathlib.Path(sys.argv[1]).read_text()):
    if script["name"] in LEFT_OUT:
        continue
    try:
        asyncio.run(play(script))
        passed += 1
    except Exception as error:
        failed += 1
        print(f"not ok {script['name']}: {str(error)[:600]}")
print(f"{passed} passed, {failed} failed, {len(LEFT_OUT)} left out")
sys.exit(failed > 0)
