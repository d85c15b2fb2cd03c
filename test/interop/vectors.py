"""Puts the peer to the vectors of bytes: frames.json, splits.json, invalid.json.

vectors.py DIRECTORY
"""

import asyncio
import json
import pathlib
import struct
import sys

import peer
from peer import ACK, CREDIT, DATA, FIN, MORE, OPEN, PING, REPLY, Decoder, Session, encode

KINDS = ["hello", "open", "data", "credit", "abort", "cancel", "ping", "goaway", "ack"]


def to_bytes(value):
    return bytes([value["byte"]]) * value["size"] if isinstance(value, dict) else bytes.fromhex(value)


def payload_of(frame):
    if frame["type"] == "hello":
        return json.dumps(frame["hello"], separators=(",", ":"), ensure_ascii=False).encode()
    parts = [struct.pack(">I", frame[key]) for key in ("last", "credit", "code", "count") if key in frame]
    parts += [to_bytes(frame[key]) for key in ("head", "payload") if key in frame]
    return b"".join(parts) + frame.get("text", "").encode()


def to_frame(frame):
    kind = frame["number"] if frame["type"] == "unknown" else KINDS.index(frame["type"])
    flags = FIN * frame.get("fin", 0) | MORE * frame.get("more", 0) | REPLY * frame.get("ack", 0)
    return kind, flags, frame.get("id", 0), payload_of(frame)


def check_frames(entry):
    data = bytes.fromhex(entry["hex"]) + to_bytes(entry.get("then", ""))
    frames = [to_frame(frame) for frame in entry["frames"]]
    assert b"".join(encode(*frame) for frame in frames) == data, entry["name"]
    assert list(Decoder().push(data)) == frames, entry["name"]
    return data, frames


def check_splits(entry):
    data, frames = check_frames(entry)
    for at in range(len(data) + 1):
        decoder = Decoder()
        assert [*decoder.push(data[:at]), *decoder.push(b""), *decoder.push(data[at:])] == frames
    decoder = Decoder()
    assert [frame for byte in data for frame in decoder.push(bytes([byte]))] == frames


class Sent(list):
    write, close = list.append, lambda self: None
    writelines = list.extend

    async def drain(self):
        await asyncio.sleep(0)


async def check_invalid(entry, size):
    peer.MINE = {**LIMITS, **entry["hello"]}
    reader, sent, data = asyncio.StreamReader(), Sent(), bytes.fromhex(entry["hex"])
    for at in range(0, len(data), size):
        reader.feed_data(data[at : at + size])
    idle = asyncio.Event()
    await asyncio.wait_for(Session(reader, sent, lambda channel: idle.wait()).run(), 5)
    kind, _, _, payload = list(Decoder().push(b"".join(sent)))[-1]
    assert kind == 7 and struct.unpack_from(">I", payload, 4)[0] == entry["code"], entry["name"]


LIMITS = peer.MINE
directory = pathlib.Path(sys.argv[1])
read = lambda name: json.loads((directory / name).read_text())
checks = [(check_frames, "frames.json"), (check_splits, "splits.json")]
checks += [(lambda entry, n=n: asyncio.run(check_invalid(entry, n)), "invalid.json") for n in (1, 7, 1 << 20)]
seen, failed = 0, 0
for check, name in checks:
    for entry in read(name):
        seen += 1
        try:
            check(entry)
        except Exception as error:
            failed += 1
            print(f"not ok {name} {entry['name']}: {error!r}")
print(f"{seen - failed} passed, {failed} failed")
sys.exit(failed > 0)
