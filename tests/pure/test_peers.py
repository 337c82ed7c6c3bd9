"""Complaints of other programs' users that concern Facebook, Messenger, Instagram and
WhatsApp: each is a test of ours whose first words name it.

The numbers are issues and pull requests of public projects. A test that goes away, or
no longer says what it is for, is missed here.
"""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
#: one complaint a line; several numbers are the same one told again
COMPLAINTS = """
chatwoot#13359 delivered twice is one message
chatwoot#14214 two messages within a moment are one conversation
chatwoot#11901 chatwoot#9314 a weak connection says nothing twice
zammad#5164 a picture once
freescout#1586 our own words are no news
zammad#406 our own answers are no tickets
freescout#1201 connecting opens no flood
ig-pr adverts tell their comments twice
zammad#4725 new posts are found beside many old ones
zammad#5439 one unknown kind stops nothing
zammad#5352 a dead token is no healthy channel
chatwoot#10465 chatwoot#10341 chatwoot#6223 each delivery has an outcome
chatwoot#4073 stickers and what nobody knows are shown
chatwoot#6807 an answer to a story shows the story
chatwoot#14739 the network's clock counts
chatwoot#12661 chatwoot#3608 any order
whatomate#531 vercel/chat#794 people without a phone
chatwoot#12989 tokens renew themselves
chatwoot#2037 a dead token sends nothing and loses nothing
chatwoot#8583 stories are linked, not kept
chatwoot#11214 deletions go through
chatwoot#12689 oca/social#1858 the handshake
oca/social#1373 oca/social#1746 accepted, and never arrived
odoo/documentation#16687 why nothing comes
chatwoot#7142 nothing free outside the window
chatwoot#12635 a story opens the window
chatwoot#15887 a program never speaks as a human
erxes#9177 tags that were retired
zammad#5224 a template for each language
chatwoot#6435 limits are told before
chatwoot#5840 chatwoot#13986 the ninth digit
chatwoot#4728 nobody is merged on weak evidence
zammad#4398 zammad#1776 each with their own name
zammad#1973 the right ticket
zammad#1777 zammad#1851 a new comment reopens
zammad#251 zammad#421 our own posts are no tickets
chatwoot#8427 several people in one thread
chatwoot#12789 chatwoot#10741 no made-up names
chatwoot#10760 freescout#5511 chatwoot#10637 edits
chatwoot#1186 answers given elsewhere
chatwoot#9721 several files
chatwoot#14280 forgeries
oe-sm many pages
"""


def _named() -> str:
    """The first lines of all tests, in small letters."""
    found = []
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.append(ast.get_docstring(node) or "")
    # "chatwoot#12661, #3608" names two of one project
    text = re.sub(r"\s+", " ", "\n".join(found)).lower()
    again = re.compile(r"([\w/-]+)(#\d+)((?:, #\d+)+)")

    def spelt(match):
        project, first, more = match.groups()
        return f"{project}{first}" + more.replace(", ", f", {project}")

    return again.sub(spelt, text)


def test_each_complaint_is_a_test_of_ours():
    named = _named()
    wanted = re.findall(r"[a-z/]+#\d+|ig-pr|oe-sm", COMPLAINTS)
    assert len(wanted) > 50
    missing = [
        one for one in wanted if not re.search(re.escape(one) + r"(?!\d)", named)
    ]
    assert not missing, missing


def test_a_number_that_no_test_names_is_missed():
    """So that the test above does not find what is not there."""
    named = _named()
    assert "chatwoot#999999" not in named
    assert not re.search(r"chatwoot#1418(?!\d)", named)
