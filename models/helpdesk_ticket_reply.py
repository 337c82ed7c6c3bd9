"""Answering from a ticket: who may, to whom, as which account, in how many parts.

The audience is always explicit and never wider than that of what is answered.
Nothing is sent here: rows are queued, the outbox speaks.
"""

import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..networks import errors, items
from . import common, social_failure
from .social_concern import QUEUE, Words

#: posts that one reply may become: more is a mistake at the keyboard, in public
MAX_PARTS = 25
#: messages looked through for one that can be answered, where the newest cannot
MAX_OLDER = 50


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def social_reply(
        self,
        text,
        audience,
        *,
        account=None,
        to=None,
        attachments=(),
        key=None,
        consent=None,
        template=None,
    ):
        """Queue an answer; returns the outgoing message (its first part).

        :param audience: ``public``, ``group`` or ``private``; never guessed
        :param account: the account that speaks; default: that of what is answered
        :param to: the message answered, or for a private one the identity; default:
            the newest inbound message of that audience that can be answered
        :param attachments: ``ir.attachment`` records; alt text in ``description``
        :param key: the caller's idempotency key: the same key makes one reply
        :param consent: {concern: what the person decided about it}
        :param template: {"id", "values"}: approved words take the place of ``text``
        :raises UserError: with a sentence that says why not; a ``ConcernError`` when
            something stands against these words
        """
        self.ensure_one()
        self.check_access("write")
        if audience not in items.AUDIENCES:
            raise UserError(self.env._("Say who may read it: public, group, private."))
        key = key or uuid.uuid4().hex
        # sudo: helpdesk.social.message - users never write messages; checked here
        messages = self.env["helpdesk.social.message"].sudo()
        known = messages.search([("outbox_key", "=", f"{key}:1")])
        if known:
            if known.ticket_id != self or known.user_id != self.env.user:
                raise UserError(self.env._("This reply belongs to somebody else."))
            return known.sudo(False)
        target, person = self._social_resolve(audience, to, account)
        account = account or target.account_id or self._social_account_of(person)
        self._social_check(account, audience, target, person)
        made_of, text = self._social_made_of(account, audience, text, template)
        concerns = self._social_concerns(
            Words(
                ticket=self,
                account=account,
                audience=audience,
                target=target,
                person=person,
                text=text or "",
                files=self._social_attachments(attachments),
                user=self.env.user,
                stage=QUEUE,
                consent=consent or {},
            )
        )
        self._social_refuse_concerns(concerns)
        values = {
            "account_id": account.id,
            "network_id": account.network_id.id,
            "ticket_id": self.id,
            "company_id": account.company_id.id,
            "conversation_id": self._social_thread(
                account, audience, target, person
            ).id,
            "parent_id": target.id,
            "parent_key": target.key,
            "direction": "out",
            "origin": "agent",
            "automatic": bool(self.env.context.get("social_automatic")),
            "audience": audience,
            "user_id": self.env.uid,
            "to_identity_id": person.id if audience == items.PRIVATE else False,
            "language": target.language,
            "warning": target.warning,
            "sent_at": fields.Datetime.now(),
            "queued_at": fields.Datetime.now(),
            "delivery_state": "queued",
            "consent": consent or False,
            **messages._held_values(concerns),
            **made_of.get("values", {}),
        }
        draft = {
            "target": target,
            "person": person,
            "thread": messages.conversation_id.browse(values["conversation_id"]),
            "language": target.language or "",
            "warning": target.warning or "",
            "template": made_of.get("filled"),
        }
        rows = self._social_rows(account, values, draft, text, attachments, key)
        if rows[0].delivery_state == "held":
            rows._held_by(concerns)
        self.env["helpdesk.social.outbox"]._wake()
        self.env["helpdesk.social.live"]._changed(rows)
        return rows[0].sudo(False)

    def _social_made_of(self, account, audience, text, template):
        """(what the rows of a reply say about its making, its words)."""
        return {}, text

    # === WHO AND WHOM === #
    def _social_resolve(self, audience, to, account):
        """(message answered or empty, person written to or empty)."""
        messages = self.env["helpdesk.social.message"]
        people = self.env["helpdesk.social.identity"]
        if to is not None and to._name == people._name:
            to.check_access("read")
            domain = Domain("identity_id", "=", to.id)
            target = self._social_newest(audience, domain, account)
            return target, to
        if to is not None and to._name == messages._name:
            to.check_access("read")
            if to.ticket_id != self and not to.context:
                raise UserError(self.env._("That message is not on this ticket."))
            # sudo: helpdesk.social.message, .identity - read access checked above
            return to.sudo(), to.sudo().identity_id
        target = self._social_newest(audience, Domain.TRUE, account)
        if not target and audience == items.PRIVATE:
            target = self._social_newest(
                items.PUBLIC, Domain.TRUE, account, way=audience
            )
        return target, target.identity_id

    def _social_newest(self, audience, domain, account, way=None):
        """The newest received of an audience that can be answered; the newest of all
        where none can, so that somebody is told why.

        What is not public goes to nobody else than whoever wrote last: there only the
        same conversation counts.

        :param way: audience of the answer; default: the same
        """
        messages = self.env["helpdesk.social.message"]
        domain &= Domain("ticket_id", "=", self.id) & Domain("direction", "=", "in")
        domain &= Domain("audience", "=", audience) & Domain("deleted_at", "=", False)
        if account:
            domain &= Domain("account_id", "=", account.id)
        newest = messages.search(domain, order="sent_at desc, id desc", limit=1)
        if newest and not newest._answerable(way or audience):
            if audience != items.PUBLIC or (way or audience) != items.PUBLIC:
                domain &= Domain("conversation_id", "=", newest.conversation_id.id)
                domain &= Domain("identity_id", "=", newest.identity_id.id)
            before = messages.search(
                domain & Domain("id", "!=", newest.id),
                order="sent_at desc, id desc",
                limit=MAX_OLDER,
            )
            can = before._answerable(way or audience)
            newest = can[:1] or newest
        # sudo: helpdesk.social.message - found in the user's own rights
        return newest.sudo()

    def _social_account_of(self, person):
        """The account through which this person and we know each other here."""
        threads = self.social_conversation_ids
        return threads.filtered(lambda one: person in one.participant_ids)[
            :1
        ].account_id

    def _social_thread(self, account, audience, target, person):
        """The conversation a reply joins; none for a first private message."""
        # sudo: helpdesk.social.conversation - narrow look-up of where a reply goes
        threads = self.env["helpdesk.social.conversation"].sudo()
        if target and target.audience == audience and target.account_id == account:
            return target.conversation_id
        if audience != items.PRIVATE:
            return target.conversation_id if target else threads
        return threads.search(
            [
                ("account_id", "=", account.id),
                ("audience", "=", audience),
                ("identity_id", "=", person.id),
                ("ticket_id", "=", self.id),
            ],
            order="last_message_at desc",
            limit=1,
        )

    def _social_check(self, account, audience, target, person):
        """All that must be true before anything is queued."""

        def refuse(code, detail=""):
            raise UserError(social_failure.explain(self.env, code, detail))

        if not target and not person:
            refuse("no_target")
        if not account:
            refuse("no_target")
        # sudo: helpdesk.social.account - the company is compared by _may_speak
        if not account.sudo()._may_speak(self.env.user):
            refuse("not_allowed_to_speak")
        wide = items.AUDIENCES.index
        if target and wide(audience) > wide(target.audience):
            refuse("audience_wider")
        if account.sudo().state in ("draft", "error"):
            refuse("account_not_active")
        adapter_class = account.network_id._get_adapter_class()
        if not adapter_class.can(f"reply_{audience}"):
            refuse("unsupported")
        if not target and audience != items.PRIVATE:
            refuse("no_target")
        if audience == items.PRIVATE and target.audience != audience and not person:
            # nobody knows who said it: it would reach somebody else
            refuse("no_target")
        if account.company_id != self.company_id and self.company_id:
            refuse("not_allowed_to_speak")
        if target and not self._social_reaches(account, target):
            # the other account would answer whatever has this id on its own server
            refuse("not_addressed")
        first = audience == items.PRIVATE and (
            not target or target.audience != items.PRIVATE
        )
        if first and not account.sudo()._knows_in_private(person):
            refuse("never_started")

    @api.model
    def _social_reaches(self, account, target):
        """Does this account's server know the message under the same name?"""
        if account in target.account_id | target.also_account_ids:
            return True
        return (
            account.network_id == target.network_id
            and target.audience == items.PUBLIC
            and account.sudo().base_url == target.account_id.base_url
        )

    # === ROWS === #
    def _social_rows(self, account, values, draft, text, attachments, key):
        """One row per part, in order; files go with the first, or each in a row of
        its own where a message carries only one."""
        messages = self.env["helpdesk.social.message"].sudo()
        text = common.storable(text)
        text = text if draft.get("template") else text.strip()
        files = self._social_files(attachments)
        if not text and not files:
            raise UserError(self.env._("There is nothing to send yet."))
        # sudo: helpdesk.social.account - the adapter; rights were checked
        adapter = account.sudo()._adapter()
        self._social_refuse_files(adapter, values["audience"], files)
        along = tuple(items.Upload(one.name, one.mimetype or "", b"") for one in files)
        rules = adapter.media_rules(values["audience"])
        whole = messages._draft_for(
            account,
            text,
            values["audience"],
            media=along[:1] if rules.apart else along,
            **draft,
        )
        try:
            parts = adapter.measure(whole).parts or ("",)
        except errors.NetworkError as error:
            raise UserError(
                social_failure.explain(self.env, error.code, error.detail)
            ) from error
        if len(parts) > MAX_PARTS:
            raise UserError(
                self.env._(
                    "This would become %(number)s posts. Please shorten it.",
                    number=len(parts),
                )
            )
        carried = {1: files}
        if rules.apart and files:
            # the first with the words, where a file may have some
            first = 1 if rules.captioned or not text else len(parts) + 1
            places = (first, *range(len(parts) + 1, len(parts) + MAX_PARTS))
            places = tuple(dict.fromkeys(places))[: len(files)]
            carried = dict(zip(places, files, strict=True))
            parts = (*parts, *("" for place in places if place > len(parts)))
        rows = messages.browse()
        for number, part in enumerate(parts, 1):
            with_it = carried.get(number, files.browse())
            row = messages.create(
                {
                    **values,
                    "text": part,
                    "part": number,
                    "parts": len(parts),
                    "outbox_key": f"{key}:{number}",
                    "previous_id": rows[-1:].id,
                    "attachment_ids": [(6, 0, with_it.ids)] if with_it else False,
                }
            )
            if with_it:
                # who may read the message may see what went with it
                with_it.res_id = row.id
            reason = row._why_not_now(adapter)
            if reason:
                raise UserError(social_failure.explain(self.env, reason))
            rows |= row
        return rows

    @api.model
    def _social_attachments(self, attachments):
        return self.env["ir.attachment"].browse(
            [one if isinstance(one, int) else one.id for one in attachments]
        )

    @api.model
    def _social_files(self, attachments):
        """The user's own uploads, moved to our model: never on the ticket, whose
        attachments the portal shows."""
        files = self._social_attachments(attachments)
        files.check_access("read")
        strangers = files.filtered(
            lambda one: (
                one.create_uid != self.env.user
                or (one.res_model and one.res_model != "helpdesk.social.message")
            )
        )
        if strangers:
            # somebody else's file is copied: it may belong to another record
            files = (files - strangers) | strangers.copy(
                {"res_model": "helpdesk.social.message", "res_id": 0}
            )
        # sudo: ir.attachment - read access was checked, only its owner changes
        files.sudo().write({"res_model": "helpdesk.social.message"})
        return files.sudo()
