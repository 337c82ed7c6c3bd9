"""Finds the addresses in a text as X does, for counting and for the price of a post.

X counts whatever it takes for an address as 23, also "example.com" alone. The rules
are those of twitter-text 3.1.0 (fact sheet x §6), written without its regular
expression: that one takes minutes on a long text without spaces. It never decides
what is called.
"""

import re
import struct

from .x_tlds import LONGEST, TLDS

_PUNCTUATION = "!'#%&()*+,\\-./:;<=>?@[]^_{|}~$"
_SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u180e"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_INVALID = "\ufffe\ufeff\uffff"
_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u061c\u200e\u200f\u2066\u2067\u2068\u2069"
#: what no label of a domain may hold
_NOT_IN_LABEL = frozenset(_PUNCTUATION + _SPACES + _INVALID + _DIRECTION)
#: an address may not begin right after one of these
_NOT_BEFORE = frozenset("@＠$#＃" + _INVALID)
_LATIN = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259"
    "\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_CYRILLIC = "\u0400-\u04ff"

_PROTOCOL = re.compile(r"https?://$", re.IGNORECASE)
_PORT = re.compile(r":[0-9]+")
_GENERAL = rf"[a-zA-Z{_CYRILLIC}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
#: up to two levels of parentheses, as in "/Album_(Edited_(Again))"
_PARENTHESES = re.compile(rf"\((?:{_GENERAL}+|{_GENERAL}*\({_GENERAL}+\){_GENERAL}*)\)")
_PATH_RUN = re.compile(rf"{_GENERAL}+")
_PATH_END = re.compile(rf"[+\-a-zA-Z{_CYRILLIC}0-9=_#/{_LATIN}]")
_QUERY_RUN = re.compile(r"\?[a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]+")
_QUERY_END = re.compile(r"[a-zA-Z0-9\-_&=#/]")
_TCO = re.compile(r"https?://t\.co/([a-zA-Z0-9]+)", re.IGNORECASE)
_TCO_SLUG = 40
_ASCII_LABEL = re.compile(rf"[-a-zA-Z0-9{_LATIN}]+")
_PUNYCODE = re.compile(r"xn--[-0-9a-z]+", re.IGNORECASE)
#: characters of the last label that make a top-level domain an ordinary word
_GOES_ON = re.compile(r"[0-9a-zA-Z@+-]")
_FULL_STOPS = re.compile("[\u3002\uff0e\uff61]")
_LABEL = 63
_WHOLE = 4096


def units(whole: str) -> str:
    """Each character above U+FFFF as its two halves: the library reads UTF-16, and
    lets an address begin behind the first half."""
    if whole.isascii() or max(whole) <= "\uffff":
        return whole
    raw = whole.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw)))


def joined(units: str) -> str:
    """The text of such halves, and of what stands between."""
    if units.isascii():
        return units
    raw = units.encode("utf-16-le", "surrogatepass")
    return raw.decode("utf-16-le", "surrogatepass")


def find(text: str) -> list[tuple[int, int]]:
    """(start, end) of each address in ``text``, in its order.

    Exact where ``text`` went through ``units``.
    """
    found: list[tuple[int, int]] = []
    at, done = 0, -1
    while True:
        dot = text.find(".", at)
        if dot < 0:
            return found
        run_start, run_end = dot, dot + 1
        while run_start > at and _in_run(text[run_start - 1]):
            run_start -= 1
        while run_end < len(text) and _in_run(text[run_end]):
            run_end += 1
        done = _of_run(text, run_start, run_end, done, found)
        at = max(done, run_end)


def _in_run(char: str) -> bool:
    return char in ".-_" or char not in _NOT_IN_LABEL


def _may_precede(text: str, start: int) -> bool:
    """May an address begin at ``start``? A letter or digit before it says no."""
    if start == 0:
        return True
    char = text[start - 1]
    return not (char.isascii() and char.isalnum()) and char not in _NOT_BEFORE


def _of_run(text: str, start: int, end: int, done: int, found: list) -> int:
    """Addresses whose domain lies in ``text[start:end]``, a run of labels and dots.

    :param done: where the last address ended: a character must stand between two
    :return: the same, after this run
    """
    position = start
    while position < end:
        match = _domain(text, position, end, done)
        if match is None:
            return done
        done = _address(text, *match, found)
        position = done + 1
    return done


def _begin(text: str, domain: int, done: int) -> int:
    """Where the address of a domain that starts here begins: at http:// if that may
    stand there, else at the domain itself, -1 if not even that."""
    protocol = _PROTOCOL.search(text[max(0, domain - 8) : domain])
    for start in (domain - len(protocol[0]) if protocol else -1, domain):
        if start > done and _may_precede(text, start):
            return start
    return -1


def _domain(text: str, low: int, end: int, done: int) -> tuple[int, int, int] | None:
    """(start of the address, start, end of its domain), leftmost, then longest."""
    labels = _labels(text, low, end)
    chains = _chains(text, labels)
    for index, (start, stop) in enumerate(labels[:-1]):
        if not chains[index]:
            continue
        for begin in _beginnings(text, start, stop):
            if text[begin] in "-_":
                continue
            whole = _begin(text, begin, done)
            if whole < 0:
                continue
            for name, tail in chains[index]:
                # the label before the end may not hold an underscore
                if name == index and "_" in text[begin:stop]:
                    continue
                return whole, begin, tail
    return None


