"""The ways into private that are open for one person, and how agents are told of them.

Which there are is said by the network's adapter; other accounts of ours add theirs.
Nothing is done here, and no token is told: what is shown has a sample in its place.
"""

from odoo import models
from odoo.exceptions import UserError

from ..networks import base, errors, items
from . import social_failure

PAGE_ADDRESS = "/helpdesk_social/private"
INVITES = (items.LINK, items.PAGE)


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _handoff_ways(self, message, token):
        """[(account, way)] the best first: those of the network, then links to other
        accounts of ours. Accounts that are silent are no way."""
        # sudo: helpdesk.social.message, .account - adapters; the person was checked
        message = message.sudo()
        account, found = message.account_id, []
        adapter = account._bare_adapter(tokens={})
        facts = message._facts_map()[message]
        silence = account._silence_reason()
        for way in adapter.handoff(facts, token):
            if way.kind == items.PAGE:
                way = items.Way(way.kind, way.reason, url=self._handoff_page(token))
            elif silence:
                way = items.Way(way.kind, silence)
            found.append((account, way))
        found += self._handoff_elsewhere(account, token)
        return sorted(found, key=lambda pair: not pair[1].allowed)

    def _handoff_elsewhere(self, account, token):
        """Links to accounts of ours on networks where people can write to us first."""
        # sudo: helpdesk.social.account - other accounts of the same company
        others = (
            self.env["helpdesk.social.account"]
            .sudo()
            .search(
                [
                    ("company_id", "=", account.company_id.id),
                    ("state", "=", "active"),
                    ("id", "!=", account.id),
                    ("network_id", "!=", account.network_id.id),
                ]
            )
        )
        found = []
        for other in others:
            if not other._may_speak(self.env.user) or other._silence_reason():
                continue
            adapter = other._bare_adapter(tokens={})
            if not adapter.can(base.INVITE):
                continue
            try:
                url = adapter.invite_url(token)
            except errors.NetworkError:
                continue  # it does not know its own name yet
            found.append((other, items.Way(items.LINK, url=url, brings=True)))
        return found

    def _handoff_page(self, token):
        return f"{self.get_base_url()}{PAGE_ADDRESS}/{token}"

    def _handoff_choice(self, message, way, token):
        """(account, way) of a way's id, if it is open.

        :raises UserError: why not
        """
        kind, _colon, account_id = str(way or "").partition(":")
        for account, one in self._handoff_ways(message, token):
            if one.kind == kind and str(account.id) == account_id:
                if not one.allowed:
                    raise UserError(social_failure.explain(self.env, one.reason))
                return account, one
        raise UserError(self.env._("Please choose again: this way is gone."))

    def _handoff_way_told(self, message, account, way):
        """A way for the browser."""
        # sudo: helpdesk.social.account - names and words of a public note
        account, origin = account.sudo(), message.sudo().account_id
        network = account.network_id
        person = message.identity_id._social_label()
        labels = {
            items.DIRECT: self.env._("Write to %(person)s on %(network)s"),
            items.DIRECT_POST: self.env._(
                "Write a post that only %(person)s sees, on %(network)s"
            ),
            items.PRIVATE_REPLY: self.env._("Private answer to this post"),
            items.LINK: self.env._("Ask %(person)s to write to us on %(network)s"),
            items.PAGE: self.env._("Ask %(person)s to our own private page"),
        }
        told = {
            "id": f"{way.kind}:{account.id}",
            "kind": way.kind,
            "label": labels[way.kind] % {"person": person, "network": network.name},
            "account": account.display_name,
            "allowed": way.allowed,
            "reason": ""
            if way.allowed
            else social_failure.explain(self.env, way.reason),
            "cost": way.cost,
            # who may write the first private message now
            "we_write": way.kind != items.LINK,
            "invites": way.kind in INVITES,
            "hint": self._handoff_hint(message, account, way, person),
            "note": origin._handoff_words(way.kind, message),
        }
        return told

    def _handoff_hint(self, message, account, way, person):
        """What happens on this way, and who may come through it."""
        if way.kind == items.PAGE:
            return self.env._(
                "A page of ours that opens only after %(person)s has proved on "
                "%(network)s to be that person. You may leave a first message there.",
                person=person,
                network=message.network_id.name,
            )
        if way.kind == items.LINK and account.network_id != message.network_id:
            return self.env._(
                "%(network)s does not tell that it is the same person: whoever comes "
                "gets a ticket of their own, and you say whether it is %(person)s.",
                network=account.network_id.name,
                person=person,
            )
        if way.kind == items.LINK:
            return self.env._(
                "What %(person)s writes there joins this ticket.", person=person
            )
        return account.network_id.private_note or ""
