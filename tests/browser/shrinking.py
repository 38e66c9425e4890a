"""How does a screenshot become a small file? 256 colours, the rare ones replaced by their nearest, packed tightly."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from pathlib import Path

COLOURS = 256
Colour = tuple[int, int, int]


def shrink(path: Path) -> int:
    """Rewrites an 8-bit PNG without interlacing (as browsers take them) in place; returns its size in bytes."""
    width, height, depth, packed = _read(path.read_bytes())
    rows = _unfilter(zlib.decompress(packed), width * depth, height, depth)
    pixels = [(row[at], row[at + 1], row[at + 2]) for row in rows for at in range(0, len(row), depth)]
    palette, places = _palette(Counter(pixels))
    lines = (bytes(places[pixel] for pixel in pixels[start : start + width]) for start in range(0, len(pixels), width))
    body = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = bytes(part for colour in palette for part in colour)
    chunks = (b"IHDR", header), (b"PLTE", colours), (b"IDAT", body), (b"IEND", b"")
    return path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks))


def _read(raw: bytes) -> tuple[int, int, int, bytes]:
    """Width, height, bytes a pixel (3 or 4), and the packed rows."""
    at, packed, width, height, depth = 8, b"", 0, 0, 3
    while at < len(raw):
        length, name = struct.unpack(">I4s", raw[at : at + 8])
        data = raw[at + 8 : at + 8 + length]
        if name == b"IHDR":
            width, height, bits, kind, _, _, interlace = struct.unpack(">IIBBBBB", data)
            assert (bits, interlace) == (8, 0) and kind in (2, 6)
            depth = 4 if kind == 6 else 3
        elif name == b"IDAT":
            packed += data
        at += 12 + length
    return width, height, depth, packed


def _unfilter(data: bytes, length: int, height: int, depth: int) -> list[bytearray]:
    rows, above = [], bytearray(length)
    for number in range(height):
        start = number * (length + 1)
        row = bytearray(data[start + 1 : start + 1 + length])
        _undo(data[start], row, above, depth)
        rows.append(row)
        above = row
    return rows


def _undo(kind: int, row: bytearray, above: bytearray, depth: int) -> None:
    for at in range(len(row)) if kind else ():
        left = row[at - depth] if at >= depth else 0
        corner = above[at - depth] if at >= depth else 0
        up = above[at]
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]
        row[at] = (row[at] + guess) & 255


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda near: abs(guess - near))


def _palette(found: Counter[Colour]) -> tuple[list[Colour], dict[Colour, int]]:
    """The most frequent colours, and for every colour the place of its nearest."""
    palette = [colour for colour, _ in found.most_common(COLOURS)]
    places = {colour: place for place, colour in enumerate(palette)}
    for colour in found:
        if colour not in places:
            places[colour] = min(range(len(palette)), key=lambda place: _distance(colour, palette[place]))
    return palette, places


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
