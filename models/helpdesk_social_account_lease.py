"""Whose turn an account is: one lane at a time pulls it, by a lease in its row.

Every statement here commits before any traffic. It never talks to a network.
"""

import uuid

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..networks import base
from . import common

#: seconds a pull may hold its account; longer than one call's deadline (20 s) plus
#: journalling a page, renewed with each page
LEASE = 90


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    lease_until = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)
    lease_by = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)

    @api.model
    def _asked_beside_push(self):
        """Ids of networks that are asked now and then although they push."""
        networks, found = self.env["helpdesk.social.network"], []
        for one in networks._catalogue_rows().values():
            adapter_class = networks._adapter_class(one["code"])
            if adapter_class and adapter_class.pull_beside_push:
                if adapter_class.can(base.PULL):
                    found.append(one["id"])
        return found

    @api.model
    def _domain_pulled(self):
        """Accounts that somebody must ask."""
        asked = Domain("network_id", "in", self._asked_beside_push())
        return Domain("state", "=", "active") & (Domain("push", "=", False) | asked)

    @api.model
    def _claim_due(self):
        """Take one account that is due; empty when none is. Commits the lease."""
        lease = uuid.uuid4().hex
        self.flush_model()
        # SQL: SKIP LOCKED and the write in one statement, so that two lanes never
        # take the same account
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_account SET lease_by = %s,
                    lease_until = (now() AT TIME ZONE 'utc') + make_interval(secs => %s)
                WHERE id = (
                    SELECT id FROM helpdesk_social_account
                    WHERE state = 'active' AND active
                        AND (COALESCE(push, FALSE) = FALSE OR network_id = ANY(%s))
                        AND COALESCE(next_pull_at, 'epoch') <= now() AT TIME ZONE 'utc'
                        AND COALESCE(paused_until, 'epoch') <= now() AT TIME ZONE 'utc'
                        AND COALESCE(lease_until, 'epoch') <= now() AT TIME ZONE 'utc'
                    ORDER BY next_pull_at NULLS FIRST, id
                    LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
                RETURNING id
                """,
                lease,
                LEASE,
                self._asked_beside_push(),
            )
        )
        row = self.env.cr.fetchone()
        account = self.browse(row and row[0]).sudo()
        account.invalidate_recordset(["lease_by", "lease_until"])
        common.commit(self.env)  # commit: the lease must be seen before any traffic
        return account, lease

    def _take_lease(self):
        """Lease this very account; False when somebody else is at it."""
        lease = uuid.uuid4().hex
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_account SET lease_by = %s,
                    lease_until = (now() AT TIME ZONE 'utc') + make_interval(secs => %s)
                WHERE id = %s
                    AND COALESCE(lease_until, 'epoch') <= now() AT TIME ZONE 'utc'
                """,
                lease,
                LEASE,
                self.id,
            )
        )
        taken = self.env.cr.rowcount == 1
        self.invalidate_recordset(["lease_by", "lease_until"])
        common.commit(self.env)  # commit: as in _claim_due
        return lease if taken else False

    def _still_mine(self, lease):
        """Renew the lease; False when another lane took the account over."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_social_account
                SET lease_until = (now() AT TIME ZONE 'utc') + make_interval(secs => %s)
                WHERE id = %s AND lease_by = %s
                """,
                LEASE,
                self.id,
                lease,
            )
        )
        return self.env.cr.rowcount == 1

    def _free(self, lease):
        """Give the account back, unless another lane has it by now."""
        if lease and self.lease_by == lease:
            self.write({"lease_until": False, "lease_by": False})
