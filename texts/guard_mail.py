"""E-mail addresses in a text, also those that are spelled to hide from programs.

A handle of a network ("@jo@example.social"), a resolution ("1080@30") and "we are at
example.com" are none. No name server is asked: that would tell it about a customer.
"""

import re
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from . import guard_blank
from .guard_find import Find

#: RFC 5321: 64 octets before the sign, 255 after
LOCAL, DOMAIN = 64, 255
#: not part of an address in running text
ENDS = frozenset(" \n\t<>()[]{},;:\"'\\|=?&!*\x00«»“”„‚‘’。、，：；！？（）「」")
#: mailboxes of functions (RFC 2142 and what firms made of it): nobody's own address
ROLES = frozenset(
    "abuse accounts admin administrator billing bookings care careers "
    "compliance contact customercare customerservice dpo enquiries events "
    "feedback hello help helpdesk hostmaster hr info information inquiries "
    "invoice invoices jobs legal mail marketing media newsletter no-reply "
    "noreply office orders phishing postmaster press privacy returns sales "
    "security service services shop spam support team webmaster kontakt "
    "kundenservice kundendienst datenschutz servicio atencion soporte ventas "
    "contacto serviceclient assistenza supporto contato suporte "
    "klantenservice klant".split()
)
#: where people have their mailboxes: enough to believe a spelled address
_MAILBOX = (
    r"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|msn|icloud|me|aol|gmx|web|proton|"
    r"protonmail|mail|yandex|qq|163|126|naver|daum|orange|wanadoo|free|laposte|libero|t-online|"
    r"posteo|mailbox|fastmail|zoho|rediffmail|uol|bol|seznam|wp|o2|onet|interia|btinternet)"
)
SAID_DOT = r"(?:dot|punkt|punto|point|ponto|kropka|точка)"
SAID_AT = r"(?:at|arroba|arobase|chiocciola|małpa|собака)"
_OPEN, _CLOSE = r"\s{0,2}[\[({<]\s?", r"\s?[\])}>]\s{0,2}"
_SPACE = r"\s{1,2}"
_DOT = (
    rf"(?:\s\.\s?|\.\s|\.|{_OPEN}(?:{SAID_DOT}|\.){_CLOSE}"
    rf"|{_SPACE}{SAID_DOT}{_SPACE})"
)
_AT = (
    rf"(?:{_OPEN}(?:{SAID_AT}|ät|@|chez|malpa|a){_CLOSE}"
    rf"|{_SPACE}{SAID_AT}{_SPACE}|\s@\s|\s@|@\s)"
)
#: a host where everybody has a mailbox
MAILBOXES = re.compile(rf"{_MAILBOX}(?:\.[a-z]{{2,4}}){{1,2}}", re.IGNORECASE)
_HOST = re.compile(
    r"(?:https?://)?((?:[\w\-]{1,63}\.){1,8}[^\W\d_]{2,24})(?:[:/].*)?", re.DOTALL
)
_WORD = r"[^\W_](?:[\w+\-]{0,62}[^\W_])?"
#: "jo dot miller at example dot com", "jo.miller (at) example.com"
SPELLED = re.compile(
    rf"(?<![\w.@])(?P<local>{_WORD}(?:{_DOT}{_WORD}){{0,3}})(?P<at>{_AT}|@)"
    r"(?P<domain>[^\W_][^\W_\-]{0,62}(?:-[^\W_]{1,30}){0,3}"
    rf"(?:{_DOT}[^\W_]{{2,24}}){{1,3}})(?!\w)",
    re.IGNORECASE,
)
_IS_DOT, _IS_BRACKET = re.compile(_DOT, re.IGNORECASE), re.compile(r"[\[({<]")
_HAS_DOT = re.compile(rf"[\s\[({{<]{SAID_DOT}[\s\])}}>]", re.IGNORECASE)
_IS_MAILBOX = re.compile(rf"{_MAILBOX}\.[a-z.]{{2,6}}$", re.IGNORECASE)
_SAYS_MAIL = re.compile(
    r"e-?mail|correo|courriel|почт|邮箱|メール|이메일|بريد|address|adresse",
    re.IGNORECASE,
)
#: words that stand before "at example.com" and are nobody's mailbox
_VERBS = frozenset(
    "us me it him her them look looking looked see reach available available "
    "found find buy bought order ordered shop here now is are was arrive "
    "arrived work working worked team support online directly more account "
    "login log sign signed page website site order".split()
)


