"""The search language of the fake X: words side by side, OR, minus, parentheses.

Fact sheet x §3 lists the operators; how they combine is X's page "Build a query": words
beside each other are tied closer than OR. It never sees a post: ``x_reading`` gives it
the meaning of a word.
"""

import re

TOKEN = re.compile(r'-?\(|\)|[^\s()"]*"[^"]*"|[^\s()"]+')


class Malformed(Exception):
    """The query breaks off, or a parenthesis has no other half."""


def parse(query: str, meaning):
    """A function post -> bool.

    :param meaning: word -> function post -> bool
    """
    tokens = TOKEN.findall(query)
    found, rest = _either(tokens, meaning)
    if rest:
        raise Malformed(rest[0])
    return found


def _either(tokens, meaning):
    parts = []
    while True:
        part, tokens = _all(tokens, meaning)
        parts.append(part)
        if tokens[:1] != ["OR"]:
            return lambda post: any(one(post) for one in parts), tokens
        tokens = tokens[1:]


def _all(tokens, meaning):
    parts = []
    while tokens and tokens[0] not in (")", "OR"):
        token, tokens = tokens[0], tokens[1:]
        if token in ("(", "-("):
            part, tokens = _either(tokens, meaning)
            if tokens[:1] != [")"]:
                raise Malformed("(")
            tokens = tokens[1:]
        else:
            part = meaning(token.removeprefix("-"))
        parts.append(_not(part) if token.startswith("-") else part)
    if not parts:
        raise Malformed("nothing")
    return lambda post: all(one(post) for one in parts), tokens


def _not(part):
    return lambda post: not part(post)
