"""What becomes of files that came with messages: kept, linked, or kept for a while.

Set per network; an account may have its own. Nothing is ever fetched against the
policy, and what is removed by it is said in words where the file stood. Files that our
own people attached to an answer are not concerned.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from . import common

_logger = logging.getLogger(__name__)

STORE, LINK, EXPIRE = "store", "link", "expire"
POLICIES = [
    (STORE, "Keep files"),
    (LINK, "Link to the network only"),
    (EXPIRE, "Keep files for some days"),
]
#: days that files are kept where nobody said another number
DAYS = 90
#: after a change nothing is removed for so long: a slip can be taken back
GRACE = timedelta(hours=24)
#: messages emptied per transaction, and most in one run of the scheduled action
BATCH, RUN = 100, 20000


class HelpdeskSocialNetwork(models.Model):
    _inherit = "helpdesk.social.network"

    media_policy = fields.Selection(
        POLICIES,
        string="Files",
        required=True,
        default=STORE,
        help="What happens to pictures, videos and other files that people send: kept "
        "with the message; not fetched at all, only the way to them is shown; or "
        "fetched and removed again after some days.",
    )
    media_fleeting = fields.Boolean(
        "Stories too",
        help="Keep also what its author shows for a day only: stories that name us or "
        "are answered. Networks refuse programs that do so without a good reason; "
        "without it the way to the story is shown as long as it lives.",
    )
    media_days = fields.Integer("Days", required=True, default=DAYS)
    media_policy_at = fields.Datetime(readonly=True, copy=False)
    media_doomed = fields.Integer(compute="_compute_media_doomed")

    _media_days_positive = models.Constraint(
        "CHECK (media_days > 0)", "Files are kept for one day at least."
    )

    @api.depends("media_policy", "media_days")
    def _compute_media_doomed(self):
        """Messages whose files the policy will remove, known before it is saved."""
        for network in self:
            # sudo: helpdesk.social.account - a number for the manager who decides
            accounts = network._origin.sudo().account_ids.filtered(
                lambda one: not one.media_policy
            )
            network.media_doomed = accounts._media_doomed(
                network.media_policy, network.media_days
            )

    def write(self, vals):
        return super().write(_noting_change(self, vals))


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    media_policy = fields.Selection(
        POLICIES,
        string="Files",
        help="Empty: as for the network.",
    )
    media_days = fields.Integer("Days", required=True, default=DAYS)
    media_policy_at = fields.Datetime(readonly=True, copy=False)

    _media_days_positive = models.Constraint(
        "CHECK (media_days > 0)", "Files are kept for one day at least."
    )

    def write(self, vals):
        return super().write(_noting_change(self, vals))

    def _media_rule(self):
        """(policy, days, when it was last changed) that counts for this account."""
        # sudo: helpdesk.social.account, .network - a rule, nothing of a person
        account = self.sudo()
        giver = account if account.media_policy else account.network_id
        days = max(1, giver.media_days or DAYS)
        return giver.media_policy or STORE, days, giver.media_policy_at

    def _media_doomed(self, policy, days):
        """How many messages of these accounts hold files older than ``days``."""
        if policy != EXPIRE or not self:
            return 0
        before = fields.Datetime.now() - timedelta(days=max(1, days))
        # sudo: helpdesk.social.message - a number, nothing of what was said
        messages = self.env["helpdesk.social.message"].sudo()
        return messages.search_count(self._media_kept_before(before))

    def _media_kept_before(self, moment):
        return (
            Domain("media_kept", "=", True)
            & Domain("account_id", "in", self.ids)
            & Domain("received_at", "<", moment)
        )


def _noting_change(records, vals):
    """``vals`` with the moment of the change, if it is one of the policy."""
    told = {name for name in ("media_policy", "media_days") if name in vals}
    if any(one[name] != vals[name] for one in records for name in told):
        return {**vals, "media_policy_at": fields.Datetime.now()}
    return vals


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    media_kept = fields.Boolean(help="Files that came with it are stored here.")

    _media_old = models.Index("(account_id, received_at) WHERE media_kept")

    @api.model
    def _cron_expire_media(self):
        """Remove files that are older than their account keeps them, in batches."""
        # sudo: helpdesk.social.account - whoever works there, the rule counts
        accounts = self.env["helpdesk.social.account"].sudo()
        left = common.commit(self.env, remaining=1)
        done = 0
        for account in accounts.with_context(active_test=False).search(
            Domain("media_policy", "=", EXPIRE)
            | Domain("media_policy", "=", False)
            & Domain("network_id.media_policy", "=", EXPIRE)
        ):
            while left and done < RUN:
                old = self._media_overdue(account)
                if not old:
                    break
                old._expire_files()
                done += len(old)
                left = common.commit(self.env, len(old), 1)  # commit: these are gone
        if done:
            _logger.info("files of %s messages removed: they were old", done)
        common.commit(self.env, remaining=0 if left and done < RUN else 1)

    @api.model
    def _media_overdue(self, account):
        policy, days, changed = account._media_rule()
        now = fields.Datetime.now()
        if policy != EXPIRE or (changed and changed + GRACE > now):
            return self.browse()
        before = now - timedelta(days=days)
        # sudo: helpdesk.social.message - by age, whoever wrote it
        messages = self.sudo()
        old = messages.search(
            account._media_kept_before(before), order="received_at", limit=BATCH
        )
        # a message that somebody is writing to right now has its turn in the next run
        return old.try_lock_for_update()

    def _expire_files(self):
        """The files go, what they were called stays, with the day they went."""
        today = fields.Date.to_string(fields.Date.context_today(self))
        days = {account: account._media_rule()[1] for account in self.account_id}
        for message in self:
            gone = {"expired": today, "days": days[message.account_id]}
            message.write(
                {
                    "media": [_without_file(one, gone) for one in message.media or []],
                    "revisions": [
                        {
                            **old,
                            "media": [_without_file(one, gone) for one in old["media"]],
                        }
                        if old.get("media")
                        else old
                        for old in message.revisions or []
                    ]
                    or False,
                    "media_kept": False,
                }
            )
        self._drop_fetched()

    def _drop_fetched(self):
        """Delete the files that came with these messages, not those we sent along."""
        files = self.env["ir.attachment"].search(
            Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        )
        (files - self.attachment_ids).unlink()


def _without_file(one, gone):
    if not one.get("attachment_id"):
        return one
    return {k: v for k, v in one.items() if k != "attachment_id"} | gone
