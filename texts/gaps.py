"""What may stand in a gap of an approved template, by its name or the words before it.

Only guesses that cannot be wrong are made: a gap that nobody understands stays empty
for a person to fill. Plain text in, names of placeholders out.
"""

import re
import unicodedata


def _folded(text):
    """Lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


#: the last word before a gap, folded -> placeholder: greetings and kinds of case in the
#: languages that most templates are in
BEFORE = {
    "customer": frozenset(
        _folded(
            "hello hi hey dear hallo hola ola oi bonjour salut ciao salve hej hei hoi "
            "beste liebe lieber estimado estimada caro cara querido querida merhaba "
            "привет здравствуйте czesc witaj ahoj buongiorno "
            "مرحبا שלום नमस्ते"
        ).split()
    ),
    "ticket": frozenset(
        _folded(
            "ticket tickets case caso vorgang fall demande dossier pedido chamado "
            "ticketnummer vorgangsnummer zaak arende sag sak zgloszenie обращение"
        ).split()
    ),
}
#: words between the kind of case and its number
BETWEEN = frozenset("no nr num number numero nummer n numer nº n° # id :".split())
#: name of a gap, folded, without signs -> placeholder
NAMED = {
    "customer": frozenset(
        _folded(
            "name customer customername firstname clientname contactname username "
            "nombre cliente nombrecliente vorname kunde kundenname prenom nom client "
            "nome nomecliente naam klant"
        ).split()
    ),
    "ticket": frozenset(
        _folded(
            "ticket ticketnumber ticketid ticketno ticketnummer case casenumber caseid "
            "casenumber caso numerocaso numerodecaso vorgang vorgangsnummer dossier"
        ).split()
    ),
    "agent": frozenset("agent agentname agente colleague advisor".split()),
    "account": frozenset(
        _folded(
            "company companyname business businessname brand empresa firma marke"
        ).split()
    ),
}
_GAP = re.compile(r"\{\{\s*(\w{1,60})\s*\}\}", re.ASCII)
_WORD = re.compile(r"[^\W_]+[º°]?|[#:]")


def guess(name, text):
    """The placeholder for the gap ``name`` of ``text``, or ''."""
    if not name.isdigit():
        plain = re.sub(r"[\W_]", "", _folded(name))
        return next((what for what, names in NAMED.items() if plain in names), "")
    gap = next((one for one in _GAP.finditer(text or "") if one[1] == name), None)
    if gap is None:
        return ""
    # what stands before it in the same sentence, up to the gap before
    before = re.split(r"[.!?\n}]", _folded(text[: gap.start()]))[-1]
    words = _WORD.findall(before)
    numbered = False
    while words and words[-1] in BETWEEN:
        words.pop()
        numbered = True
    last = words[-1] if words else ""
    if last in BEFORE["ticket"]:
        return "ticket"
    # "Hello no. {{1}}" greets nobody by name
    return "customer" if last in BEFORE["customer"] and not numbered else ""
