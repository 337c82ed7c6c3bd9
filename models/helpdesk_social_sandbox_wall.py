"""The sandbox as its customers see it: the public wall, groups, everybody's inbox.

What the page shows and what a helpdesk manager plays on it. Every public method checks
that right first; what is played goes the way any customer's message goes.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .helpdesk_social_account import MANAGER
from .helpdesk_social_sandbox_person import FAULTS

CODE = "sandbox"
#: threads shown on one page of the wall
THREADS = 40


class HelpdeskSocialSandboxWall(models.AbstractModel):
    _name = "helpdesk.social.sandbox.wall"
    _description = "Sandbox Wall"

    # === WHO MAY === #
    @api.model
    def _check_player(self):
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only helpdesk managers play the customers."))

    @api.model
    def _account(self, account_id):
        """The sandbox account that is played with, in the user's own rights."""
        self._check_player()
        account = self.env["helpdesk.social.account"].browse(account_id).exists()
        account.check_access("read")
        if account.network_code != CODE:
            raise UserError(self.env._("This is not an account of the sandbox."))
        if not self._posts()._us(account):
            raise UserError(
                self.env._("Connect %(name)s first.", name=account.display_name)
            )
        return account

    @api.model
    def _posts(self):
        # sudo: helpdesk.social.sandbox.* - managers play all parts; every caller
        # went through _check_player
        return self.env["helpdesk.social.sandbox.post"].sudo()

    @api.model
    def _accounts(self):
        accounts = self.env["helpdesk.social.account"].search(
            [
                ("network_code", "=", CODE),
                ("external_id", "!=", False),
                ("company_id", "in", self.env.companies.ids),
            ]
        )
        return accounts.filtered(lambda account: self._posts()._us(account))

    @api.model
    def start(self):
        """Somebody tries the product: an account on the sandbox, connected."""
        self._check_player()
        found = self._accounts()[:1]
        if found:
            return found.id
        accounts = self.env["helpdesk.social.account"]
        network = self.env["helpdesk.social.network"].search([("code", "=", CODE)])
        account = accounts.search(
            [
                ("network_id", "=", network.id),
                ("company_id", "=", self.env.company.id),
            ],
            limit=1,
        ) or accounts.create(
            {
                "name": self.env._("Acme in the sandbox"),
                "network_id": network.id,
                "company_id": self.env.company.id,
            }
        )
        account.action_connect()
        return account.id

    # === WHAT IS SEEN === #
    @api.model
    def get_wall(self, account_id=False, place="public"):
        """Everything the page shows: accounts, places, and one place's threads."""
        self._check_player()
        accounts = self._accounts()
        account = accounts.filtered(lambda one: one.id == account_id) or accounts[:1]
        if not account:
            return {"accounts": [], "places": [], "threads": [], "people": []}
        us = self._posts()._us(account)
        places = self._places(us)
        if place not in [one["key"] for one in places]:
            place = "public"
        return {
            "accounts": [
                {"id": one.id, "name": one.display_name, "state": one.state}
                for one in accounts
            ],
            "account_id": account.id,
            "handle": us.handle,
            "state": account.state,
            "fault": us.fault or "",
            "fault_left": us.fault_left,
            "faults": self._faults(),
            "places": places,
            "place": place,
            "threads": self._threads(us, place),
            "people": [
                {"handle": person.handle, "name": person.name}
                for person in us.sudo().search(
                    [("company_id", "=", us.company_id.id), ("own", "=", False)],
                    limit=80,
                )
            ],
        }

    @api.model
    def _faults(self):
        words = dict(
            self._posts()
            .env["helpdesk.social.sandbox.person"]
            ._fields["fault"]
            ._description_selection(self.env)
        )
        return [{"key": key, "label": words[key]} for key, _label in FAULTS]

    @api.model
    def _places(self, us):
        """The public wall, our groups, and the inboxes of those who wrote to us."""
        posts = self._posts()
        company = Domain("company_id", "=", us.company_id.id)
        talks = (
            company & Domain("kind", "=", "post") & Domain("reach_ids", "in", us.ids)
        )
        talks &= Domain("thread", "!=", False)
        counts = posts._read_group(talks, ["thread"], ["__count", "seq:max"])
        people = self.env["helpdesk.social.sandbox.person"].sudo()
        groups = self.env["helpdesk.social.sandbox.group"].sudo()
        found = []
        for thread, count, last in sorted(counts, key=lambda row: -row[2])[:200]:
            kind, *members = thread.split(":")
            ids = [int(one) for one in members]
            if kind == "group":
                record, icon = groups.browse(ids).exists(), "fa-users"
            else:
                record = people.browse(i for i in ids if i != us.id).exists()
                icon = "fa-envelope-o"
            found.append(
                {
                    "key": thread,
                    "kind": kind,
                    "label": record.name or thread,
                    "handle": record.handle if kind == "dm" else "",
                    "count": count,
                    "last": last,
                    "icon": icon,
                }
            )
        public = posts.search_count(
            company & Domain("kind", "=", "post") & Domain("audience", "=", "public")
        )
        wall = {"key": "public", "kind": "public", "count": public, "handle": ""}
        wall |= {"label": self.env._("Public wall"), "icon": "fa-globe"}
        return [wall, *found]

    @api.model
    def _threads(self, us, place):
        """Threads of a place, the newest first; each a list of posts by time."""
        posts = self._posts()
        domain = Domain("company_id", "=", us.company_id.id) & Domain(
            "kind", "=", "post"
        )
        if place != "public":
            domain &= Domain("thread", "=", place)
            found = posts.search(domain, limit=200)
            return [self._shown(found.sorted("said_at"), us)] if found else []
        domain &= Domain("audience", "=", "public")
        # the newest posts decide which threads are on the page
        recent = posts.search(domain, limit=THREADS * 5)
        roots = posts.browse(
            dict.fromkeys((post.root_id or post).id for post in recent)
        )[:THREADS]
        family = roots | posts.search(domain & Domain("root_id", "in", roots.ids))
        threads = {root.id: posts for root in roots}
        for post in family.sorted(lambda one: (one.said_at, one.id)):
            threads[(post.root_id or post).id] |= post
        return [self._shown(thread, us) for thread in threads.values()]

    @api.model
    def _shown(self, thread, us):
        """What a card shows of each post."""
        files = thread._files()
        likes = dict(
            self._posts()._read_group(
                [
                    ("parent_id", "in", thread.ids),
                    ("kind", "=", "like"),
                    ("deleted_at", "=", False),
                ],
                ["parent_id"],
                ["__count"],
            )
        )
        read = self._posts().search(
            [("parent_id", "in", thread.ids), ("kind", "=", "read")]
        )
        return [
            {
                "id": post.id,
                "author": post.author_id.name,
                "handle": post.author_id.handle,
                "own": post.author_id.own,
                "us": post.author_id == us,
                "blocked": us in post.author_id.blocked_ids,
                "text": post.text or "",
                "warning": post.warning or "",
                "at": fields.Datetime.to_string(post.said_at),
                "edited": bool(post.edits),
                "deleted": bool(post.deleted_at),
                "hidden": post.hidden,
                "answers": post.parent_id.author_id.handle or "",
                "answer": bool(post.parent_id),
                "likes": likes.get(post, 0),
                "read": post in read.parent_id,
                "invites": f"/talk/{us.id}?start=" in (post.text or ""),
                "media": [
                    {
                        "id": file.id,
                        "name": file.name,
                        "alt": alt,
                        "image": (file.mimetype or "").startswith("image/"),
                    }
                    for file, alt in files.get(post.id, [])
                ],
            }
            for post in thread
        ]
