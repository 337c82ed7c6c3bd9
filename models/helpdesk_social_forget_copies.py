"""Where words of a message were copied to, and taking them out there.

A ticket quotes the public post that opened it, its title goes into notices and tracked
changes, a lead quotes it as well, the journal holds it raw. Where a network demands
that a deleted post loses its words, or a person is forgotten, they go from all of
these. What colleagues wrote around a quote stays.
"""

import json
import re

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import html2plaintext, html_escape, plaintext2html

from ..networks.items import PUBLIC
from .intake_apply import CONTENT
from .intake_edit import letters

#: a quote shorter than this is looked for as a whole title only: two letters are in
#: every text
SHORT = 12


class Quotes:
    """Words that must go, in all the shapes in which they were copied.

    :param words: texts, as they were said
    :param instead: what stands for a quote
    :param links: addresses that stood below a quote and mean nothing without it
    """

    def __init__(self, words, instead="", links=()):
        self.instead = instead
        self.links = [one for one in links if one]
        plain = {_one_line(one) for one in words} - {""}
        # longest first: one may be a part of another
        self.words = sorted(plain, key=len, reverse=True)

    def _is_one(self, line):
        """Is this line one of them, whole or cut short as in a title?"""
        if line in self.words:
            return True
        short = line[:-1].rstrip() if line.endswith("…") else ""
        return len(short) >= SHORT and any(one.startswith(short) for one in self.words)

    def _cut(self, text):
        for one in self.words:
            if len(one) >= SHORT:
                pattern = r"\s+".join(map(re.escape, one.split()))
                text = re.sub(pattern, lambda _match: self.instead, text)
        return text

    def line(self, text):
        """``text`` of one line without them; the same text if it has none of them."""
        plain = _one_line(text)
        if self._is_one(plain):
            return self.instead
        # "[HT0001] the title", as subjects have it
        head, bracket, rest = plain.partition("] ")
        if plain.startswith("[") and self._is_one(rest):
            return f"{head}{bracket}{self.instead}"
        bare = self._cut(plain)
        return text if bare == plain else bare

    def text(self, text):
        """The same for a text of several lines."""
        if self._is_one(_one_line(text)):
            return self.instead
        return self._cut(text or "")

    def html(self, html):
        """``html`` without them; what stood around them is kept as plain text."""
        if not html:
            return html
        plain = html2plaintext(html, include_references=False).strip()
        rest = plain
        for link in self.links:
            rest = rest.replace(link, "").strip()
        if self._is_one(_one_line(rest)):
            return plaintext2html(self.instead)
        bare = self._cut(rest)
        if self._hidden_in(bare):
            # there, but not word by word: nothing of it can be kept
            bare = self.instead
        return html if bare == rest else plaintext2html(bare.strip())

    def _hidden_in(self, plain):
        all_letters = letters(plain)
        return any(
            len(letters(one)) >= SHORT and letters(one) in all_letters
            for one in self.words
        )

    def in_raw(self, raw):
        """Are they in a raw item?"""
        return any(json.dumps(one)[1:-1] in raw for one in self.words)


