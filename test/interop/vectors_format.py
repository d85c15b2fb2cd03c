"""The vectors as bytes and frames, and a writer that keeps what was sent."""

import asyncio
import json
import struct

from peer import FIN, MORE, REPLY

KINDS = ["hello", "open", "data", "credit", "abort", "cancel", "ping", "goaway", "ack"]


def to_bytes(value):
    if not isinstance(value, dict):
        return bytes.fromhex(value)
    return b"".join(map(to_bytes, value["join"])) if "join" in value else bytes([value["byte"]]) * value["size"]


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


class Sent(list):
    write, close = list.append, lambda self: None
    writelines = list.extend

    async def drain(self):
        await asyncio.sleep(0)
