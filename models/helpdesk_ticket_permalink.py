"""An agent pastes a link: the post behind it joins this very ticket.

The post takes the ordinary way (journal, intake); only its conversation is there
before it, and belongs to the ticket. It never takes a thread from another ticket.
"""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..networks import base, errors, items
from . import common, social_failure


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def social_pull_permalink(self, url):
        """Read the post behind ``url`` into this ticket; returns the message.

        :raises UserError: no account can read it, or it is elsewhere already
        """
        self.ensure_one()
        self.check_access("write")
        url = (url or "").strip()
        account, item, parsed = self._social_look_behind(url)
        if not isinstance(parsed, items.Incoming):
            raise UserError(social_failure.explain(self.env, "unknown_kind"))
        # sudo: helpdesk.social.* - the ticket's rights were checked; an agent may
        # bring in what the account can read
        messages = self.env["helpdesk.social.message"].sudo()
        threads = self.env["helpdesk.social.conversation"].sudo()
        known = (
            Domain("company_id", "=", account.company_id.id)
            & Domain("network_id", "=", account.network_id.id)
            & Domain("key", "=", common.storable(parsed.key))
        )
        message = messages.search(known)
        thread = message.conversation_id
        if not thread:
            thread = self._social_thread_for(threads, account, parsed)
        if thread.ticket_id and thread.ticket_id != self:
            raise UserError(
                self.env._(
                    "That post is on ticket %(number)s already.",
                    number=thread.ticket_id.number,
                )
            )
        thread.ticket_id = self
        events = self.env["helpdesk.social.event"].sudo()
        events._journal(account.app_id, [item], account)
        self.env["helpdesk.social.intake"].sudo()._process_all(account)
        message = message or messages.search(known)
        if not message:
            raise UserError(
                self.env._("The post is being read; it will be here in a moment.")
            )
        if not message.conversation_id:
            # it was only context so far; now somebody cares about it
            message.write(
                {"conversation_id": thread.id, "ticket_id": self.id, "context": False}
            )
        self.env["helpdesk.social.live"]._changed(message)
        return message.id

    def _social_look_behind(self, url):
        """(account, raw item, parsed) from the first account that can read the link.

        :raises UserError: what the last one said; or that there is no money to look
        """
        problem, unpaid = social_failure.explain(self.env, "no_resolver"), ""
        for account in self._social_resolvers():
            reason = account._reading_reason()
            if reason:
                unpaid = social_failure.explain(self.env, reason)
                continue
            adapter = account._adapter()
            try:
                item = adapter.resolve(url)
                return account, item, adapter.parse(item)
            except errors.NetworkError as error:
                problem = social_failure.explain(self.env, error.code, error.detail)
        # it may be this account's network that the link leads to
        raise UserError(unpaid or problem)

    def _social_resolvers(self):
        """Accounts that can read a link, those of this ticket first."""
        # sudo: helpdesk.social.account - the adapter; who may speak is checked below
        accounts = self.env["helpdesk.social.account"].sudo()
        here = self.sudo().social_conversation_ids.account_id
        others = accounts.search(
            [("company_id", "=", self.company_id.id), ("state", "=", "active")]
        )
        return (here | others).filtered(
            lambda one: (
                not one._silence_reason()
                and one.network_id._get_adapter_class().can(base.RESOLVE)
                and one._may_speak(self.env.user)
            )
        )

    def _social_thread_for(self, threads, account, parsed):
        """The conversation the post will be in: there before the intake asks."""
        values = {
            "account_id": account.id,
            "audience": parsed.audience,
            "key": common.storable(parsed.thread or parsed.key),
        }
        found = threads.search([(name, "=", value) for name, value in values.items()])
        return found or threads.create(values)