def _one_line(text):
    return " ".join((text or "").split())


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _tombstone(self, by=False, empty=False):
        """It is gone on the network: a mark stays, and what the network lets us keep.

        :param by: ``us``, ``author``, ``network``, or not known
        :param empty: words and files go here as well, whatever the network says
        """
        self.ensure_one()
        adapter_class = self.network_id._get_adapter_class()
        words = self._all_words()
        self.write(
            {
                **(CONTENT if empty or adapter_class.forget_deleted else {}),
                "deleted_at": fields.Datetime.now(),
                "deleted_by": by,
                "waiting": False,
            }
        )
        if adapter_class.forget_deleted:
            self._forget_copies(words)
        elif empty:
            self._drop_files()

    def _forget_copies(self, words):
        """Take the words of this message out of everything that repeats them.

        :param words: all that it ever said
        """
        self.ensure_one()
        self._drop_files()
        self._forget_journal(words)
        quotes = Quotes(
            # a title leaves our own name in front away
            {
                *words,
                *(self.ticket_id._social_quote(self.account_id, one) for one in words),
            },
            self._instead_of_words(),
            [self.permalink],
        )
        if self.audience == PUBLIC:
            self._quoting_tickets()._social_forget_quotes(quotes)
            self._forget_lead(quotes)
        drafts = self.env["helpdesk.social.draft"].search(
            [("conversation_id", "in", self.conversation_id.ids)]
        )
        for draft in drafts:
            clean = quotes.text(draft.text)
            if clean != (draft.text or ""):
                draft.text = clean

    def _quoting_tickets(self):
        """Tickets that may quote this message."""
        return self.ticket_id | self.conversation_id.ticket_id

    def _instead_of_words(self):
        """What stands where these words were quoted."""
        if self.deleted_by == "forgotten":
            return self.env._("(forgotten on request)")
        if self.expired_at and not self.deleted_at:
            return self.env._("(the post's text expired)")
        return self.env._("(deleted post)")

    def _drop_files(self):
        """All files of these messages, also those we sent along."""
        files = self.env["ir.attachment"].search(
            Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        )
        (files | self.attachment_ids).unlink()
        self.filtered("media_kept").media_kept = False

    def _forget_journal(self, words):
        """Raw items of this message, and those of its thread that repeat it.

        The rows stay: without them the network's next page would bring it all back.
        """
        quotes = Quotes(words)
        around = self.search(
            Domain("parent_id", "=", self.id)
            | Domain("conversation_id", "in", self.conversation_id.ids)
        )
        events = self.env["helpdesk.social.event"].search(
            [("message_id", "in", (self | around).ids)]
        )
        events.filtered(
            lambda one: one.message_id == self or quotes.in_raw(one.raw)
        ).raw = "{}"

    def _forget_lead(self, quotes):
        leads = self._leads()
        if leads is not None and self.lead_res_id:
            lead = leads.browse(self.lead_res_id).exists()
            _clean(lead, quotes, lines=("name",), htmls=("description",))


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_forget_quotes(self, quotes):
        """Title, description, chatter, tracked changes and mails of these tickets."""
        before = {ticket: f"{ticket.number} {ticket.name}" for ticket in self}
        # without tracking: it would write the old title into the chatter
        tickets = self.with_context(tracking_disable=True)
        _clean(tickets, quotes, lines=("name",), htmls=("description",))
        # sudo: mail.message, mail.mail, mail.tracking.value - erasing reaches what
        # nobody in particular may open; nothing of it is shown
        messages = self.env["mail.message"].sudo()
        messages = messages.search(
            [("model", "=", self._name), ("res_id", "in", self.ids)]
        )
        _clean(messages, quotes, lines=("subject",), htmls=("body",))
        mails = self.env["mail.mail"].sudo()
        for mail in mails.search([("mail_message_id", "in", messages.ids)]):
            body = mail.body_html or ""
            for ticket, name in before.items():
                now = f"{ticket.number} {ticket.name}"
                body = body.replace(html_escape(name), html_escape(now))
            if body != (mail.body_html or ""):
                mail.body_html = body
            _clean(mail, quotes, htmls=("body_html",))
        tracked = self.env["mail.tracking.value"].sudo()
        tracked = tracked.search([("mail_message_id", "in", messages.ids)])
        sides = ("old", "new")
        _clean(
            tracked,
            quotes,
            lines=[f"{side}_value_char" for side in sides],
            texts=[f"{side}_value_text" for side in sides],
        )


def _clean(records, quotes, lines=(), texts=(), htmls=()):
    """Write only what changes: a record without the words is not touched."""
    for record in records:
        values = {name: quotes.line(record[name]) for name in lines}
        values |= {name: quotes.text(record[name]) for name in texts}
        values |= {name: quotes.html(record[name]) for name in htmls}
        values = {k: v for k, v in values.items() if (v or "") != (record[k] or "")}
        if values:
            record.write(values)
