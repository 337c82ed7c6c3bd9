r"""Regular expressions whose search takes time in proportion to the text, always.

Python's own engine tries one way after the other; a pattern like ``(a+)+b`` then keeps
a worker busy for years. Patterns here come from people who configure rules, so they are
walked through all ways at once (Thompson's construction, states remembered as they are
met). The syntax is Python's; what needs the past of a match (backreferences, looking
ahead or behind) is refused when the rule is written. It only says whether something is
found, without regard to case; ``^`` and ``$`` are the ends of the whole text.
"""

try:  # Python 3.11 and later
    from re import _constants as sre
    from re import _parser as parser
except ImportError:  # Python 3.10
    import sre_constants as sre
    import sre_parse as parser

#: characters of a text that are searched: the longest private message of the networks
#: we know (Telegram) has as many
MAX_TEXT = 4096
#: nodes of one pattern; a repetition ``{3,50}`` is written out. With the text's limit
#: it bounds one search, met for the first time, to some 0.3 s
MAX_NODES = 200
#: remembered steps of one pattern, then it starts to learn anew (some 100 kB)
MAX_STEPS = 4000
#: flags that change nothing here: no capitals, every script
_FLAGS = sre.SRE_FLAG_IGNORECASE | sre.SRE_FLAG_UNICODE
_START, _WORD, _OTHER = "start", "word", "other"
_END = ""  # stands for the end of the text where a character is asked for


class PatternError(ValueError):
    """The pattern cannot be used. ``code``: ``syntax``, ``unsupported``, ``too_big``,
    ``empty`` (it would find every text)."""

    def __init__(self, code, detail=""):
        super().__init__(detail or code)
        self.code = code
        self.detail = detail


class _State(dict):
    """What may follow, by character; filled when a character is met first."""

    def __init__(self, pattern, nodes, before):
        super().__init__()
        self.pattern, self.nodes, self.before = pattern, nodes, before

    def __missing__(self, char):
        return self.pattern._step(self, char)


class Pattern:
    """:raises PatternError: the pattern is wrong, too big or needs another engine"""

    def __init__(self, source):
        self.source = source
        self._tests, self._edges, self._marks = [], [], []
        try:
            parsed = parser.parse(source, sre.SRE_FLAG_IGNORECASE)
        except (sre.error, OverflowError, RecursionError) as error:
            raise PatternError("syntax", str(error)) from error
        if parsed.state.flags & ~_FLAGS:
            raise PatternError("unsupported", "flags")
        #: what every text that fits contains, case-folded; '' where there is no such
        self.needs = max(_runs(parsed), key=len, default="")
        self._final = self._node()
        self._first = self._sequence(parsed, self._final)
        self._forget()
        if self.search(""):
            raise PatternError("empty")

    def search(self, text):
        """Is it found anywhere in ``text`` (its first ``MAX_TEXT`` characters)?"""
        state = self._begin
        for char in text[:MAX_TEXT]:
            state = state[char]
            if state is True:
                return True
        return state[_END] is True

    # --- running ------------------------------------------------------------------
    def _forget(self):
        self._states, self._steps = {}, 0
        self._begin = self._state(frozenset(), _START)

    def _state(self, nodes, before):
        key = (nodes, before)
        if key not in self._states:
            self._states[key] = _State(self, nodes, before)
        return self._states[key]

    def _step(self, state, char):
        """The state after ``char``; True when something was found before it."""
        if self._steps >= MAX_STEPS:
            # what is under way keeps its own states, new ones are learnt
            self._forget()
        self._steps += 1
        after = _kind(char) if char else _END
        reached = self._reach([*state.nodes, self._first], state.before, after)
        if self._final in reached:
            found = True
        elif not char:
            found = False
        else:
            nodes = frozenset(
                target
                for node in reached
                if (test := self._tests[node]) and test(char)
                for target in self._edges[node]
            )
            # a match that ends here and asks for nothing more is told at once
            found = self._final in nodes or self._state(nodes, after)
        state[char] = found
        return found

    def _reach(self, nodes, before, after):
        """Nodes that are reached without a character, between these two."""
        seen, todo = set(), list(nodes)
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen.add(node)
            if self._tests[node] is None:
                mark = self._marks[node]
                if mark is None or _holds(mark, before, after):
                    todo += self._edges[node]
        return seen

    # --- building: each returns the node where it begins ---------------------------
    def _node(self, test=None, edges=(), mark=None):
        if len(self._tests) >= MAX_NODES:
            raise PatternError("too_big")
        self._tests.append(test)
        self._edges.append(list(edges))
        self._marks.append(mark)
        return len(self._tests) - 1

    def _sequence(self, parsed, after):
        for op, value in reversed(list(parsed)):
            after = self._one(op, value, after)
        return after

    def _one(self, op, value, after):
        if op is sre.BRANCH:
            return self._node(edges=[self._sequence(one, after) for one in value[1]])
        if op is sre.SUBPATTERN:
            _group, add, remove, body = value
            if (add | remove) & ~sre.SRE_FLAG_IGNORECASE:
                raise PatternError("unsupported", "flags")
            return self._sequence(body, after)
        if op is sre.AT:
            if value not in _MARKS:
                raise PatternError("unsupported", str(value))
            return self._node(edges=[after], mark=_MARKS[value])
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            return self._repeat(*value, after)
        test = _test(op, value)
        if test is None:
            raise PatternError("unsupported", str(op))
        return self._node(test, [after])

    def _repeat(self, least, most, body, after):
        if most is sre.MAXREPEAT:
            loop = self._node(edges=[after])
            self._edges[loop].append(self._sequence(body, loop))
            start = loop
        else:
            start = after
            for _time in range(most - least):
                start = self._node(edges=[after, self._sequence(body, start)])
        for _time in range(least):
            start = self._sequence(body, start)
        return start


