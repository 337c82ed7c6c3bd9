"""Blocking and letting in again on the network itself: one row for each time it was
asked for.

Rows are history: who asked, when, what became of it; none is ever written over by a
later wish. A row that waits is worked off by a scheduled action, oldest first, so that
a slow network keeps nobody waiting and hundreds at once are no trouble. Blocking twice
is blocking once (``Adapter.moderate``): a call whose answer got lost is simply made
again. Nothing here silences anybody with us: ``helpdesk_social_identity_block`` does.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from ..networks import errors, items
from . import common, social_failure

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

BLOCK, UNBLOCK = "block", "unblock"
WAITING, DONE, FAILED, DROPPED = "waiting", "done", "failed", "dropped"
CRON = "helpdesk_social.cron_block"
#: tries while the network does not answer; with the waits of ``social_failure`` it is
#: given up after about six hours, and a person may ask again
TRIES = 12
#: what an outcome reads like; the network's name goes in
SENTENCES = {
    (BLOCK, WAITING): _lt("Is being blocked on %(network)s as well"),
    (BLOCK, DONE): _lt("Blocked on %(network)s as well"),
    (BLOCK, FAILED): _lt("Not blocked on %(network)s"),
    (UNBLOCK, WAITING): _lt("Is being let in again on %(network)s"),
    (UNBLOCK, DONE): _lt("Let in again on %(network)s"),
    (UNBLOCK, FAILED): _lt("Still blocked on %(network)s"),
}


class HelpdeskSocialBlock(models.Model):
    _name = "helpdesk.social.block"
    _description = "Block on a Network"
    _order = "id desc"
    _rec_name = "identity_id"

    identity_id = fields.Many2one(
        "helpdesk.social.identity", required=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        "helpdesk.social.account",
        string="As",
        required=True,
        index=True,
        ondelete="cascade",
        help="Which account of ours blocks there.",
    )
    company_id = fields.Many2one(related="identity_id.company_id", store=True)
    verb = fields.Selection(
        [(BLOCK, "Block"), (UNBLOCK, "Let in again")], required=True
    )
    state = fields.Selection(
        [
            (WAITING, "On its way"),
            (DONE, "Done"),
            (FAILED, "Refused"),
            (DROPPED, "Withdrawn"),
        ],
        required=True,
        default=WAITING,
    )
    user_id = fields.Many2one("res.users", string="Asked by", required=True)
    done_at = fields.Datetime()
    next_try_at = fields.Datetime()
    attempts = fields.Integer()
    error_code = fields.Char()
    error_detail = fields.Char()
    outcome = fields.Char(compute="_compute_outcome")

    _waiting = models.Index("(account_id, id) WHERE state = 'waiting'")

    @api.depends("verb", "state", "error_code", "error_detail")
    def _compute_outcome(self):
        for row in self:
            words = SENTENCES.get((row.verb, row.state))
            if not words:
                row.outcome = self.env._("Withdrawn before anything happened")
                continue
            # sudo: helpdesk.social.account - the name of its network
            name = row.account_id.sudo().network_id.name
            text = self.env._(words) % {  # pylint: disable=translation-not-lazy
                "network": name
            }
            if row.error_code and row.state in (WAITING, FAILED):
                reason = social_failure.explain(
                    self.env, row.error_code, row.error_detail or ""
                )
                text = f"{text}: {reason}"
            row.outcome = text

    # === ASKING === #
    @api.model
    def _pairs_of(self, messages):
        """{(identity, account)} of these messages, in their order."""
        # sudo: helpdesk.social.message - whose they are; the caller may read them
        rows = messages.sudo().filtered(lambda one: one.direction == "in")
        return list(
            dict.fromkeys(
                (one.identity_id, one.account_id) for one in rows if one.identity_id
            )
        )

    @api.model
    def _last_heard(self, pairs):
        """{(identity id, account id): when they last wrote}, in one query."""
        # sudo: helpdesk.social.message - a date, not what was said
        groups = (
            self.env["helpdesk.social.message"]
            .sudo()
            ._read_group(
                [
                    ("identity_id", "in", [one.id for one, _account in pairs]),
                    ("account_id", "in", [one.id for _person, one in pairs]),
                    ("direction", "=", "in"),
                ],
                ["identity_id", "account_id"],
                ["sent_at:max"],
            )
        )
        return {(who.id, account.id): at for who, account, at in groups}

    @api.model
    def _offers(self, pairs):
        """{pair: ``Affordance``, its reason a sentence}: may the user block there?

        No traffic, and queries that do not grow with the pairs.
        """
        heard, offers, adapters = self._last_heard(pairs), {}, {}
        for person, account in pairs:
            if account not in adapters:
                # sudo: helpdesk.social.account - the adapter; only what may be done
                # comes out, and nothing is asked of the network
                owner = account.sudo()
                reason = owner._silence_reason()
                if not owner._may_speak(self.env.user):
                    reason = "not_allowed_to_speak"
                found = None if reason == "no_adapter" else owner._bare_adapter({})
                adapters[account] = found, reason
            adapter, reason = adapters[account]
            at = common.to_network(heard.get((person.id, account.id)))
            found = items.Affordance(BLOCK, False, "unsupported")
            if adapter:
                found = adapter.blocking(items.PersonFacts(person._as_author(), at))
            # what the network cannot do at all is the first thing to say
            why = found.reason if found.reason == "unsupported" else ""
            offers[person, account] = why or reason or found.reason, found
        return {
            pair: {
                "allowed": not reason,
                "reason": reason and social_failure.explain(self.env, reason),
                "code": reason,
                "cost": found.cost,
            }
            for pair, (reason, found) in offers.items()
        }

    @api.model
    def _latest(self, pairs):
        """{pair: its newest row that was not withdrawn}."""
        # sudo: helpdesk.social.block - what was asked for; callers checked the person
        rows = self.sudo().search(
            [
                ("identity_id", "in", [one.id for one, _account in pairs]),
                ("account_id", "in", [one.id for _person, one in pairs]),
                ("state", "!=", DROPPED),
            ],
            order="id",
        )
        newest = {(one.identity_id.id, one.account_id.id): one for one in rows}
        return {
            (person, account): newest[person.id, account.id]
            for person, account in pairs
            if (person.id, account.id) in newest
        }

    @api.model
    def _ask(self, pairs):
        """Have these people blocked on the network: (rows, {pair: why not}).

        Who is on the way to it already is not asked for twice; who was blocked there
        before is blocked again, as somebody may have let them in by hand.
        """
        offers, latest = self._offers(pairs), self._latest(pairs)
        refused = {
            pair: one["reason"] for pair, one in offers.items() if not one["allowed"]
        }
        wanted = [
            pair
            for pair in pairs
            if pair not in refused and not self._on_the_way(latest.get(pair), BLOCK)
        ]
        return self._queue(wanted, BLOCK), refused

    @api.model
    def _ask_back(self, pairs):
        """Have those let in again whom we blocked there; what has not left is
        withdrawn. Nobody's right to speak is asked about: it takes back what was
        done, and only that."""
        latest, wanted = self._latest(pairs), []
        for pair, row in latest.items():
            if row.verb == BLOCK and row.state in (WAITING, DONE):
                # one that waits may be at the network at this very moment
                if row.state == DONE or row.attempts or not row._withdraw():
                    wanted.append(pair)
            elif row.verb == UNBLOCK and row.state == FAILED:
                wanted.append(pair)
        return self._queue(wanted, UNBLOCK)

    def _take_back(self, act):
        """An act of the inbox is taken back: the other way round, as that user."""
        pairs = [(one.identity_id, one.account_id) for one in self]
        rows = self.env["helpdesk.social.block"].sudo(False)
        if act == UNBLOCK:
            rows._ask(pairs)
        else:
            rows._ask_back(pairs)

    @staticmethod
    def _on_the_way(row, verb):
        return bool(row) and row.verb == verb and row.state == WAITING

    def _withdraw(self):
        """Nothing has happened yet, and nothing will; False: a lane has it."""
        mine = self.try_lock_for_update()
        mine.invalidate_recordset(["state", "attempts"])
        if not mine or mine.state != WAITING or mine.attempts:
            return False
        mine.write({"state": DROPPED, "next_try_at": False})
        return True

    @api.model
    def _queue(self, pairs, verb):
        # sudo: helpdesk.social.block - written by code only; callers checked
        rows = self.sudo().create(
            [
                {
                    "identity_id": person.id,
                    "account_id": account.id,
                    "verb": verb,
                    "user_id": self.env.uid,
                }
                for person, account in pairs
            ]
        )
        if rows:
            self._wake()
        return rows

    def action_again(self):
        """What the network refused, or what was let in there by hand, once more.

        :raises UserError: it is not possible now
        """
        pairs = list(dict.fromkeys((one.identity_id, one.account_id) for one in self))
        for person, _account in pairs:
            person._check_may_block()
        blocks = [one for one in pairs if one[0].blocked_at]
        _rows, refused = self._ask(blocks)
        self._ask_back([one for one in pairs if one not in blocks])
        self.env["helpdesk.social.identity"]._say_refused(refused)
        return True

    # === THE LANE === #
    @api.model
    def _wake(self):
        # sudo: ir.cron - one of ours, by its name
        cron = self.env.ref(CRON, raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _cron_block(self):
        """Do what waits, oldest first; each is committed by itself."""
        common.commit(self.env, remaining=1)
        while row := self._next():
            row._do()
            left = common.commit(self.env, 1)  # commit: what the network was told
            if not left:
                break
        ahead = self.sudo().search(
            [("state", "=", WAITING), ("next_try_at", "!=", False)],
            order="next_try_at",
            limit=1,
        )
        common.commit(self.env, remaining=0)
        if ahead and (cron := self.env.ref(CRON, raise_if_not_found=False)):
            cron.sudo()._trigger(at=ahead.next_try_at)

    @api.model
    def _next(self):
        """The oldest that is due, locked: for each person and account in order."""
        now = fields.Datetime.now()
        # sudo: helpdesk.social.block - the lane's work
        waiting = self.sudo().search([("state", "=", WAITING)], order="id", limit=1000)
        silent = {
            one: bool(one._silence_reason() or (one.paused_until or now) > now)
            for one in waiting.account_id
        }
        before = set()
        for row in waiting:
            pair = row.identity_id, row.account_id
            due = not row.next_try_at or row.next_try_at <= now
            if pair not in before and due and not silent[row.account_id]:
                mine = row.try_lock_for_update()
                mine.invalidate_recordset(["state"])
                if mine and mine.state == WAITING:
                    return mine
            before.add(pair)
        return self.browse()

    def _do(self):
        """Tell the network; whatever fails is noted on the row and never raised."""
        self.ensure_one()
        target = items.Target("", "", self.identity_id._as_author(), items.PRIVATE)
        account = self.account_id
        try:
            if self.verb == BLOCK and not account._may_speak(self.user_id):
                raise errors.RejectedError("not_allowed_to_speak")
            account._adapter().moderate(self.verb, target)
        except errors.NotFoundError as error:
            # whoever is not there any more is not kept out either
            self._settle(None if self.verb == UNBLOCK else error)
        except errors.NetworkError as error:
            self._settle(error)
        except Exception as error:
            _logger.exception("block %s of account %s", self.id, account.id)
            self._settle(errors.RejectedError("crash", type(error).__name__))
        else:
            self._settle(None)

    def _settle(self, error):
        now = fields.Datetime.now()
        values = {
            "attempts": self.attempts + 1,
            "error_code": error and common.storable(error.code),
            "error_detail": error and common.storable(error.detail),
        }
        again = isinstance(
            error,
            errors.TransientError
            | errors.UncertainError
            | errors.MalformedResponse
            | errors.AuthError,
        ) and not isinstance(error, errors.Exhausted | errors.ScopeError)
        if error is None:
            values |= {"state": DONE, "done_at": now, "next_try_at": False}
        elif again and values["attempts"] < TRIES:
            wait = social_failure.wait_before(values["attempts"])
            if error.retry_after is not None:
                wait = timedelta(seconds=min(error.retry_after + 1, 24 * 3600))
            values["next_try_at"] = now + wait
        else:
            values |= {"state": FAILED, "done_at": now, "next_try_at": False}
        self.write(values)
        if isinstance(error, errors.AuthError | errors.RateLimited | errors.Exhausted):
            if not isinstance(error, errors.ScopeError):
                # it is about the account: nobody else of it need try now
                self.account_id._record_failure(error)
        self._tell()

    def _tell(self):
        """Screens that show this person look again."""
        # sudo: helpdesk.social.message - ids only
        messages = self.env["helpdesk.social.message"].sudo()
        self.env["helpdesk.social.live"]._changed(
            messages.search(
                [
                    ("identity_id", "in", self.identity_id.ids),
                    ("account_id", "in", self.account_id.ids),
                ],
                order="id desc",
                limit=20,
            )
        )
