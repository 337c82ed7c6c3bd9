"""A customer's name in a text, beyond what the network shows of them anyway.

Names are words: "will", "may", "king". A word is taken for a name by its capital, by
the name beside it, by a greeting before it. An agent who signs with the same name, and
a name that the handle or the profile contains, reveal nothing.
"""

import re

from . import guard_words
from .guard_find import Find
from .guard_fold import bare, squash
from .guard_own import is_dense, joined, whole_word

#: words that are names as well; they need a greeting or another name beside them
ALSO_WORDS = frozenset(
    "will mark may grace hope faith joy rose bill rob art dean chase drew "
    "guy gene pat sue ray rich frank ernest max summer april june august "
    "dawn autumn crystal ruby amber jack jean young long white black brown "
    "green gray grey king price banks stone field park page case cook day "
    "best love little small sharp swift bush wood woods hall hill church "
    "street bank baker mason carter miller smith parker turner walker hunter "
    "taylor cooper potter fisher shepherd bishop abbot knight noble major "
    "early strong short power powers rivers lake english french german welsh "
    "scott west north south east winter snow frost rain cloud fox wolf bird "
    "lamb bull berry plum olive cherry ginger basil sage ivy iris lily daisy "
    "heather violet pearl jade star sky ocean story ever able said post link "
    "update store shop help klein gross lang kurz jung alt neu weiss schwarz "
    "braun koch sommer petit grand blanc noir roi claire aurore rey leon "
    "cruz flores reyes ramos rosa luz paz sol mar campos bello bueno leal "
    "sunday monday christian austin paris".split()
)
#: parts of a name that are no name by themselves
SMALL = frozenset(
    "de da do dos das del di du la le van von der den ter el al bin ibn y e "
    "i und and mc san mr mrs ms dr prof herr frau mme".split()
)
_GREETED = re.compile(
    rf"(?:{guard_words.IS_GREETING.pattern})[\s,.!]{{1,3}}(?:(?:again|there|and)[\s,.!]{{1,3}})?$",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"(?:name\s(?:is|was)|named|called|i\s?['’]?a?m|mr|mrs|ms|herrn?|frau|se llama|"
    r"m'appelle|heisse|bin|mi chiamo|regards|cheers|greetings|grüsse|gruß)[\s,.:]{1,3}$"
)
#: "– Sofia", "^SR", "-Laura": who answers, not who asked
_SIGNED = re.compile(r"(?:^|\s)[-~^*_/|]{1,2}\s?$")
#: "for Grace", "signed by Will": nobody writes so about a word, unless in a title
_TOLD = re.compile(
    r"(?:^|\s)(?:for|by|from|with|to|für|von|an|mit|pour|para|per|voor|av)\s$"
)
MONTHS = frozenset("april may june august sunday monday".split())
#: "-san" and what else follows a name without a space
_HONOUR = r"(?:さん|様|さま|くん|氏|님|씨|先生|女士|小姐)"
#: endings of names in languages that decline them (и is й without its mark)
_ENDINGS = r"(?:а|у|е|ы|ои|ом|ым|ого|ому|еи|ю|я|ова|s|'s|’s)?"


class Names:
    """:param data: the ``OwnData`` of the same text, which is folded already"""

    def __init__(self, data):
        self.own, self.deep, self.prose = data.own, data.deep, data.prose
        self.seen = [bare(one) for one in self.own.shown if one]
        self.seen_words = {
            word for one in self.seen for word in re.split(r"[\W_\d]+", one)
        }
        self.together = [squash(one).casefold() for one in self.seen]

    def finds(self):
        found = list(self._people()) if self.own.names else []
        for firm in self.own.firms:
            found += self._firm(" ".join((firm or "").split()))
        return found

    def _find(self, start, end, sure=0.9):
        first, last = self.deep.span(start, end)
        return Find(
            "name", first, last, self.deep.source[first:last], "own", sure, own=True
        )

    # --- people -------------------------------------------------------------------
    def _people(self):
        words = []
        for name in self.own.names:
            parts = [
                one
                for one in re.split(r"[\s,.;()\"“”/&]+", bare(name))
                if one and one not in SMALL
            ]
            words += parts
            if len(parts) > 1 and all(map(is_dense, parts)):
                words.append("".join(parts))
        words = [one for one in dict.fromkeys(words) if len(one) > 2 or is_dense(one)]
        secret = {one for one in words if not self._is_shown(one)}
        if not secret:
            return
        spots = [
            (*found.span(), word)
            for word in words
            for found in _name(word).finditer(self.prose)
        ]
        good = [
            (start, end)
            for start, end, word in spots
            if word in secret and self._is_meant(start, end, word, spots)
        ]
        for start, end in joined(good, self.prose):
            yield self._find(start, end)

    def _is_shown(self, word):
        """Does the profile show it? A short one only as a word of its own."""
        if word in self.seen_words:
            return True
        return len(word) > 3 and any(word in one for one in self.together)

    def _is_meant(self, start, end, word, spots):
        """Is it meant as a name here, and not as a word?"""
        if is_dense(word):
            return True
        if any(
            self._beside(start, end, a, b) for a, b, other in spots if other != word
        ):
            return True
        first, last = self.deep.span(start, end)
        typed = self.deep.source[first:last]
        before = self.prose[max(0, start - 24) : start]
        called = bool(_GREETED.search(before) or _CALLED.search(before))
        if called:
            return True
        if _SIGNED.search(before) and not self.prose[end : end + 3].strip():
            return False
        if typed[:1].lower() == typed[:1].upper():
            return True  # a script without capitals
        if not typed[:1].isupper():
            return False
        if word not in ALSO_WORDS:
            return True
        after = self.deep.source[last : last + 2].strip()[:1]
        told = _TOLD.search(before) and not after.isupper() and not after.isdigit()
        return bool(told) and word not in MONTHS

    def _beside(self, start, end, a, b):
        between = self.prose[b:start] if b <= start else self.prose[end:a]
        return (0 < start - b <= 3 or 0 < a - end <= 3) and "\n" not in between

    # --- firms --------------------------------------------------------------------
    def _firm(self, name):
        """The firm somebody works for, as a whole and written as a name."""
        if len(squash(name)) < 4 or self._is_shown(squash(name).casefold()):
            return
        for found in whole_word(bare(name)).finditer(self.prose):
            first, last = self.deep.span(*found.span())
            typed = self.deep.source[first:last]
            if typed == typed.lower() and name != name.lower():
                continue  # "apple" is eaten
            yield self._find(*found.span(), sure=0.8)


def _name(word):
    if len(word) == 1:
        # alone, as few other words of one character stand
        return re.compile(rf"(?<![^\W_]){word}(?={_HONOUR}|$|[\W_])")
    if is_dense(word):
        return re.compile(re.escape(word))
    forms = [re.escape(word)]
    if "\u0400" <= word[-1] <= "\u04ff" and len(word) > 3:
        forms.append(re.escape(word.rstrip("аяоеийь") or word))
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(forms)}){_ENDINGS}(?![^\W_])")
