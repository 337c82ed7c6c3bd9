"""When to ask a network again: after activity, after failures, and as money allows.

Quick after activity, slower when idle, slow beside push, never below the network's
floor. What a pull costs is measured here. It never talks to a network.
"""

import logging
from datetime import timedelta

from odoo import fields, models
from odoo.tools import mute_logger

from ..networks import errors
from . import common, social_till
from .helpdesk_social_account_pull import QUICK
from .helpdesk_social_account_streams import LONGEST

_logger = logging.getLogger(__name__)

#: seconds between pulls when nothing has come for long: answers are wanted in minutes
SLOW = 300
#: by how much each idle pull waits longer: what comes after a silence is found within
#: about a tenth of that silence
SLOWER = 1.1
#: seconds between pulls beside push: to heal gaps, which are rare; and when one was
#: found, as there may be more
BESIDE, BESIDE_FOUND = 1800, 300
#: after "no money left", unless the network says until when
UNPAID = 3600
#: weight of the newest pull in what a pull costs: about the last ten count
NEWEST = 0.2


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    #: {what: {meter: cost}}; what: ``idle`` and ``average`` pull, ``reread`` message
    pull_costs = fields.Json(readonly=True, copy=False, groups=fields.NO_ACCESS)

    # === THE NEXT PULL === #
    def _schedule_next(self, found, error, lease=None, more=False):
        """:param more: pages are left; come back as soon as it may be"""
        now = fields.Datetime.now()
        self._free(lease)
        values = {"last_pull_at": now}
        if error:
            self._record_failure(error)
        else:
            wait = self._wait_after(found)
            pause = self.app_id._pull_wait(
                self._costs_of_pulls(), self._kept_for_rereads()
            )
            trouble = self._stream_trouble()
            next_at = now + timedelta(seconds=max(0 if more else wait, pause))
            # money may make pulls rare, but not so rare that a duty is missed
            duty = pause > wait and self._next_duty()
            values |= {
                "pull_wait": wait,
                "next_pull_at": min(next_at, duty) if duty else next_at,
                "failures": 0,
                "error_code": trouble.get("code", False),
                "error_detail": trouble.get("detail", False),
                "error_at": self.error_at or now if trouble else False,
                "paused_until": False,
            }
        self.write(values)
        self.app_id._warn_once()

    def _wait_after(self, found):
        """Seconds to the next pull, for activity's sake."""
        if not self.push or self.push_error:
            return self._wait_unpushed(found)
        adapter_class = self.network_id._get_adapter_class()
        return max(BESIDE_FOUND if found else BESIDE, adapter_class.min_poll_seconds)

    def _wait_unpushed(self, found):
        """As above, where nothing but pulls brings anything."""
        adapter_class = self.network_id._get_adapter_class()
        wait = QUICK if found else min(int(self.pull_wait * SLOWER) + 1, SLOW)
        return max(wait, adapter_class.min_poll_seconds)

    def _pull_crashed(self, lease=None):
        """Something of ours broke: come back later, and say so."""
        self._schedule_next(0, errors.NetworkError("crash"), lease)

    def _read_nothing(self, reason, lease):
        """The allowance is gone: look again within the hour, it may have grown.

        :return: the error that says so
        """
        now = fields.Datetime.now()
        self._free(lease)
        self.write(
            {
                "error_code": reason,
                "error_detail": False,
                "error_at": self.error_at if self.error_code == reason else now,
                "next_pull_at": now + timedelta(seconds=UNPAID),
            }
        )
        self.app_id._warn_once()
        common.commit(self.env, 1)  # commit: the account is free for other lanes
        return errors.NetworkError(reason)

    # === WHAT A PULL COSTS === #
    def _note_cost(self, what, adapter, before, number=1):
        """Remember what ``what`` costs, from what was spent since ``before``."""
        if not (adapter.prices or adapter.quota_costs):
            return
        charges = {
            kind: total - before.get(kind, 0) for kind, total in adapter.spent.items()
        }
        costs = {one: dict(kept) for one, kept in (self.pull_costs or {}).items()}
        kept = costs.setdefault(what, {})
        for meter, cost in self.app_id._worth(charges).items():
            old, new = kept.get(meter), cost / number
            kept[meter] = new if old is None else old + NEWEST * (new - old)
        self.pull_costs = costs

    def _costs_of_pulls(self):
        costs = self.pull_costs or {}
        idle, average = costs.get("idle", {}), costs.get("average", {})
        return {
            meter: (idle.get(meter, 0), average.get(meter, 0))
            for meter in {*idle, *average}
        }

    # === FAILURES === #
    def _record_failure(self, error, stream=""):
        """Override: what is about one stream keeps that stream only, and no money left
        is so for all accounts of the app.

        :param stream: what failed, if it was a stream or ``PUBLISH``
        """
        adapter_class = self.network_id._get_adapter_class()
        if stream and isinstance(error, errors.RateLimited):
            if adapter_class.rate_per_stream:
                return self._rest(stream, error)
        super()._record_failure(error)
        if isinstance(error, errors.Exhausted):
            seconds = UNPAID if error.retry_after is None else error.retry_after + 1
            until = fields.Datetime.now() + timedelta(seconds=min(seconds, LONGEST))
            values = {
                "paused_until": until,
                "next_pull_at": until,
                "error_code": error.code,
                "error_at": fields.Datetime.now(),
            }
            # sudo: helpdesk.social.account - kept by the machine
            account = self.sudo()
            account.write(values)
            sharing = account.app_id.account_ids - account
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    sharing.filtered(lambda one: one.state == "active").write(values)
            except common.CONCURRENCY:
                # a lane is at one of them: each finds out by itself, at the next call
                _logger.info("account %s: the others go on for now", self.id)
        return None

    def _spending_reason(self):
        """Why no reply may cost anything now: a code, or ''."""
        return self._money_reason(replying=True)

    def _reading_reason(self):
        """Why nothing may be read that costs anything: a code, or ''."""
        return self._money_reason(replying=False)

    def _money_reason(self, replying):
        self.ensure_one()
        # sudo: helpdesk.social.account - the machine's fields
        account = self.sudo()
        broke = account.error_code == errors.Exhausted.code and account.paused_until
        if broke and account.paused_until > fields.Datetime.now():
            return errors.Exhausted.code
        return account.app_id._budget_reason(replying=replying)

    def _verdict(self, silence):
        """Override: where all is well but the money, that is what to look at."""
        health, text = super()._verdict(silence)
        # sudo: helpdesk.social.app - a sentence for whoever sees the account's health
        app = self.sudo().app_id
        if health == "good" and app.budget_state in ("short", "reads", "spent"):
            return "attention", app.budget_text
        if health == "good" and app.reread_text:
            return "attention", app.reread_text
        return health, text

    # === THE TILL === #
    def _with_till(self, adapter):
        """The adapter, whose charges are booked with this transaction."""
        zone = social_till.zone_of(adapter)
        app_id = self.sudo().app_id.id
        adapter.spent = social_till.Till(self.env.cr, app_id, self.id, zone)
        return adapter