def _runs(parsed):
    """Plain letters and digits in a row that the pattern asks for in any case.

    Not the letter i, whose capitals differ from language to language.
    """
    run = ""
    for op, value in parsed:
        char = chr(value) if op is sre.LITERAL else ""
        if char.isascii() and char.isalnum() and char not in "iI":
            run += char.casefold()
            continue
        yield run
        run = ""
    yield run


_MARKS = {
    sre.AT_BEGINNING: "start",
    sre.AT_BEGINNING_STRING: "start",
    sre.AT_END: "end",
    sre.AT_END_STRING: "end",
    sre.AT_BOUNDARY: "edge",
    sre.AT_NON_BOUNDARY: "inside",
}


def _kind(char):
    return _WORD if char.isalnum() or char == "_" else _OTHER


def _holds(mark, before, after):
    if mark == "start":
        return before == _START
    if mark == "end":
        return after == _END
    edge = (before == _WORD) != (after == _WORD)
    return edge if mark == "edge" else not edge


def _test(op, value):
    """A function that says whether a character fits, or None for something else."""
    if op is sre.LITERAL:
        both = _both(chr(value))
        return lambda char: not both.isdisjoint(_both(char))
    if op is sre.NOT_LITERAL:
        both = _both(chr(value))
        return lambda char: both.isdisjoint(_both(char))
    if op is sre.ANY:
        return lambda char: char != "\n"
    if op is sre.IN:
        wanted = [one for one in value if one[0] is not sre.NEGATE]
        tests = [_member(*one) for one in wanted]
        if None in tests:
            return None
        negated = len(wanted) < len(value)
        return lambda char: any(test(char) for test in tests) != negated
    return _member(op, value)


def _member(op, value):
    if op is sre.LITERAL:
        both = _both(chr(value))
        return lambda char: not both.isdisjoint(_both(char))
    if op is sre.RANGE:
        low, high = value
        return lambda char: any(
            low <= ord(one) <= high for one in _both(char) if len(one) == 1
        )
    if op is sre.CATEGORY:
        return _CATEGORIES.get(value)
    return None


def _both(char):
    """The character in either case: capitals make no difference."""
    return {char, char.lower(), char.upper()}


def _isnt(test):
    return lambda char: not test(char)


def _is_word(char):
    return char.isalnum() or char == "_"


_CATEGORIES = {
    sre.CATEGORY_DIGIT: str.isdecimal,
    sre.CATEGORY_NOT_DIGIT: _isnt(str.isdecimal),
    sre.CATEGORY_SPACE: str.isspace,
    sre.CATEGORY_NOT_SPACE: _isnt(str.isspace),
    sre.CATEGORY_WORD: _is_word,
    sre.CATEGORY_NOT_WORD: _isnt(_is_word),
}
