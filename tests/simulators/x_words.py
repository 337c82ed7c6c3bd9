"""How the fake X reads a text: its length, its mentions, its links.

Written from fact sheet x §6 and §5. Must never be taken for the referee of our own
counting: that is npm's twitter-text itself. Links are found by a short rule, so tests
of the simulator keep to ordinary addresses.
"""

import hashlib
import html
import re
import unicodedata

LIMIT = 280  # weighted, §6
LONG_LIMIT = 25_000  # long posts of Premium accounts, §6
LINK_WEIGHT = 23  # every address counts as much, §6
#: code points that weigh one instead of two, §6
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
FORBIDDEN = re.compile("[\ufffe\ufeff\uffff]")

LINK = re.compile(
    r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}…]"
    r"|(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|shop|io)\b"
    r"(?:/[\w./?=&%-]*[\w/=&%-])?",
    re.I,
)
HANDLE = re.compile(r"(?<![\w@＠/])[@＠](\w{1,15})(?![\w@＠])", re.ASCII)
CASHTAG = re.compile(r"(?<!\w)\$[A-Za-z]{1,6}\b")
#: whole emoji: flags, keycaps, and pictures with tones and joiners
EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3"
    "|(?:[\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]*)"
    "(?:\u200d[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)*"
    "[\U000e0020-\U000e007f]*"
)


def weight(text: str) -> int:
    """Weighted length: 0 to 280 may be posted."""
    text = unicodedata.normalize("NFC", text)
    text, links = LINK.subn("", text)
    text, emoji = EMOJI.subn("", text)
    light = sum(any(low <= ord(c) <= top for low, top in LIGHT) for c in text)
    return LINK_WEIGHT * links + 2 * emoji + 2 * len(text) - light


def cut(text: str) -> str:
    """The beginning of a long post, as ``text`` shows it (``note_tweet`` has all)."""
    room = LIMIT - LINK_WEIGHT - 3
    while weight(text) > room:
        text = text[: max(len(text) * 9 // 10, 1)]
    return f"{text}… {short('https://x.com/long')}"


def short(address: str) -> str:
    """The t.co address that X puts in the place of another."""
    return f"https://t.co/{hashlib.sha256(address.encode()).hexdigest()[:10]}"


def handles(text: str) -> list[str]:
    return [match[1] for match in HANDLE.finditer(text)]


def linked(text: str) -> bool:
    return bool(LINK.search(text))


def shown(text: str, people) -> tuple[str, dict]:
    """(text as the API gives it, entities): escaped, with short links.

    ``people``: function that finds a user by handle. Positions count code points of
    the escaped text.
    """
    entities: dict = {}
    pieces, at = [], 0
    for match in LINK.finditer(text):
        pieces.append(html.escape(text[at : match.start()], quote=False))
        at, address = match.end(), match[0]
        full = address if "://" in address else f"http://{address}"
        start = sum(map(len, pieces))
        pieces.append(short(full))
        entities.setdefault("urls", []).append(
            {
                "start": start,
                "end": start + len(pieces[-1]),
                "url": pieces[-1],
                "expanded_url": full,
                "display_url": re.sub(r"^https?://(www\.)?", "", full)[:27],
            }
        )
    pieces.append(html.escape(text[at:], quote=False))
    done = "".join(pieces)
    for match in HANDLE.finditer(done):
        person = people(match[1])
        if person is not None:
            entities.setdefault("mentions", []).append(
                {
                    "start": match.start(),
                    "end": match.end(),
                    "username": match[1],
                    "id": person.id,
                }
            )
    return done, entities
