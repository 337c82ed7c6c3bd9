"""A reply on its way: states, checks before sending, the agent's buttons.

What the network's answer does is in ``helpdesk_social_message_result``; the claiming of
rows and the commits around the call are in ``helpdesk_social_outbox``. Nothing here
speaks to a network.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..networks import items, media
from . import common, social_failure
from .helpdesk_social_message import DELIVERY

#: states from which each move is allowed (DESIGN §7); a late success always wins
MOVES = {
    "held": ("queued", "sending"),
    "queued": ("draft", "held", "sending", "failed", "uncertain", "undelivered"),
    "sending": ("queued",),
    "sent": ("sending", "uncertain", "queued", "failed", "cancelled"),
    "failed": ("held", "queued", "sending", "uncertain"),
    "uncertain": ("sending", "queued"),
    "cancelled": ("draft", "held", "queued", "failed", "uncertain", "undelivered"),
}
#: minutes after which a queued reply goes back to its author instead of out
PARAM_STALE = "helpdesk_social.queue_minutes"
STALE_MINUTES = 60
#: looks for an uncertain post: seconds to the first, and between them
LOOK_AGAIN = 20
#: states of an answer that left, will, or may have
LEFT = ("queued", "sending", "sent", "delivered", "read", "uncertain")


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    delivery_state = fields.Selection(DELIVERY, index="btree_not_null", copy=False)
    user_id = fields.Many2one("res.users", string="Written by", copy=False)
    outbox_key = fields.Char(
        copy=False, help="Ours, the same on every attempt; the network's if it has any."
    )
    to_identity_id = fields.Many2one("helpdesk.social.identity", copy=False)
    part = fields.Integer(default=1)
    parts = fields.Integer(default=1)
    previous_id = fields.Many2one("helpdesk.social.message", copy=False)
    staged = fields.Json(copy=False, help="{attachment id: the network's upload id}")
    queued_at = fields.Datetime(copy=False)
    sending_at = fields.Datetime(copy=False, help="When the first attempt began.")
    sending_until = fields.Datetime(copy=False)
    next_try_at = fields.Datetime(copy=False)
    attempts = fields.Integer(copy=False)
    automatic = fields.Boolean(
        copy=False,
        readonly=True,
        help="Prepared words that nobody wrote for this very person.",
    )
    in_doubt = fields.Boolean(
        copy=False,
        help="An earlier attempt may have succeeded: it may only be repeated while "
        "the network still knows its key.",
    )
    absences = fields.Integer(
        copy=False, help="How often the network did not have an uncertain reply."
    )
    error_code = fields.Char(copy=False)
    error_detail = fields.Char(copy=False)
    error_text = fields.Char(compute="_compute_error_text")

    _outbox_key_unique = models.UniqueIndex(
        "(outbox_key) WHERE outbox_key IS NOT NULL", "This reply is queued already."
    )
    _to_send = models.Index(
        "(account_id, id) WHERE delivery_state IN ('queued', 'sending', 'uncertain')"
    )

    @api.depends("error_code", "error_detail", "delivery_state")
    def _compute_error_text(self):
        """Why it failed; of what waits: that it waits for its account, if it does."""
        queued = self.filtered(lambda one: one.delivery_state == "queued")
        silent = {one: one._why_silent() for one in queued.account_id}
        for message in self:
            code, detail = message.error_code, message.error_detail or ""
            if message in queued and silent[message.account_id]:
                code, detail = silent[message.account_id], ""
            message.error_text = code and social_failure.explain(self.env, code, detail)

    # === MOVES === #
    def _move(self, state, **values):
        """Change the delivery state if the move is allowed; the rows that moved."""
        allowed = self.filtered(lambda one: one.delivery_state in MOVES[state])
        allowed.write({"delivery_state": state, **values})
        return allowed

    def _clear_error(self):
        return {"error_code": False, "error_detail": False}

    # === BEFORE SENDING === #
    def _why_not_now(self, adapter):
        """Why this reply must not go out: a code, or ''. Checked on queueing and
        again right before the call: minutes may lie between."""
        self.ensure_one()
        if self.deleted_at:
            return "deleted"
        if not self.user_id or not self.account_id._may_speak(self.user_id):
            return "not_allowed_to_speak"
        target = self.parent_id
        wide = items.AUDIENCES.index
        if target and wide(self.audience) > wide(target.audience):
            return "audience_wider"
        if not target and not self.to_identity_id and not self.conversation_id:
            return "no_target"
        if self.audience != items.PUBLIC and self.conversation_id.blocked:
            return "blocked"
        if target:
            kind = self._reply_kind()
            # what is asked about does not stand in its own way
            facts = target._facts_map(without=self)[target]
            found = {one.kind: one for one in adapter.affordances(facts)}
            if kind not in found:
                return "deleted" if target.deleted_at else "unsupported"
            if not found[kind].allowed:
                return found[kind].reason or "forbidden"
            if found[kind].human and self._is_automatic():
                return "only_human"
        unpaid = self.account_id._spending_reason()
        if unpaid:
            return unpaid
        sizes = [
            (one.mimetype, one.file_size, one.description or "")
            for one in self.attachment_ids
        ]
        if media.problems(adapter.media_rules(self.audience), sizes):
            return "media_rejected"
        measure = adapter.measure(self._draft())
        if measure.limit and measure.length > measure.limit:
            return "too_long"
        return ""

    def _reply_kind(self):
        """The kind of affordance that it needs."""
        return f"reply_{self.audience}"

    def _is_automatic(self):
        """Prepared words: networks take them for a shorter time than a person's."""
        return self.automatic or self.holding or bool(self.paced_at)

    def _why_not_send(self, adapter):
        """Why this reply must not go out at this very moment: a code, or ''."""
        if self._is_stale():
            return "waited_too_long"
        if self.in_doubt and not self._key_is_alive(adapter):
            # a repeat would be a second post
            return "uncertain"
        return self._why_not_now(adapter)

    def _key_is_alive(self, adapter):
        """Does the network still answer a repeat with what it did the first time?"""
        now = fields.Datetime.now()
        tried_at = common.to_network(self.sending_at or now)
        guard = adapter.protection(self._draft(), tried_at)
        if guard.kind not in ("key", "client_id"):
            return False
        return guard.lifetime is None or now < (self.sending_at or now) + guard.lifetime

    def _give_back(self, adapter, code):
        """It does not go out now. Whatever may have gone out before is looked for."""
        values = {"error_code": code, "error_detail": False, "sending_until": False}
        if self.in_doubt:
            self._uncertain(adapter, fields.Datetime.now(), values, repeat=False)
        else:
            self._move("failed", next_try_at=False, **values)

    @api.model
    def _stale_before(self):
        """What was queued before this moment should be looked at again."""
        # sudo: ir.config_parameter - a plain number
        text = self.env["ir.config_parameter"].sudo().get_param(PARAM_STALE)
        try:
            minutes = max(1, min(int(text or STALE_MINUTES), 60 * 24 * 365))
        except ValueError:
            minutes = STALE_MINUTES
        return fields.Datetime.now() - timedelta(minutes=minutes)

    def _is_stale(self):
        """Queued for so long that its author should look again."""
        since = self.released_at or self.queued_at
        return bool(since) and since < self._stale_before()

    def _facts(self):
        """What an adapter needs to say what may be done about this message."""
        self.ensure_one()
        return self._facts_map()[self]

    def _facts_map(self, without=()):
        """{message: its ``MessageFacts``}, the answers counted in one query.

        :param without: answers that do not count
        """
        counts = {}
        groups = self._read_group(
            Domain("parent_id", "in", self.ids)
            & Domain("id", "not in", [one.id for one in without])
            & Domain("direction", "=", "out")
            & (
                Domain("delivery_state", "in", LEFT)
                # the network says that there was one already, from elsewhere
                | Domain("error_code", "=", "private_reply_used")
            ),
            ["parent_id", "audience"],
            ["__count"],
        )
        for parent, audience, number in groups:
            counts.setdefault(parent.id, {})[audience] = number
        known = self.account_id._known_in_private(self)
        return {
            one: one._facts_with(
                counts.get(one.id, {}),
                (one.account_id.id, one.identity_id.id) in known,
            )
            for one in self
        }

    def _facts_with(self, answers, knows_in_private=False):
        """:param answers: {audience: number of answers that left or will}"""
        thread = self.conversation_id
        return items.MessageFacts(
            audience=self.audience,
            own=self.direction == "out",
            deleted=bool(self.deleted_at),
            ref=self._ref(),
            thread=thread.key or "",
            author=self._author(),
            addressed=not self.context,
            sent_at=common.to_network(self.sent_at),
            last_inbound_at=common.to_network(thread.last_inbound_at),
            blocked=thread.blocked,
            replies_sent=sum(answers.values()),
            private_replies_sent=answers.get(items.PRIVATE, 0),
            liked=self.liked,
            hidden=self.hidden,
            knows_in_private=knows_in_private,
            extra=self.extra or {},
        )

    def _draft(self, with_files=False):
        """This reply as the adapter's ``Draft``."""
        self.ensure_one()
        previous = self.previous_id
        staged = self.staged or {}
        return self._draft_for(
            self.account_id,
            self.text or "",
            self.audience,
            target=self.parent_id,
            person=self.to_identity_id or self.parent_id.identity_id,
            thread=self.conversation_id,
            media=tuple(
                items.Upload(
                    name=file.name,
                    mime=file.mimetype or "",
                    data=(file.raw or b"") if with_files else b"",
                    alt=file.description or "",
                    staged=staged.get(str(file.id), ""),
                    audience=self.audience,
                )
                for file in self.attachment_ids
            ),
            language=self.language or "",
            warning=self.warning or "",
            part=self.part,
            parts=self.parts,
            previous=previous._ref(self.account_id) if previous else "",
            automatic=self._is_automatic(),
        )

    @api.model
    def _draft_for(self, account, text, audience, *, target, person, thread, **more):
        """A ``Draft`` from records, also for words that are still being written."""
        return items.Draft(
            text=text,
            audience=audience,
            target=target._target(account) if target else None,
            to=self._person(person) if audience == items.PRIVATE else None,
            thread="" if audience == items.PUBLIC else thread.key or "",
            last_inbound_at=common.to_network(thread.last_inbound_at)
            if thread
            else None,
            **more,
        )

    @api.model
    def _person(self, identity):
        if not identity:
            return None
        return items.Author(
            id=identity.external_id,
            handle=identity.handle or "",
            name=identity.name or "",
            url=identity.url or "",
            scope=identity.scope,
        )

    # === BUTTONS === #
    def _check_speaker(self):
        """The user may speak as the account, on a ticket they may change."""
        for message in self:
            message.check_access("read")
            message.ticket_id.check_access("write")
            if not message.account_id._may_speak():
                raise UserError(
                    social_failure.explain(self.env, "not_allowed_to_speak")
                )

    def _locked(self):
        """The rows, locked against the lanes and freshly read."""
        # sudo: helpdesk.social.message - checked by the caller; users never write
        rows = self.sudo()
        rows.lock_for_update()
        rows.invalidate_recordset(["delivery_state"])
        return rows

    def action_retry(self):
        """Send again what failed, or what nobody knows of: a person decides."""
        self._check_speaker()
        rows = self._locked()
        now = fields.Datetime.now()
        # what surely did not go out begins anew, with the network's key as well
        rows.filtered(lambda one: one.delivery_state == "failed").sending_at = False
        moved = rows._move(
            "queued",
            next_try_at=False,
            queued_at=now,
            absences=0,
            in_doubt=False,
            user_id=self.env.uid,
            **self._clear_error(),
        )
        # the parts after it have waited for this one, not for too long
        later = rows._parts_after().filtered(lambda one: one.delivery_state == "queued")
        later.write({"queued_at": now})
        if not moved:
            raise UserError(self.env._("This reply is not waiting for a decision."))
        self.env["helpdesk.social.outbox"]._wake()
        return True

    def action_cancel(self):
        """Do not send this reply, nor the parts after it."""
        self._check_speaker()
        rows = self._locked()
        rows |= rows._parts_after()
        if not rows._move("cancelled", next_try_at=False):
            raise UserError(
                self.env._("It is too late: this reply has left, or is leaving.")
            )
        return True

    def _parts_after(self):
        """The parts of the same replies that come after these."""
        rows = later = self.search([("previous_id", "in", self.ids)])
        while later:
            later = self.search([("previous_id", "in", later.ids)]) - rows
            rows |= later
        return rows

    def action_mark_sent(self):
        """A person looked: the uncertain reply is there."""
        self._check_speaker()
        rows = self._locked().filtered(lambda one: one.delivery_state == "uncertain")
        rows._move("sent", next_try_at=False, in_doubt=False, **self._clear_error())
        for row in rows:
            row._answers()
        return True
