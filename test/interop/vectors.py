"""Puts the peer to the vectors of bytes: frames.json, splits.json, invalid.json.

vectors.py DIRECTORY
"""

import asyncio
import json
import pathlib
import struct
import sys

import peer
from peer import Decoder, Session, encode
from vectors_format import Sent, to_bytes, to_frame

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
