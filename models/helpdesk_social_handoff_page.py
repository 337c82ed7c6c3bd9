"""What the private page shows of a hand-off, and how what is written there comes in.

One conversation and nothing else: never the ticket, its number, its title, other
messages, who among us wrote, or whom we invited.
"""

from odoo import api, fields, models
from odoo.fields import Domain

from ..networks import items
from ..networks.items import RawItem
from ..networks.text import count_graphemes
from . import common
from .helpdesk_social_handoff import digest

#: characters of one message of theirs; what is longer is a document
MAX_TEXT = 5000
#: messages of the conversation that the page shows, the newest
SHOWN = 200
#: answers of ours that a customer has got
SAID = ("sent", "delivered", "read")


class HelpdeskSocialHandoff(models.Model):
    _inherit = "helpdesk.social.handoff"

    # === ITS CONVERSATION === #
    def _open_page(self):
        """The private conversation of a page, on the ticket from the beginning."""
        self.ensure_one()
        person = self._page_person()
        self.conversation_id = self.env["helpdesk.social.conversation"].create(
            {
                "account_id": self.account_id.id,
                "audience": items.PRIVATE,
                "key": f"page-{self.id}",
                "ticket_id": self.ticket_id.id,
                "identity_id": person.id,
                "participant_ids": [(6, 0, person.ids)],
            }
        )
        return person

    def _page_author_id(self):
        """How the invited identity is called on the page: it has proved to be that."""
        who = self.identity_id
        return f"{who.network_id.code}:{who.scope}:{who.external_id}"

    def _page_person(self):
        """The invited identity, as somebody who writes on our page."""
        people = self.env["helpdesk.social.identity"]
        network, who = self.account_id.network_id, self.identity_id
        known = people.search(
            [
                ("company_id", "=", self.company_id.id),
                ("network_id", "=", network.id),
                ("scope", "=", ""),
                ("external_id", "=", self._page_author_id()),
            ]
        )
        link = {}
        if who.partner_id and not known.partner_id:
            # only who proves to be that identity writes under this name
            link = {
                "partner_id": who.partner_id.id,
                "link_basis": who.link_basis,
                "link_note": who.link_note,
                "linked_at": who.linked_at,
                "linked_by_id": who.linked_by_id.id,
            }
        values = {"handle": who.handle, "name": who.name, "avatar_url": who.avatar_url}
        if known:
            known.write({**values, **link})
            return known
        return people.create(
            {
                **values,
                **link,
                "company_id": self.company_id.id,
                "network_id": network.id,
                "external_id": self._page_author_id(),
                "url": who.url,
                "language": who.language,
            }
        )

    @api.model
    def _transport(self, account):
        """What the page's adapter speaks through: see ``networks/own_page``."""
        return PageLine(self.browse(), account)

    # === WHAT IT SHOWS === #
    @api.model
    def _page_of(self, token):
        """The invitation with this address, while it lasts; empty otherwise.

        What never was, what has ended and what is no page look all the same.
        """
        found = self.search(
            [("token_hash", "=", digest(token)), ("way", "=", items.PAGE)]
        )
        return found if found and not found._is_over() else self.browse()

    def _page_look(self):
        """Who we are, and where the code is to be said."""
        self.ensure_one()
        origin = self.account_id.page_for_id
        handle = common.shown_handle(origin.handle)
        return {
            "company": self.company_id.name,
            "has_logo": bool(self.company_id.logo_web),
            "network": origin.network_id.name,
            "handle": handle or origin.name,
            "profile": origin.profile_url
            if (origin.profile_url or "").startswith("https://")
            else "",
        }

    def _page_lines(self):
        """The conversation, oldest first: list of {ours, text, at, pending}."""
        self.ensure_one()
        thread = self.conversation_id
        found = self.env["helpdesk.social.message"].search(
            Domain("conversation_id", "=", thread.id)
            & Domain("conversation_id", "!=", False)
            & Domain("deleted_at", "=", False)
            & (Domain("direction", "=", "in") | Domain("delivery_state", "in", SAID)),
            order="sent_at desc, id desc",
            limit=SHOWN,
        )
        lines = [
            {
                "ours": one.direction == "out",
                "text": one.text or "",
                "at": one.sent_at,
                "pending": False,
                "files": self._page_files_of(one),
            }
            for one in found[::-1]
        ]
        waiting = self.env["helpdesk.social.event"].search(
            [
                ("account_id", "=", self.account_id.id),
                ("key", "=like", f"page:{self.id}:%"),
                ("state", "=", "new"),
            ],
            order="sent_at, id",
            limit=SHOWN,
        )
        for one in waiting:
            data = one._item().data
            files = [
                {"name": file["name"], "size": "", "path": "", "image": False}
                for file in data.get("media", ())
            ]
            lines.append(
                {
                    "ours": False,
                    "text": data.get("text", ""),
                    "at": one.sent_at,
                    "pending": True,
                    "files": files,
                }
            )
        return lines

    @api.model
    def _page_refuses(self, text):
        """Why this cannot be said, as a code, or ''."""
        return "long" if count_graphemes(text) > MAX_TEXT else ""

    def _page_says(self, text, once, files=()):
        """Journal what the person wrote; the same form twice is one message.

        :param once: what is different for each form that a browser got
        :param files: list of (name, bytes) that ``_page_refuses_files`` let pass
        """
        self.ensure_one()
        now, author = common.utcnow(), self.conversation_id.identity_id
        key = f"{self.id}:{digest(once)[:32]}"
        known = [("account_id", "=", self.account_id.id), ("key", "=", f"page:{key}")]
        if self.env["helpdesk.social.event"].search_count(known, limit=1):
            return 0
        item = RawItem(
            key=f"page:{key}",
            data={
                "id": key,
                "thread": self.conversation_id.key,
                "author": {
                    "id": author.external_id,
                    "handle": author.handle or "",
                    "name": author.name or "",
                    "url": author.url or "",
                },
                "text": common.storable(text),
                "at": now.isoformat(),
                "media": self._page_keep(files),
            },
            sent_at=now,
        )
        account = self.account_id
        new = self.env["helpdesk.social.event"]._journal(
            account.app_id, [item], account, "push"
        )
        if new:
            self.env["helpdesk.social.lanes"]._wake("process")
        return new


class PageLine:
    """The page's side of the contract: which of its conversations are still open."""

    def __init__(self, handoffs, account):
        self._handoffs, self._account = handoffs, account

    def call(self, verb, arguments):
        origin = self._account.page_for_id
        if verb == "whoami":
            return {
                "id": f"page-{origin.id}",
                "handle": origin.handle or "",
                "name": origin.name,
            }
        if verb == "file":
            return self._handoffs._page_fetch(self._account, arguments["ref"])
        # sudo: helpdesk.social.handoff - whether a conversation is still open
        found = self._handoffs.sudo().search(
            [
                ("account_id", "=", self._account.id),
                ("conversation_id.key", "=", arguments["thread"]),
            ],
            limit=1,
        )
        return {} if found and not found._is_over() else {"error": "gone"}


class HelpdeskSocialHandoffBrowser(models.Model):
    _inherit = "helpdesk.social.handoff.browser"

    def _still_shows(self, code):
        """``code`` as this browser may go on showing it, or ''."""
        alive = (
            self
            and code
            and self.code_hash == self._code_hash(code)
            and self.code_until > fields.Datetime.now()
        )
        return code if alive else ""
