"""What the ticket's Social page shows, as JSON for the browser.

Everything is read with the rights of the person who looks: what they may not read
never enters the payload. The number of queries does not grow with the messages. No
HTML leaves this file: text is text, and links are checked before they are given out.
"""

from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, html2plaintext

from ..networks import base
from . import common
from .helpdesk_social_account import HELPDESK_USER
from .helpdesk_social_message_view import SHOWN, safe_url

PAGE = 50
#: how far up a thread the context is followed; longer ones are read on the network
CONTEXT_DEPTH = 20


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === WHAT THE BROWSER ASKS === #
    def social_timeline(self, limit=PAGE, before=None):
        """A page of messages, oldest first, with all that is needed to show them.

        :param before: the ``before`` of an earlier answer, for the page above it
        """
        self.ensure_one()
        self.check_access("read")
        limit = max(1, min(int(limit), 200))
        domain = Domain("ticket_id", "=", self.id)
        if before:
            domain &= self._timeline_before(before)
        # one more than shown tells whether there is a page above
        found = self.env["helpdesk.social.message"].search_fetch(
            domain, order="sent_at desc, id desc", limit=limit + 1
        )
        return self._timeline_page(found, limit)

    def _timeline_page(self, found, limit, waiting=None):
        """The payload of a page; ``found``: newest first, and one more if there is."""
        page = found[:limit][::-1]
        result = self._timeline_payload(page, waiting)
        result["has_more"] = len(found) > limit
        result["before"] = page and f"{page[0].sent_at}|{page[0].id}" or False
        return result

    def social_notes(self, limit=PAGE):
        """Colleagues' notes from the chatter, as plain text, for the same line."""
        self.ensure_one()
        self.check_access("read")
        notes = self.env["mail.message"].search(
            Domain("model", "=", self._name)
            & Domain("res_id", "=", self.id)
            & Domain("message_type", "=", "comment")
            & Domain("subtype_id", "=", self.env.ref("mail.mt_note").id),
            order="date desc, id desc",
            limit=min(int(limit), 200),
        )
        return [
            {
                "id": note.id,
                "at": fields.Datetime.to_string(note.date),
                "author": note.author_id.display_name or note.email_from or "",
                "avatar": f"/web/image/res.partner/{note.author_id.id}/avatar_128"
                if note.author_id
                else "",
                "text": html2plaintext(note.body or "").strip(),
            }
            for note in notes[::-1]
        ]

    # === PAYLOAD === #
    @api.model
    def _timeline_before(self, before):
        at, _separator, last_id = str(before).partition("|")
        try:
            # to the microsecond: the ORM's own conversion cuts it off
            at, last_id = datetime.fromisoformat(at), int(last_id)
        except ValueError as error:
            raise UserError(
                self.env._("This page of messages does not exist. Reload the ticket.")
            ) from error
        # SQL: domains compare moments to the second only
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%s, %s) < (%s, %s)",
                model._field_to_sql(alias, "sent_at", query),
                SQL.identifier(alias, "id"),
                at,
                last_id,
            )
        )

    def _timeline_payload(self, messages, waiting=None):
        """Messages and everybody they speak of, each once.

        :param messages: found with the rights of the person who looks
        :param waiting: how many wait for us, where that is known already
        """
        chains = self._timeline_context(messages)
        context = messages.browse(
            dict.fromkeys(one for chain in chains.values() for one in chain)
        )
        shown = messages | context
        parents = shown.parent_id & shown
        parents |= (shown.parent_id - shown)._filtered_access("read")
        accounts = self._timeline_accounts(shown)
        files = self._timeline_files(shown)
        words = self._timeline_words()
        rows = []
        for message in messages:
            row = message._timeline_row(parents, files, words)
            row["above"] = chains.get(message.id, [])
            rows.append(row)
        everyone = shown | parents
        conversations = messages.conversation_id.search_fetch(
            [("id", "in", messages.conversation_id.ids)]
        )
        return {
            "ticket_id": self.id,
            "now": fields.Datetime.to_string(fields.Datetime.now()),
            "messages": rows,
            "above": [
                message._timeline_row(parents, files, words) for message in context
            ],
            "accounts": accounts,
            "conversations": {
                one.id: {
                    "id": one.id,
                    "audience": one.audience,
                    "account_id": one.account_id.id,
                    "blocked": one.blocked,
                    "until": fields.Datetime.to_string(one.window_until) or False,
                }
                for one in conversations
            },
            "people": self._timeline_people(everyone.identity_id),
            "users": {
                user.id: {
                    "id": user.id,
                    "name": user.name,
                    "avatar": f"/web/image/res.users/{user.id}/avatar_128",
                }
                for user in (shown.user_id | shown.handled_by_id)._filtered_access(
                    "read"
                )
            },
            "waiting": self.social_waiting_count if waiting is None else waiting,
            "may_add": self._timeline_may_add(shown),
        }

    def _timeline_may_add(self, messages):
        """May a post be brought in by its address? Some network here must read it."""
        return bool(
            hasattr(self, "social_pull_permalink")
            and self.env.user.has_group(HELPDESK_USER)
            and any(
                base.RESOLVE in account.network_id.capabilities
                for account in messages.account_id
            )
        )

    def _timeline_context(self, messages):
        """{message id: ids of what was said above it, oldest first}.

        Context belongs to no conversation: one post may stand above 500 tickets. One
        recursive query finds it, a search with the person's rights allows it.
        """
        tops = messages.filtered("parent_id")
        if not tops:
            return {}
        messages.flush_model(["parent_id", "conversation_id"])
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE chain(top, id, parent_id, depth) AS (
                    SELECT child.id, above.id, above.parent_id, 1
                      FROM helpdesk_social_message child
                      JOIN helpdesk_social_message above ON above.id = child.parent_id
                     WHERE child.id IN %(tops)s AND above.conversation_id IS NULL
                     UNION ALL
                    SELECT chain.top, above.id, above.parent_id, chain.depth + 1
                      FROM chain
                      JOIN helpdesk_social_message above ON above.id = chain.parent_id
                     WHERE chain.depth < %(depth)s
                       AND above.conversation_id IS NULL
                )
                SELECT top, id FROM chain ORDER BY top, depth DESC
                """,
                tops=tuple(tops.ids),
                depth=CONTEXT_DEPTH,
            )
        )
        rows = self.env.cr.fetchall()
        readable = set(
            self.env["helpdesk.social.message"]
            .search([("id", "in", list({above for _top, above in rows}))])
            .ids
            if rows
            else ()
        )
        chains = {}
        for top, above in rows:
            if above in readable:
                chains.setdefault(top, []).append(above)
        return chains

    def _timeline_files(self, messages):
        """{attachment id: what the browser needs}, of the readable ones."""
        wanted = set(messages.attachment_ids.ids)
        for message in messages:
            media = [*(message.media or [])]
            for old in message.revisions or []:
                media += old.get("media") or []
            wanted.update(one.get("attachment_id") for one in media if one)
        files = self.env["ir.attachment"].browse(one for one in wanted if one)
        return {
            one.id: {
                "attachment_id": one.id,
                "kind": SHOWN.get(one.mimetype, "file"),
                "name": one.name,
                "mime": one.mimetype,
                "size": one.file_size,
                "alt": one.description or "",
                "url": f"/web/content/{one.id}"
                + ("" if one.mimetype in SHOWN else "?download=true"),
                "thumb": f"/web/image/{one.id}/640x640"
                if SHOWN.get(one.mimetype) == "image"
                else "",
            }
            for one in files.exists()._filtered_access("read")
        }

    def _timeline_accounts(self, messages):
        accounts = messages.account_id | messages.also_account_ids
        # sudo: helpdesk.social.account - one read for the page and for the composer's
        # adapter, which needs the settings; what is told is filtered
        accounts.sudo().fetch()
        accounts = accounts._filtered_access("read")
        networks = accounts.network_id._catalogue()
        return {
            account.id: {
                "id": account.id,
                "name": account.display_name,
                "title": account.name,
                "network": networks[account.network_id.id],
            }
            for account in accounts
        }

    def _timeline_people(self, identities):
        identities = identities._filtered_access("read")
        partners = identities.partner_id._filtered_access("read")
        # only whether there is a picture, not the picture
        pictured = partners.with_context(bin_size=True).filtered("image_128")
        return {
            one.id: {
                "id": one.id,
                "name": one.name or one.handle or self.env._("Somebody"),
                "handle": common.shown_handle(one.handle),
                "url": safe_url(one.url),
                "avatar": f"/web/image/res.partner/{one.partner_id.id}/avatar_128"
                if one.partner_id in pictured
                else safe_url(one.avatar_url),
                "verified": one.verified,
                "bot": one.bot,
                "shared": one.shared,
                "followers": one.followers,
                "partner": one.partner_id in partners
                and {"id": one.partner_id.id, "name": one.partner_id.display_name},
            }
            for one in identities
        }

    def _timeline_words(self):
        """Labels of the selections, once per payload."""
        model = self.env["helpdesk.social.message"]
        return {
            name: dict(model._fields[name]._description_selection(self.env))
            for name in ("delivery_state", "handled_how")
        }
