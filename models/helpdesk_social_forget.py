"""Forgetting a person: one function over one table and its journal.

What the person said, what we answered, files and revisions, who the person was, and
the raw items it came from. Rows, times and states stay, so that numbers stay right,
and so do the network's technical ids of posts: without them a forgotten post would
come back with the next page that is read. What others wrote about the person is
theirs. It never asks the network to delete anything.
"""

import re
from uuid import uuid4

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..networks.items import PUBLIC
from .helpdesk_social_forget_copies import Quotes

MANAGER = "helpdesk_mgmt.group_helpdesk_manager"
#: columns of a message that hold no words and nothing of a person
KEPT = frozenset({"key", "parent_key", "outbox_key", "why", "deleted_by"})
#: no edit that comes later is newer than this (int4), so none brings the text back
LAST_REVISION = 2**31 - 1
UNSENT = ("draft", "held", "queued", "failed", "uncertain")


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    def action_forget(self):
        """The manager's button."""
        self._social_forget()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Forgotten. This cannot be undone."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _social_forget(self):
        """Forget these people; for helpdesk managers only."""
        if not self:
            return
        if not (self.env.su or self.env.user.has_group(MANAGER)):
            raise AccessError(
                self.env._("Only a helpdesk manager may forget a person.")
            )
        self.check_access("read")
        if any(one.shared for one in self):
            raise UserError(
                self.env._(
                    "Several people write under this one name. Forget the single "
                    "messages instead."
                )
            )
        # sudo: helpdesk.social.* - erasing reaches what the manager cannot open;
        # nothing of it is shown
        identities = self.sudo()
        messages = identities.env["helpdesk.social.message"].search(
            identities._history_domain() | Domain("identity_id", "in", identities.ids)
        )
        words = messages._all_words()
        messages._forget()
        identities._forget_events(messages)
        identities._forget_mentions()
        identities._forget_threads(words)
        identities._log_in_chatter(
            self.env._("What this person said was forgotten on request: %(links)s")
        )
        identities._forget_who()

    def _forget_events(self, messages):
        """Raw items of these messages, and the others that name the person.

        Items that were not processed yet stay: they are new, not remembered.
        """
        events = self.env["helpdesk.social.event"]
        events.search([("message_id", "in", messages.ids)]).unlink()
        for identity in self:
            # an id stands between quotes, commas or brackets, never inside a word
            quoted = re.sub(r"([^0-9A-Za-z])", r"\\\1", identity.external_id)
            word = f"(^|[^[:alnum:]_]){quoted}([^[:alnum:]_]|$)"
            self.env.cr.execute(
                # SQL: the ORM cannot search with a regular expression
                SQL(
                    """
                    DELETE FROM helpdesk_social_event AS event
                     USING helpdesk_social_app AS app
                     WHERE app.id = event.app_id
                       AND app.network_id = %s
                       AND COALESCE(
                           (SELECT account.company_id
                              FROM helpdesk_social_account AS account
                             WHERE account.id = event.account_id),
                           app.company_id, %s) = %s
                       AND event.state IN ('done', 'dead') AND event.raw ~ %s
                    """,
                    identity.network_id.id,
                    # what an app of all companies could give to none
                    identity.company_id.id,
                    identity.company_id.id,
                    word,
                )
            )
        events.invalidate_model()

    def _forget_mentions(self):
        """Others may have addressed the person: the id and handle go there too."""
        messages = self.env["helpdesk.social.message"]
        messages.flush_model(["mentions"])
        for identity in self:
            rows = self.env.execute_query(
                # SQL: the ORM cannot search in JSON
                SQL(
                    "SELECT id FROM helpdesk_social_message"
                    " WHERE network_id = %s AND company_id = %s"
                    " AND mentions @> jsonb_build_array("
                    "jsonb_build_object('id', %s::text))",
                    identity.network_id.id,
                    identity.company_id.id,
                    identity.external_id,
                )
            )
            for message in messages.browse([one for (one,) in rows]):
                message.mentions = [
                    one
                    for one in message.mentions
                    if one.get("id") != identity.external_id
                ] or False

    def _forget_threads(self, words):
        """Tickets quote public posts and carry the person's name; drafts, too."""
        conversations = self.env["helpdesk.social.conversation"].search(
            [("identity_id", "in", self.ids)]
        )
        # without tracking: it would write the old title into the chatter
        tickets = conversations.ticket_id.with_context(tracking_disable=True)
        text = self.env._("Forgotten on request")
        # notices and tracked changes repeat the title; leads quote the post
        titles = {ticket.name for ticket in tickets if ticket.name != text}
        quotes = Quotes({*words, *titles}, text)
        tickets._social_forget_quotes(quotes)
        tickets.write({"name": text, "description": text})
        tickets.filtered(lambda one: not one.partner_id).write(
            {"partner_name": False, "partner_email": False}
        )
        # what colleagues have begun to write there quotes the person, too
        drafts = self.env["helpdesk.social.draft"].search(
            [("conversation_id", "in", conversations.ids)]
        )
        drafts.attachment_ids.unlink()
        drafts.unlink()
        # A private thread is often named after the person. Should the person write
        # again, that is a new thread: the one case in which a key changes.
        for one in conversations.filtered(lambda one: one.audience != PUBLIC):
            if not one.participant_ids - self:
                one.key = f"forgotten:{uuid4()}"

    def _forget_who(self):
        names = ("partner_id", "link_basis", "link_note", "linked_by_id", "linked_at")
        names += ("link_undo", "suggested_partner_id", "suggestion_reason", "evidence")
        names += ("handle", "name", "url", "avatar_url", "language", "followers")
        for identity in self:
            identity.write(
                {
                    **dict.fromkeys((*names, "verified", "bot"), False),
                    "external_id": f"forgotten:{uuid4()}",
                    "refused_partner_ids": [(5,)],
                }
            )


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _all_words(self):
        """Every text that these messages ever had, as far as we know."""
        texts = {one.text for one in self}
        for message in self:
            texts.update(old.get("text") for old in message.revisions or [])
        return {text for text in texts if text}

    def _forget(self):
        """Words, files and revisions go; the row stays as a tombstone."""
        if "sending" in self.mapped("delivery_state"):
            raise UserError(
                self.env._(
                    "An answer to this person is being sent right now. Please try "
                    "again in a minute."
                )
            )
        for message in self.filtered("lead_res_id"):
            words = message._all_words()
            message._forget_lead(Quotes(words, self.env._("Forgotten on request")))
        self._drop_files()
        unsent = self.filtered(lambda one: one.delivery_state in UNSENT)
        unsent.write({"delivery_state": "cancelled"})
        # every column that can hold words, so that one added later is not overlooked
        words = [
            name
            for name, field in self._fields.items()
            if field.type in ("char", "text", "html", "json")
            and field.store
            and not field.related
            and not field.required
            and name not in KEPT
        ]
        gone = self.filtered("deleted_at")
        (self - gone).write({"deleted_at": self.env.cr.now().replace(microsecond=0)})
        self.write(
            {
                **dict.fromkeys(words, False),
                "revision": LAST_REVISION,
                "deleted_by": "forgotten",
                "waiting": False,
            }
        )
