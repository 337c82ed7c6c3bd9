"""How wide and high a picture is, from its first bytes. Pure.

The network shows pictures in the shape that the post tells (fact sheet bluesky §4:
``aspectRatio``). What cannot be read has no shape; nothing here raises.
"""

import struct


def size(data: bytes) -> tuple[int, int] | None:
    """(width, height) of a PNG, GIF, JPEG or WebP as it is shown, or None."""
    try:
        found = _size(data)
    except (struct.error, IndexError):
        return None
    return found if found and min(found) > 0 else None


def _size(data: bytes) -> tuple[int, int] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return struct.unpack(">II", data[16:24])
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return struct.unpack("<HH", data[6:10])
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return _jpeg(data) if data.startswith(b"\xff\xd8") else None


def _webp(data: bytes) -> tuple[int, int] | None:
    if data[12:16] == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        return width, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        (bits,) = struct.unpack("<I", data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if data[12:16] == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Segment by segment to the frame's header; a telephone's picture may lie on its
    side, which its EXIF tells."""
    place, turned = 2, False
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 1:
            place += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack(">H", data[place + 2 : place + 4])
        if length < 2:
            return None
        if marker == 0xE1:
            turned = turned or _on_its_side(data[place + 4 : place + 2 + length])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return (height, width) if turned else (width, height)
        place += 2 + length
    return None


def _on_its_side(segment: bytes) -> bool:
    """EXIF's orientation (tag 0x0112) of 5 to 8."""
    if segment[:6] != b"Exif\x00\x00":
        return False
    tiff = segment[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if not order:
        return False
    (start,) = struct.unpack(order + "I", tiff[4:8])
    (count,) = struct.unpack(order + "H", tiff[start : start + 2])
    for number in range(count):
        entry = tiff[start + 2 + 12 * number : start + 14 + 12 * number]
        tag, _kind, _many, value = struct.unpack(order + "HHIH", entry[:10])
        if tag == 0x0112:
            return 5 <= value <= 8
    return False
