"""What a network gave us at a sign-in: tokens that end and are renewed.

A row of its own beside the account's: a renewal must be durable the moment the network
has answered, whatever becomes of the work that asked for it, and must not meet
anybody's other writes to the account. Never readable by anybody, never logged; it asks
no network anything (that is ``helpdesk_social_account_tokens``).
"""

import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..networks import errors
from . import common, social_failure
from .common import CONCURRENCY

#: seconds one worker has for a renewal: two calls of 20 s at most (refresh, then a
#: sign-in), and room to write down what came
LEASE = 60
#: tokens are renewed this long before they end: two runs of the renewing action (ten
#: minutes), with room. Not earlier: X wants no early renewals (fact sheet x §2)
RENEW_BEFORE = timedelta(minutes=25)
#: or, where that is longer, when this part of their life is left: a token of 60 days
#: has six days in which a network may be down
RENEW_PART = 10
#: errors after which the network has surely renewed nothing
NOTHING_HAPPENED = ("unreachable", "rate_limited", "address_not_allowed", "tls")


class HelpdeskSocialToken(models.Model):
    _name = "helpdesk.social.token"
    _description = "Tokens of a Social Account"
    _rec_name = "account_id"
    _log_access = False
    _allow_sudo_commands = False

    account_id = fields.Many2one(
        "helpdesk.social.account", required=True, ondelete="cascade"
    )
    secrets = fields.Json(groups=fields.NO_ACCESS, copy=False)
    expires_at = fields.Datetime()
    renew_at = fields.Datetime(help="From when on they are renewed.")
    # one worker renews, the others wait for it
    lease_until = fields.Datetime()
    lease_by = fields.Char(groups=fields.NO_ACCESS)
    in_doubt = fields.Boolean(
        help="A renewal was begun and nobody knows whether the network did it."
    )
    # a renewal that failed
    failures = fields.Integer()
    failing_since = fields.Datetime()
    retry_at = fields.Datetime()
    error_code = fields.Char()
    refused = fields.Boolean(help="The network will not renew them: nobody asks again.")

    _account_unique = models.UniqueIndex("(account_id)", "One row per account.")
    _renewal = models.Index("(renew_at) WHERE renew_at IS NOT NULL")

    @api.model
    def _of(self, account):
        """The account's row, made if need be; empty when another worker is just
        making it and this transaction cannot see it yet."""
        row = self.search([("account_id", "=", account.id)])
        if row:
            return row
        # SQL: ON CONFLICT, for two workers that begin at the same time
        self.env.cr.execute(
            SQL(
                "INSERT INTO helpdesk_social_token (account_id) VALUES (%s) "
                "ON CONFLICT DO NOTHING",
                account.id,
            )
        )
        return self.search([("account_id", "=", account.id)])

    # === ONE WORKER === #
    def _claim(self):
        """Take the renewal: (lease or '', was an earlier one cut off?).

        In one statement, so that two workers never both have it.
        """
        lease = uuid.uuid4().hex
        self.flush_recordset()
        doubt = self.in_doubt
        try:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE helpdesk_social_token
                    SET lease_by = %s, in_doubt = TRUE, lease_until =
                        (now() AT TIME ZONE 'utc') + make_interval(secs => %s)
                    WHERE id = %s
                        AND COALESCE(lease_until, 'epoch') <= now() AT TIME ZONE 'utc'
                    """,
                    lease,
                    LEASE,
                    self.id,
                ),
                log_exceptions=False,
            )
        except CONCURRENCY:
            common.rollback(self.env)
            return "", False
        taken = self.env.cr.rowcount == 1
        self.invalidate_recordset()
        return (lease if taken else ""), doubt

    def _is_mine(self, lease):
        """Lock the row, waiting for who has it; is the renewal still this worker's?"""
        self.flush_recordset()
        # SQL: the ORM's lock does not wait
        self.env.cr.execute(
            SQL("SELECT FROM helpdesk_social_token WHERE id = %s FOR UPDATE", self.id),
            log_exceptions=False,
        )
        self.invalidate_recordset()
        return self.lease_by == lease

    # === WHAT THE NETWORK ANSWERED === #
    def _keep(self, tokens, fresh_start=False):
        """Store tokens.

        :param fresh_start: of a new sign-in; what an older one gave counts no more.
            A renewal may leave out what stays as it was (RFC 6749 §6)
        """
        kept = {} if fresh_start else dict(self.secrets or {})
        ends = common.to_orm(tokens.expires_at)
        self.write(
            {
                "secrets": kept | {k: v for k, v in tokens.settings.items() if v},
                "expires_at": ends,
                "renew_at": ends and ends - self._margin(ends),
                "lease_until": False,
                "lease_by": False,
                "in_doubt": False,
                "failures": 0,
                "failing_since": False,
                "retry_at": False,
                "error_code": False,
                "refused": False,
            }
        )

    def _note_end(self, ends):
        """When the tokens end, as the network says of what we have."""
        if ends != self.expires_at:
            self.write({"expires_at": ends, "renew_at": ends - self._margin(ends)})

    @api.model
    def _margin(self, ends):
        life = ends - fields.Datetime.now()
        return max(min(RENEW_BEFORE, life / 2), life / RENEW_PART)

    def _failed(self, error, doubt):
        """Note why a renewal failed, and when to try again, if ever.

        :param doubt: an earlier renewal was cut off: the network may have done it,
            and take the token that we still have for a stolen one
        """
        now = fields.Datetime.now()
        values = {
            "lease_until": False,
            "lease_by": False,
            "failures": self.failures + 1,
            "failing_since": self.failing_since or now,
            "error_code": common.storable(error.code),
        }
        if isinstance(error, errors.AuthError):
            if doubt:
                error.code = values["error_code"] = "renewal_lost"
            values |= {"refused": True, "renew_at": False, "retry_at": False}
        else:
            wait = social_failure.wait_before(self.failures + 1)
            if error.retry_after is not None:
                wait = timedelta(seconds=min(error.retry_after + 1, 24 * 3600))
            values["retry_at"] = now + wait
        if error.code in NOTHING_HAPPENED:
            values["in_doubt"] = doubt
        self.write(values)

    def _another_chance(self):
        """Somebody changed a setting or asks for it: it may be tried again."""
        self.write(
            {"refused": False, "retry_at": False, "error_code": False, "failures": 0}
        )
