"""What may be kept of an answer so that it can be given to somebody else.

Names, handles, numbers, addresses and links of the person who was answered go, or
become placeholders; what cannot be told apart is named as a risk, and the caller
decides (two different people were told the same: then it is not one person's). It
must never let through what it does not understand: ``None`` means "do not learn".
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

#: longer ones are letters, not answers; shorter ones help nobody
LONGEST, SHORTEST = 3000, 8
CUSTOMER, HANDLE, AGENT, ACCOUNT = (
    f"{{{{{name}}}}}" for name in ("customer", "handle", "agent", "account")
)
#: said right before a name: greetings and thanks of the languages we are used in
GREETING = (
    "hi|hello|hey|dear|hallo|hola|bonjour|salut|ciao|olá|ola|hej|moin|servus|ahoj|"
    "cześć|привет|здравствуйте|guten tag|guten morgen|liebe|lieber|estimado|estimada|"
    "cher|chère|caro|cara|beste|thanks|thank you|sorry|danke|merci|gracias|grazie|"
    "obrigado|obrigada|bedankt|tack|tak|welcome|cheers"
)
#: what stands there and is no name
NO_NAME = frozenset(
    "there all everyone everybody team folks again for zusammen alle à a de para per "
    "so very sehr viel much and und y et we i you this that our the".split()
)
_GREETED = re.compile(
    rf"(?i:(?<!\w)(?:{GREETING}))[,]?[ ]+(?P<name>[^\W\d_][\w'’-]+)(?=[ ]*[,.!?:;\n]|$)"
)
#: perhaps a name, perhaps a town: "…, Bob!"
_CALLED = re.compile(r"(?<=\w),[ ]+(?P<name>[^\W\d_][^\W\d_'’-]{1,20})(?=[ ]*[.!?])")
_LINK = re.compile(r"https?://[^\s<>\"'（）「」]+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_AT = re.compile(r"(?<![\w/])@[\w.-]*\w(?:@[\w.-]*\w)?")
_NUMBER = re.compile(r"\+?\d(?:[\d\s().,/:-]{0,40}\d)?")
_CODE = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[^\W\d_])[\w-]{5,}(?![\w-])")
_SIGNED = re.compile(r"\s*[\^*~/–—-]\s?[^\W\d_][^\W\d_]{0,14}\s*$")
_COUNTER = re.compile(
    r"^\s*\(?\d{1,2}\s?/\s?\d{1,2}\)?(?=\s)|\s\(?\d{1,2}\s?/\s?\d{1,2}\)?\s*$"
)
_INTRODUCED = re.compile(
    r"(?i:my name is|mein name ist|ich hei(?:ß|ss)e|je m['’]appelle|me llamo|"
    r"mi chiamo|meu nome é)\s+(?P<name>[^\W\d_][\w'’-]+(?:\s+[A-ZÄÖÜ][\w'’-]+)?)"
)
#: of a query string: where one came from and in which language, nothing of a person
_HARMLESS = re.compile(
    r"^(utm_\w+|hl|lang|language|locale|ref_topic|co|fbclid|gclid)$", re.IGNORECASE
)
_TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid)$", re.IGNORECASE)
#: pages for everybody have numbers, too, but say what they are
_HELP = re.compile(
    r"(^|[./_-])(help|helpx|support|faqs?|articles?|answers?|hc|kb|docs?|guides?|"
    r"knowledge|manuals?|hilfe|aide|ayuda|community|announcements?|troubleshooter|"
    r"blog|news|policy|policies)([./_-]|$)",
    re.IGNORECASE,
)
#: but a case or an order under such a host is one person's
_PERSONAL = re.compile(
    r"(^|[/_-])(orders?|tickets?|cases?|track(ing)?|invoices?|shipments?|parcels?|"
    r"users?|profiles?|members?|reset|verify|confirm|token|sessions?|u|sendung|"
    r"bestellung|rechnung)([/_-]|$)",
    re.IGNORECASE,
)
_HOLE = "\ue000{}\ue001"
_HOLES = re.compile("\ue000(\\d+)\ue001")


@dataclass(frozen=True)
class Clean:
    """``risks``: what stands in ``text`` and may be one person's own, normalised."""

    text: str
    risks: tuple = ()
    links: tuple = ()


