"""What pretended customers do: the Python interface of the sandbox's wall.

Used by the play dialog, the wall, demo data, tests and tours. Everything happens in
the caller's transaction; callers check who may play.
"""

from odoo import api, models
from odoo.tools.urls import urljoin

from .helpdesk_social_sandbox_post import HANDLE, PATH
from .sandbox_line import as_bytes

GROUP = "Neighbours"


class HelpdeskSocialSandboxPost(models.Model):
    _inherit = "helpdesk.social.sandbox.post"

    @api.model
    def _say(
        self,
        account,
        handle,
        text,
        audience="public",
        reply_to=None,
        media=None,
        *,
        address=True,
        group=GROUP,
        **values,
    ):
        """A customer says something that concerns ``account``; returns the post.

        :param handle: the customer, made when nobody has this handle yet; our own
            handle writes as a colleague in the network's app would
        :param reply_to: the post, our message, or the key of what is answered
        :param media: list of ``(file name, bytes)`` or ``(file name, bytes, alt)``
        :param address: name the account when the text does not (in public and in
            groups, and not in an answer)
        :param values: more fields of the post, such as ``said_at`` or ``shared``
        """
        return self._say_all(
            account,
            [
                {
                    "handle": handle,
                    "text": text,
                    "audience": audience,
                    "reply_to": reply_to,
                    "media": media,
                    "address": address,
                    "group": group,
                    **values,
                }
            ],
        )

    @api.model
    def _say_all(self, account, lines):
        """Many customers at once; each line holds the arguments of ``_say``.

        ``person`` in a line holds values for somebody who is new.
        """
        us = self._us(account)
        people = us._named(
            account.company_id,
            {line["handle"]: line.get("person") or {} for line in lines},
        )
        rows, media = [], []
        for line in lines:
            line = dict(line)
            author = people[us._clean(line.pop("handle"))]
            line.pop("person", None)
            media.append(line.pop("media", None) or [])
            rows.append(self._line_vals(us, author, **line))
        posts = self.create(rows)
        for post, files in zip(posts, media, strict=True):
            post._attach(
                [
                    dict(zip(("name", "data", "alt"), file, strict=False))
                    for file in files
                ]
            )
        return posts

    @api.model
    def _line_vals(
        self,
        us,
        author,
        text="",
        audience="public",
        reply_to=None,
        address=True,
        group=GROUP,
        **values,
    ):
        parent = self._post_of(reply_to)
        named = us.handle in [one.lower() for one in HANDLE.findall(text)]
        wanted = address and audience != "private" and not parent and author != us
        if wanted and not named:
            text = f"@{us.handle} {text}"
        return {
            "company_id": us.company_id.id,
            "author_id": author.id,
            "text": text,
            "audience": audience,
            "parent_id": parent.id,
            "thread": self._thread_for(us, author, audience, parent, group),
            "language": author.language,
            **values,
        }

    @api.model
    def _thread_for(self, us, author, audience, parent, group):
        if audience == "public":
            return False
        if parent.audience == audience:
            return parent.thread
        if audience == "private":
            return self._dm(author, us)
        groups = self.env["helpdesk.social.sandbox.group"]
        where = [("company_id", "=", us.company_id.id), ("name", "=", group)]
        found = groups.search(where) or groups.create(
            {"company_id": us.company_id.id, "name": group}
        )
        found._join(author | us)
        return found._thread

    @api.model
    def _post_of(self, what):
        """The post behind a record of ours, a key, or nothing."""
        if not what:
            return self.browse()
        if isinstance(what, models.Model):
            if what._name == self._name:
                return what
            what = what.key
        return self.browse(int(what)).exists()

    def _attach(self, files):
        """Files of a post: list of {name, data, alt}; stored on the post itself."""
        for post in self if files else ():
            attachments = self.env["ir.attachment"].create(
                [
                    {
                        "name": file["name"],
                        "raw": as_bytes(file["data"]),
                        "res_model": self._name,
                        "res_id": post.id,
                    }
                    for file in files
                ]
            )
            post.media = [
                {"attachment_id": attachment.id, "alt": file.get("alt") or ""}
                for attachment, file in zip(attachments, files, strict=True)
            ]

    def _files(self):
        """{post id: [(attachment, alt)]}, read at once."""
        wanted = {
            one["attachment_id"] for post in self for one in post.media or [] if one
        }
        files = {
            file.id: file for file in self.env["ir.attachment"].browse(wanted).exists()
        }
        return {
            post.id: [
                (files[one["attachment_id"]], one["alt"])
                for one in post.media
                if one["attachment_id"] in files
            ]
            for post in self
            if post.media
        }

    @api.model
    def _url(self):
        """Where posts are looked at: a link ends in the post's number."""
        # sudo: ir.config_parameter - the address of this server
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        return urljoin(base, PATH)
