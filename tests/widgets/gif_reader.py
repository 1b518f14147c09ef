"""A reader of GIFs, written by the book and slow: what the films of the widgets are checked with."""

import struct

import numpy as np


def unlzw(data, bits):
    """Bytes of a GIF's LZW stream, by the book: read a code, speak it, learn what was said before plus one byte."""
    clear, end = 1 << bits, (1 << bits) + 1
    number, said, at = int.from_bytes(data, "little"), bytearray(), 0
    table, width, before = {}, bits + 1, b""
    while True:
        code = number >> at & ((1 << width) - 1)
        at += width
        if code == end:
            assert 8 * len(data) - at < 8, "codes end where the data does"
            return bytes(said)
        if code == clear:
            table = {i: bytes([i]) for i in range(clear)} | {clear: b"", end: b""}
            width, before = bits + 1, b""
            continue
        word = table[code] if code in table else before + before[:1]
        if before and len(table) < 4096:
            assert code in table or code == len(table)
            table[len(table)] = before + word[:1]
            width += len(table) == 1 << width and width < 12
        said += word
        before = word


def frames_of(gif):
    """Every picture of a GIF and how many hundredths of a second it stands, by the book."""
    assert gif[:6] == b"GIF89a"
    width, height, flags = struct.unpack_from("<HHB", gif, 6)
    colours = 2 << (flags & 7)
    palette = np.frombuffer(gif, np.uint8, 3 * colours, 13).reshape(-1, 3)
    at, screen, frames, delay = 13 + 3 * colours, np.zeros((height, width), np.uint8), [], 0
    while gif[at] != 0x3B:
        if gif[at] == 0x21:
            if gif[at + 1] == 0xF9:
                delay = struct.unpack_from("<H", gif, at + 4)[0]
            at = _past_blocks(gif, at + 2)[0]
            continue
        left, top, wide, tall, local = struct.unpack_from("<HHHHB", gif, at + 1)
        assert local == 0
        after, data = _past_blocks(gif, at + 11)
        part = np.frombuffer(unlzw(data, gif[at + 10]), np.uint8).reshape(tall, wide)
        screen = screen.copy()
        screen[top : top + tall, left : left + wide] = part
        frames.append((palette[screen], delay))
        at = after
    assert at == len(gif) - 1
    return frames


def _past_blocks(gif, at):
    data = b""
    while gif[at]:
        data += gif[at + 1 : at + 1 + gif[at]]
        at += 1 + gif[at]
    return at + 1, data
