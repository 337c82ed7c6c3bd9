"""Triage rules: do these conditions hold for this message, and what follows?

Plain values in, plain values out; it looks nothing up and writes nothing. A rule that
is broken, or that takes longer than its share, matches nothing: it must never stop the
messages that come in. Why a rule matched is told in codes, which are put into words
where somebody reads them.
"""

import re
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from zoneinfo import ZoneInfo

from .linear_regex import Pattern, PatternError

#: seconds that one rule's pattern may take of one batch of messages
SHARE = 0.25
#: days of the week, 0 = Monday
DAYS = {
    "all": frozenset(range(7)),
    "working": frozenset(range(5)),
    "weekend": frozenset((5, 6)),
}
#: how the words of a rule are asked for -> what is told when it matches
WORDS = {"any": "words", "all": "words_all", "none": "words_none"}
#: results of a rule that a later one does not change
RESULTS = ("ticket", "team", "priority", "user", "canned")


# --- the message ------------------------------------------------------------------
@dataclass(eq=False)
class Facts:
    """What is known of a message when it is decided about.

    ``at``: naive UTC. ``orders``, ``invoices``: are there open ones of the contact;
    None where nobody could know. ``first``: the author's first message to us.
    """

    text: str = ""
    language: str = ""
    network: int = 0
    account: int = 0
    audience: str = "public"
    author: int = 0
    handle: str = ""
    followers: int = 0
    verified: bool = False
    known: bool = False
    tags: frozenset = frozenset()
    thanks: bool = False
    reply: bool = False
    first: bool = False
    at: datetime | None = None
    orders: bool | None = None
    invoices: bool | None = None

    @cached_property
    def folded(self):
        return self.text.casefold()

    @cached_property
    def plain(self):
        return plain(self.text)

    @cached_property
    def words(self):
        return spaced(self.plain)

    @cached_property
    def word_set(self):
        return frozenset(self.words.split())


#: signs that stand on a letter and belong to its word: vowels of Hindi, points of
#: Hebrew … (the blocks that living scripts use)
_MARKS = "".join(
    char
    for char in map(chr, range(0x300, 0x1E00))
    if unicodedata.category(char).startswith("M")
)
#: one class of characters, repeated once: no text can make it slow
_BETWEEN = re.compile(rf"(?:_|[^\w{_MARKS}])+")


def plain(text):
    """Without case and without variants of width or composition."""
    return unicodedata.normalize("NFKC", text or "").casefold()


def spaced(text):
    """The words of a plain text between single spaces, one at either end."""
    return _BETWEEN.sub(" ", f" {text} ")


def _handle(text):
    return plain(text).strip().lstrip("@")


# --- conditions -------------------------------------------------------------------
def wanted_words(text):
    """A list as people write it: separated by commas or lines."""
    lines = (text or "").replace(",", "\n").splitlines()
    return [one.strip() for one in lines if one.strip()]


def word_test(word):
    """A function (facts) → is this word, or these words in a row, in the text?

    ``refund*`` stands for all that begins so. Words of scripts that put no space
    between them, and what has no letters, are found anywhere.
    """
    start = word.endswith("*")
    bare = plain(word[:-1] if start else word)
    inside = spaced(bare)
    if not inside.strip() or any(map(_unspaced, bare)):
        return lambda facts: bare in facts.plain
    if start:
        inside = inside[:-1]
    return lambda facts: inside in facts.words


def _unspaced(char):
    """Thai, Lao, Khmer, Burmese, kana, Chinese characters."""
    code = ord(char)
    return (
        0x0E00 <= code <= 0x0EFF
        or 0x1000 <= code <= 0x109F
        or 0x1780 <= code <= 0x17FF
        or 0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0x20000 <= code <= 0x3FFFF
    )


def _among(name, values):
    """The value is one of these; ``None`` where nothing is asked."""
    values = frozenset(values or ())
    if not values:
        return None
    return lambda facts: getattr(facts, name) in values


def _flag(name, wanted):
    """``wanted``: ``yes``, ``no`` or nothing. What nobody knows is neither."""
    if not wanted:
        return None
    expected = wanted == "yes"
    return lambda facts: wanted if getattr(facts, name) is expected else None


def _words(mode, text):
    tests = [(word, word_test(word)) for word in wanted_words(text)]
    if not mode or not tests:
        return None
    if mode == "any":
        return _any_word(tests)
    if mode == "all":
        return lambda facts: all(test(facts) for _word, test in tests)
    return lambda facts: not any(test(facts) for _word, test in tests)


def _any_word(tests):
    """Single words are looked up all at once, the others one by one."""
    single, rest = {}, []
    for word, test in tests:
        letters = plain(word)
        if letters.isalnum() and not any(map(_unspaced, letters)):
            single.setdefault(letters, word)
        else:
            rest.append((word, test))
    known = frozenset(single)

    def test(facts):
        if not known.isdisjoint(facts.word_set):
            return next(single[one] for one in single if one in facts.word_set)
        return next((word for word, one in rest if one(facts)), None)

    return test


def _language(text):
    codes = {one.lower().replace("_", "-") for one in wanted_words(text)}
    if not codes:
        return None

    def test(facts):
        code = facts.language.lower().replace("_", "-")
        found = code in codes or code.partition("-")[0] in codes
        return code if found and code else None

    return test


def _followers(least, most):
    if not least and not most:
        return None
    return lambda facts: (
        facts.followers >= least and (not most or facts.followers <= most)
    )


def _tags(values):
    values = frozenset(values or ())
    return (lambda facts: not values.isdisjoint(facts.tags)) if values else None