def clean(text, names=(), handles=(), agents=(), own=(), question=""):
    """``text`` for anybody, or None when it cannot be made so.

    :param names: of the person answered and of everybody else in the thread
    :param handles: theirs
    :param agents: names of those who write for us
    :param own: handles of ours
    :param question: what the person said: numbers and links of it are theirs
    """
    text = unicodedata.normalize("NFC", text or "")
    if len(text) > LONGEST or "{{" in text or "\ue000" in text or "\ue001" in text:
        return None
    work = _Work(question)
    text = _COUNTER.sub("", text)
    text = re.sub(rf"^\s*(?:{_AT.pattern}[\s,:]*)+", "", text)
    text = work.links_out(text)
    text = _SIGNED.sub("", text)
    text = work.handles_out(text, handles, own)
    text = _agents_out(text, agents)
    told = [one["name"] for one in _INTRODUCED.finditer(question or "")]
    text = _names_out(text, [*names, *told], handles)
    if text is None:
        return None
    text = _GREETED.sub(_greeted, text)
    work.look_at_numbers(text)
    text = _HOLES.sub(lambda hole: work.holes[int(hole[1])], text)
    text = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    if len(re.sub(r"\{\{\w+\}\}|\W", "", text)) < SHORTEST:
        return None
    return Clean(text, tuple(sorted(work.risks)), tuple(sorted(work.pages)))


