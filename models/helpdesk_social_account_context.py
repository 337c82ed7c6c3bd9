"""What was said above a message: read along with it, shown, not owned.

What cannot be read is no reason to hold the message back. Nothing here decides what a
message means, and nothing is kept: the caller journals it.
"""

import logging
import time

from odoo import models
from odoo.fields import Domain

from ..networks import base, errors, items
from . import common

_logger = logging.getLogger(__name__)

#: threads read upwards per page: each is a request of its own
MAX_CONTEXTS = 10
#: seconds for all of them: the lease must outlive them and the call that runs then
CONTEXT_SECONDS = 30


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    def _read_contexts(self, adapter, raw_items):
        """What was said above messages whose parent we do not know, as raw items.

        What cannot be read is no reason to hold the message back: context is shown,
        not owned. Nor are items that cannot be parsed: the intake will tell.
        """
        if not adapter.can(base.CONTEXT):
            return []
        messages = self.env["helpdesk.social.message"].sudo()
        found = self._parsed(adapter, raw_items)
        here = {one.key for one in found}
        wanted = {one.parent: one for one in found if one.parent}
        known = messages.search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("network_id", "=", self.network_id.id)
            & Domain("key", "in", [common.storable(key) for key in wanted])
        )
        here.update(known.mapped("key"))
        common.let_go(self.env)
        result, until = [], time.monotonic() + CONTEXT_SECONDS
        for parent, one in wanted.items():
            if parent in here:
                continue
            if len(result) >= MAX_CONTEXTS or time.monotonic() > until:
                break
            try:
                page = adapter.fetch_context(one.ref)
            except (errors.RejectedError, errors.MalformedResponse) as error:
                _logger.info("account %s: no context: %s", self.id, error)
                result.append(())
                continue
            except errors.NetworkError as error:
                # not now; the next page says whether it is about more than context
                _logger.info("account %s: no more context: %s", self.id, error)
                break
            result.append(page.items)
            here.update(above.key for above in self._parsed(adapter, page.items))
        return [item for page in result for item in page]

    def _parsed(self, adapter, raw_items):
        """The messages among raw items."""
        found = []
        for item in raw_items:
            try:
                one = adapter.parse(item)
            except Exception:
                # the border: a poison item dies in the intake, not here
                _logger.info("account %s: cannot parse %s", self.id, item.key)
                continue
            if isinstance(one, items.Incoming):
                found.append(one)
        return found