class Mails:
    """:param own: addresses of this customer (lower case)
    :param ours: addresses and hosts that the brand publishes (lower case)"""

    def __init__(self, folded, own=frozenset(), ours=frozenset()):
        self.folded, self.own, self.ours = folded, own, ours
        self.text = folded.text

    def finds(self):
        """Every address, however written."""
        found = list(self._plain())
        found += self._spelled([(one.start, one.end) for one in found])
        return found + list(self._in_links())

    # --- with its sign ----------------------------------------------------------
    def _plain(self):
        text = guard_blank.blank(self.text, guard_blank.URL)
        at = text.find("@")
        while at >= 0:
            start, end = self._around(text, at)
            mention = start and text[start - 1] == "@" or text[start:at][:1] == "@"
            if start < at and not mention:
                yield from self._checked(text[start:end], start, end, "format", 0.97)
            at = text.find("@", max(at + 1, end))

    @staticmethod
    def _around(text, at):
        """Where the words on both sides of a sign begin and end."""
        start, end = at, at + 1
        while start > max(0, at - LOCAL) and text[start - 1] not in ENDS:
            if text[start - 1] == "@":
                break
            start -= 1
        while end < min(len(text), at + DOMAIN) and _in_host(text[end]):
            end += 1
        while end > at + 1 and text[end - 1] in ".-":
            end -= 1
        return start + len(text[start:at]) - len(text[start:at].lstrip("./-")), end

    def _checked(self, address, start, end, why, sure):
        """A find if it is an address, and nobody's public one."""
        local, _sign, domain = address.rpartition("@")
        # the words of scripts without spaces stand right before it
        cut = max((i + 1 for i, one in enumerate(local) if one >= "\u2e80"), default=0)
        if cut and local[cut:]:
            start, address = start + cut, address[cut:]
            local = local[cut:]
        if not domain.rpartition(".")[2].isalpha() and "xn--" not in domain:
            return
        try:
            checked = validate_email(address, check_deliverability=False)
        except EmailNotValidError as error:
            if "special-use" not in str(error):
                return
            forms = {address.lower()}
        else:
            forms = {checked.normalized.lower(), address.lower()}
        own = bool(forms & self.own)
        if self._is_ours(forms, domain.lower(), own):
            return
        if not own and local.lower().replace("_", "-") in ROLES:
            return
        first, last = self.folded.span(start, end)
        words = self.folded.source[first:last]
        yield Find(
            "email",
            first,
            last,
            words,
            "own" if own else why,
            1.0 if own else sure,
            own,
        )

    def _is_ours(self, forms, domain, own):
        """A customer may have a mailbox in the brand's house: that one is theirs."""
        if own:
            return bool(forms & self.ours)
        parts = domain.split(".")
        hosts = {".".join(parts[index:]) for index in range(len(parts) - 1)}
        return bool((forms | hosts) & self.ours)

    # --- spelled ----------------------------------------------------------------
    def _spelled(self, taken):
        text = guard_blank.blank(self.text, guard_blank.URL)
        for found in SPELLED.finditer(text):
            at, domain = found["at"], found["domain"]
            if at == "@" and not _IS_DOT.search(domain.replace(".", "")):
                continue  # as it should be: it was found above
            local = _IS_DOT.sub(".", found["local"])
            address = f"{local}@{_IS_DOT.sub('.', domain)}".replace(" ", "").lower()
            if not self._believable(address, found):
                continue
            first, last = self.folded.span(*found.span())
            if any(first < end and start < last for start, end in taken):
                continue
            yield from self._checked(address, found.start(), found.end(), "hidden", 0.8)

    def _believable(self, address, found):
        """Brackets prove it; words do when what stands beside them does."""
        if address in self.own:
            return True
        local, _at, domain = address.partition("@")
        if _IS_BRACKET.search(found["at"]):
            return True
        if local in _VERBS:
            return False
        before = self.text[max(0, found.start() - 30) : found.start()]
        named = bool(_SAYS_MAIL.search(before)) and "@" not in before
        spelled_dot = bool(_HAS_DOT.search(found["domain"]))
        looks = any(one.isdigit() or one in "._-" for one in local)
        mailbox = bool(_IS_MAILBOX.search(domain))
        return (spelled_dot and (mailbox or looks or named)) or (
            mailbox and (looks or named)
        )

    # --- in the address of a page -----------------------------------------------
    def _in_links(self):
        """``?email=jo%40example.com`` is as public as the rest of the link."""
        for found in guard_blank.URL.finditer(self.text):
            link = found.group()
            if "@" not in link and "%40" not in link:
                continue
            for piece in re.split(r"[?&=#]", link)[1:]:
                address = unquote(piece)
                if address.count("@") == 1 and "/" not in address:
                    yield from self._checked(
                        address, found.start(), found.end(), "format", 0.9
                    )


def host_of(address) -> str:
    """The host of the address of a page, or ''."""
    found = _HOST.fullmatch((address or "").strip().lower())
    return found[1].removeprefix("www.") if found else ""


def _in_host(char):
    """Letters of scripts with spaces: after those of others comes the next word."""
    return char in ".-" or (char.isalnum() and char < "\u2e80")