class _Work:
    def __init__(self, question):
        self.holes, self.risks, self.pages = [], set(), set()
        self.asked = question or ""
        self.asked_digits = {
            re.sub(r"\D", "", one[0]) for one in _NUMBER.finditer(self.asked)
        }

    def _hole(self, text):
        self.holes.append(text)
        return _HOLE.format(len(self.holes) - 1)

    def links_out(self, text):
        """Links are looked at as a whole and are no words afterwards."""

        def one(match):
            link = match[0]
            tail = re.search(r"[.,;:!?)\]]*$", link)[0]
            link = link[: len(link) - len(tail)] if tail else link
            link, page, harmless = judge_link(link)
            if not harmless or page in self.asked.lower():
                self.risks.add(page)
            self.pages.add(page)
            return self._hole(link) + tail

        return _LINK.sub(one, text)

    def handles_out(self, text, handles, own):
        theirs = {one.lstrip("@").lower() for one in handles if one}
        ours = {one.lstrip("@").lower() for one in own if one}
        theirs |= {one.partition("@")[0] for one in theirs}
        ours |= {one.partition("@")[0] for one in ours}

        def mail(match):
            self.risks.add(match[0].lower())
            return self._hole(match[0])

        def one(match):
            name = match[0].lstrip("@").lower()
            if name in theirs:
                return HANDLE
            if name not in ours:
                self.risks.add(match[0].lower())
            return self._hole(match[0])

        text = _AT.sub(one, _MAIL.sub(mail, text))
        for name in sorted(theirs, key=len, reverse=True):
            if len(name) > 3 and not name.isalpha():
                text = re.sub(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", HANDLE, text)
        return text

    def look_at_numbers(self, text):
        """Five digits and more are somebody's; fewer when the person said them."""
        text = _HOLES.sub(" ", text)
        for match in _NUMBER.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            if len(digits) >= 5 or (len(digits) >= 3 and digits in self.asked_digits):
                self.risks.add(digits)
        for match in _CALLED.finditer(text):
            if match["name"][0].isupper():
                self.risks.add(match["name"].lower())
        for match in _CODE.finditer(text):
            word = match[0].lower()
            many = sum(one.isdigit() for one in word) >= 3
            if many or (word in self.asked.lower() and len(word) > 5):
                self.risks.add(word)


def judge_link(link):
    """(the link without where one came from, its page, is it for everybody?)"""
    bare, _hash, fragment = link.partition("#")
    page, _mark, query = bare.partition("?")
    pairs = [one.partition("=")[::2] for one in query.split("&") if one]
    kept = [(key, value) for key, value in pairs if not _TRACKING.match(key)]
    harmless = all(_HARMLESS.match(key) for key, _value in kept)
    harmless = harmless and len(fragment) < 40 and not re.search(r"\d{4}", fragment)
    rest = "&".join(f"{key}={value}" if value else key for key, value in kept)
    full = page + (f"?{rest}" if rest else "") + (f"#{fragment}" if fragment else "")
    name = re.sub(r"^https?://(www\.)?", "", page.lower()).rstrip("/")
    host, _slash, path = name.partition("/")
    if "@" in host or not re.fullmatch(r"[\w.-]+(:\d+)?", host):
        harmless = False
    personal = _PERSONAL.search(f"/{path}/")
    if personal and re.search(r"\d", path):
        harmless = False
    help_page = _HELP.search(name) and not personal
    if not help_page and any(_looks_like_an_id(one) for one in path.split("/")):
        harmless = False
    return full, name, harmless


def _looks_like_an_id(part):
    digits = sum(one.isdigit() for one in part)
    if digits >= 5 or (digits >= 2 and len(part) >= 6 and "-" not in part):
        return True
    # a short link: letters that are no word, in both cases
    return len(part) >= 16 and not re.search(r"[-_.%+]", part)


def _agents_out(text, agents):
    for name in agents:
        for part in [name, *(name or "").split()]:
            if part and len(part) > 1:
                pattern = rf"(?<!\w){re.escape(part)}(?!\w)"
                text = re.sub(pattern, AGENT, text)
    return re.sub(rf"{re.escape(AGENT)}(\s+{re.escape(AGENT)})+", AGENT, text)


def _greeted(match):
    name = match["name"]
    if name.lower() in NO_NAME or not name[0].isupper():
        return match[0]
    return match[0][: -len(name)] + CUSTOMER


def _names_out(text, names, handles):
    """Where a name calls somebody it becomes a placeholder; anywhere else nobody
    knows what is said about whom, and nothing is learned."""
    words = {
        part.strip(".,'’\"()")
        for name in names
        for part in re.split(r"[\s|/]+", name or "")
    }
    words = {one for one in words if len(one) > 1 and not one.isdigit()}
    compact = [re.sub(r"\W|_", "", one).lower() for one in handles if one]
    for match in re.finditer(r"(?<!\w)[^\W\d_]{3,}(?!\w)", text):
        # "ericc" is called Eric
        if match[0][0].isupper() and match[0].lower() not in NO_NAME:
            if any(one.startswith(match[0].lower()) for one in compact):
                if _calls(text, match.start(), match.end()):
                    words.add(match[0])
    if not words:
        return text
    either = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    # scripts without spaces have no ends of words
    loose = "|".join(re.escape(one) for one in words if _unspaced(one))
    found = rf"(?<!\w)(?:{either})(?:[ ]+(?:{either}))*(?!\w)"
    found = re.compile(f"{loose}|{found}" if loose else found, re.IGNORECASE)
    pieces, at = [], 0
    for match in found.finditer(text):
        word = match[0]
        if word in ("customer", "handle", "agent", "account"):
            continue  # inside our own placeholder
        if word.islower() and word not in words and not _unspaced(word):
            # "will" is a word, "Will" a name; "thanks, will!" calls him all the same
            if not _ends(text, match.end()) or not _calls(text, *match.span()):
                continue
        if not _calls(text, match.start(), match.end()):
            return None
        pieces += [text[at : match.start()], CUSTOMER]
        at = match.end()
    return "".join([*pieces, text[at:]])


def _calls(text, start, end):
    """Does the word at this place call somebody ("Thanks, Eric!")?"""
    before, ends = text[:start].rstrip(), _ends(text, end)
    if _unspaced(text[start:end]):
        return True
    if not before:
        return ends
    if re.search(rf"(?i)(?<!\w)(?:{GREETING})[,]?$", before[-40:]):
        return True
    return before[-1] == "," or (before[-1] in ".!?;:\n" and ends)


def _ends(text, end):
    after = text[end:].lstrip(" ")
    return not after or after[0] in ",.!?:;\n–-"


def _unspaced(word):
    return any(
        "\u0e00" <= one <= "\u0e7f" or "\u3040" <= one <= "\u9fff" for one in word
    )


# --- likeness -----------------------------------------------------------------------
def plain(text):
    """Lower case, no accents: the same on every server, with or without extensions."""
    text = unicodedata.normalize("NFKD", (text or "").casefold())
    return "".join(one for one in text if not unicodedata.combining(one))


def fingerprint(text):
    """The same for wordings that differ in case, accents, signs and spaces only."""
    bare = _LINK.sub(lambda link: f" {judge_link(link[0].rstrip('.,;:!?)'))[1]} ", text)
    words = re.findall(r"[\w{}./%-]*\w[\w{}/-]*", plain(bare))
    # not a secret: it only tells wordings apart
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]


def risk_key(company, risk):
    """A risk as it is kept: told apart, not read."""
    return hashlib.sha256(f"{company}:{risk}".encode()).hexdigest()[:24]


def for_search(text):
    """The words by which questions are compared; nothing that names a person.

    Scripts without spaces become pairs of letters, as PostgreSQL would take a whole
    sentence for one word.
    """
    # of a long story the end is what is asked now
    text = _MAIL.sub(" ", _LINK.sub(" ", (text or "")[-4000:]))
    text = plain(_AT.sub(" ", text))
    text = re.sub(r"\d[\d\s().,/:-]{3,}\d", " ", text)
    text = re.sub(r"['’`´]", "", text)
    return re.sub(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+", _pairs, text)


def _pairs(run):
    letters = run[0]
    if len(letters) == 1:
        return f" {letters} "
    pairs = (letters[at : at + 2] for at in range(len(letters) - 1))
    return f" {' '.join(pairs)} "