def _handles(text):
    handles = {_handle(one) for one in wanted_words(text)}
    return (lambda facts: _handle(facts.handle) in handles) if handles else None


def _kind(kind):
    if not kind:
        return None
    thanks = kind == "thanks"
    return lambda facts: kind if facts.thanks is thanks else None


def _turn(turn):
    return (lambda facts: turn if getattr(facts, turn) else None) if turn else None


def _hours(mode, start, end, days, zone):
    if not mode:
        return None
    zone, days = ZoneInfo(zone or "UTC"), DAYS[days or "all"]

    def within(facts):
        local = facts.at.replace(tzinfo=timezone.utc).astimezone(zone)
        hour = local.hour + local.minute / 60
        if start <= end:
            return local.weekday() in days and start <= hour < end
        # over midnight: the hours after it belong to the day before
        if hour < end:
            return (local - timedelta(days=1)).weekday() in days
        return local.weekday() in days and hour >= start

    wanted = mode == "in"
    return lambda facts: mode if facts.at and within(facts) is wanted else None


def conditions(spec: Mapping):
    """[(code, function)], what is quickly asked first.

    :raises PatternError, KeyError, ValueError, OSError: a condition is broken
    """
    get = spec.get
    found = [
        ("network", _among("network", get("networks"))),
        ("account", _among("account", get("accounts"))),
        ("audience", _among("audience", get("audiences"))),
        ("kind", _kind(get("kind"))),
        ("turn", _turn(get("turn"))),
        ("author", _among("author", get("authors"))),
        ("handle", _handles(get("handles"))),
        ("verified", _flag("verified", get("verified"))),
        ("known", _flag("known", get("known"))),
        ("followers", _followers(get("followers_min") or 0, get("followers_max") or 0)),
        ("tags", _tags(get("tags"))),
        ("orders", _flag("orders", get("orders"))),
        ("invoices", _flag("invoices", get("invoices"))),
        ("language", _language(get("languages"))),
        (WORDS.get(get("words_mode")), _words(get("words_mode"), get("words"))),
        (
            "hours",
            _hours(
                get("hours"),
                get("hour_from") or 0,
                get("hour_to") or 0,
                get("days"),
                get("zone"),
            ),
        ),
    ]
    return [(code, test) for code, test in found if test]


# --- rules ------------------------------------------------------------------------
@dataclass(eq=False)
class Rule:
    """One rule, ready to be asked.

    ``results``: of ``RESULTS``, what it says; ``tags`` besides. ``broken``: why it
    cannot be asked, a code.
    """

    id: int
    tests: tuple = ()
    pattern: Pattern | None = None
    results: dict = field(default_factory=dict)
    tags: tuple = ()
    stop: bool = True
    broken: str = ""

    @classmethod
    def make(cls, spec: Mapping):
        """A rule of plain values; a broken one matches nothing and says why."""
        try:
            tests = tuple(conditions(spec))
            pattern = Pattern(spec["regex"]) if spec.get("regex") else None
        except PatternError as error:
            return cls(spec["id"], broken=error.code)
        except (KeyError, ValueError, OSError):
            return cls(spec["id"], broken="broken")
        results = {
            name: spec[name] for name in RESULTS if spec.get(name) not in (None, "", 0)
        }
        if spec.get("ticket") is False:
            results["ticket"] = False
        return cls(
            spec["id"],
            tests,
            pattern,
            results,
            tuple(spec.get("tag_ids") or ()),
            bool(spec.get("stop", True)),
        )

    def match(self, facts, watch):
        """Why it matches, as [code] or [code, detail] each; None when it does not."""
        why = []
        for code, test in self.tests:
            found = test(facts)
            if not found:
                return None
            why.append([code, found] if isinstance(found, str) else [code])
        if self.pattern:
            if self.pattern.needs not in facts.folded:
                return None
            if not watch.search(self, facts.text):
                return None
            why.append(["regex"])
        return why or [["always"]]


class Watch:
    """Sees to it that no pattern takes more than its share of a batch."""

    def __init__(self, share=SHARE, clock=time.perf_counter):
        self.share, self.clock = share, clock
        self.spent = {}
        #: ids of rules that were left out for the rest of the batch
        self.slow = set()
        self.failed = {}

    def search(self, rule, text):
        if rule.id in self.slow:
            return False
        started = self.clock()
        found = rule.pattern.search(text or "")
        spent = self.spent.get(rule.id, 0) + self.clock() - started
        self.spent[rule.id] = spent
        if spent > self.share:
            self.slow.add(rule.id)
        return found


@dataclass(eq=False)
class Verdict:
    """What the rules say about one message; ``why``: [[rule id, reasons]]."""

    results: dict = field(default_factory=dict)
    tags: tuple = ()
    why: list = field(default_factory=list)

    @property
    def ruled_out(self):
        return self.results.get("ticket") is False


#: of a message that no rule is about
NOTHING = Verdict()


def judge(rules, facts, watch):
    """All that match, in order, until one stops; who says a thing first is right."""
    verdict = None
    for rule in rules:
        if rule.broken:
            continue
        try:
            why = rule.match(facts, watch)
        except Exception as error:  # a broken rule must not stop the intake
            watch.failed[rule.id] = error
            continue
        if why is None:
            continue
        verdict = verdict or Verdict()
        verdict.why.append([rule.id, why])
        for name, value in rule.results.items():
            verdict.results.setdefault(name, value)
        verdict.tags += tuple(tag for tag in rule.tags if tag not in verdict.tags)
        if rule.stop:
            break
    return verdict or NOTHING