def _beginnings(text: str, start: int, stop: int):
    """Where in a label to look, in the order in which X does: a character at the very
    beginning that may stand before an address is first taken for that."""
    if start == 0 and stop > 1 and not text[0].isascii() and _may_precede(text, 1):
        return (1, 0, *range(2, stop))
    return range(start, stop)


def _labels(text: str, low: int, end: int) -> list[tuple[int, int]]:
    found, start = [], low
    for index in range(low, end):
        if text[index] == ".":
            found.append((start, index))
            start = index + 1
    found.append((start, end))
    return found


def _chains(text: str, labels: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """For each label: where a domain that begins in it may end, the longest first, as
    (index of the label before the top-level domain, end of the domain)."""
    chains: list[list[tuple[int, int]]] = [[] for _one in labels]
    for index in range(len(labels) - 2, -1, -1):
        start, stop = labels[index]
        if start == stop or text[stop - 1] in "-_":
            continue  # such a label is no part of a domain
        following = labels[index + 1]
        whole = following[0] < following[1] and text[following[0]] not in "-_"
        if whole:
            # labels further on count only if the next is one from its first letter
            chains[index] += [
                (name, tail)
                for name, tail in chains[index + 1][:8]
                if name != index + 1 or "_" not in text[slice(*following)]
            ]
        tail = _tld(text, *following)
        if tail:
            chains[index].append((index, tail))
    return chains


def _tld(text: str, start: int, end: int) -> int:
    """Where a top-level domain that begins at ``start`` ends; 0 if there is none."""
    for length in range(min(LONGEST, end - start), 0, -1):
        stop = start + length
        if text[start:stop].lower() in TLDS:
            if stop >= len(text) or not _GOES_ON.match(text[stop]):
                return stop
    match = _PUNYCODE.match(text, start, end)
    return match.end() if match else 0


def _address(text: str, begin: int, start: int, end: int, found: list) -> int:
    """Add the address of the domain ``text[start:end]``; where it ends."""
    port = _PORT.match(text, end)
    tail = port.end() if port else end
    path = _path(text, tail)
    query = _query(text, path)
    if not _is_valid(text[start:end], query - begin):
        return query
    if begin < start:
        short = _TCO.match(text, begin, query)
        if short and len(short[1]) > _TCO_SLUG:
            return query
        if short:
            inner = _query(text, short.end())
            found.append((begin, inner if inner <= query else short.end()))
        else:
            found.append((begin, query))
        return query
    if start and text[start - 1] in "-_./":
        return query
    ascii_ones = _ascii_domains(text, start, end)
    if ascii_ones:
        if path > tail:
            # its end is counted from the Latin part alone: in "example.comпочта.рф/я"
            # the library is short by the letters between
            first, last = ascii_ones[-1]
            ascii_ones[-1] = (first, last + query - end)
        found.extend(ascii_ones)
    return query


def _path(text: str, start: int) -> int:
    """Where the path that begins at ``start`` ends; ``start`` if there is none."""
    if text[start : start + 1] != "/":
        return start
    position = stop = start + 1
    while True:
        match = _PATH_RUN.match(text, position)
        if match:
            position = match.end()
            back = position
            while back > match.start() and not _PATH_END.match(text[back - 1]):
                back -= 1
            stop = back if back > match.start() else stop
        match = _PARENTHESES.match(text, position)
        if not match:
            return stop
        # only what could have ended before it ends with a parenthesis
        stop = match.end() if stop == position else stop
        position = match.end()


def _query(text: str, start: int) -> int:
    match = _QUERY_RUN.match(text, start)
    if not match:
        return start
    stop = match.end()
    while stop > start + 1 and not _QUERY_END.match(text[stop - 1]):
        stop -= 1
    return stop if stop > start + 1 else start


def _is_valid(domain: str, length: int) -> bool:
    for label in joined(domain).split("."):
        # the other full stops part a label for its spelling, not for its length
        pieces = [_spelled(one) for one in _FULL_STOPS.split(label)]
        if not 0 < len(".".join(pieces)) <= _LABEL:
            return False
    return length <= _WHOLE


def _spelled(label: str) -> str:
    if label.isascii():
        return label
    return "xn--" + label.encode("punycode", "replace").decode("ascii")


def _ascii_domains(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Without http:// only domains in Latin letters count, so of "你好example.com"
    only the last part does."""
    found, position = [], start
    while position < end:
        first = _ASCII_LABEL.match(text, position, end)
        if not first:
            position += 1
            continue
        tail, dot = 0, first.end()
        while dot < end and text[dot] == ".":
            stop = _tld(text[:end], dot + 1, end)
            tail = stop or tail
            label = _ASCII_LABEL.match(text, dot + 1, end)
            if not label:
                break
            dot = label.end()
        if tail:
            found.append((first.start(), tail))
        position = max(tail, first.end())
    return found
