"""Scenes: what a manager lets the pretended customers do, one click each.

Used by the wall and by the play dialog. A scene changes the sandbox only; fetching
what it did is the account's own pull.
"""

from urllib.parse import parse_qs, urlsplit

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from . import sandbox_script as script

#: customers of one storm; more says nothing new and only fills the database
MAX_STORM = 5000


class HelpdeskSocialSandboxWall(models.AbstractModel):
    _inherit = "helpdesk.social.sandbox.wall"

    # === BY HAND === #
    @api.model
    def say(self, account_id, handle, text, place="public", reply_to=False):
        """Write as a customer: in public, in a group, or into our inbox."""
        account = self._account(account_id)
        posts, us = self._posts(), self._posts()._us(account)
        handle, text = us._clean(handle), (text or "").strip()
        if not handle or not text:
            raise UserError(self.env._("Say who writes, and what."))
        above = posts.browse(reply_to).exists() if reply_to else posts
        self._check_wall(us, above)
        if above or place == "public":
            audience = above.audience or "public"
            return posts._say(account, handle, text, audience, above).id
        kind, _colon, rest = place.partition(":")
        if kind != "group":
            return posts._say(account, handle, text, "private").id
        groups = self.env["helpdesk.social.sandbox.group"].sudo()
        group = groups.browse(int(rest)).exists()
        self._check_wall(us, group)
        return posts._say(account, handle, text, "group", group=group.name).id

    @api.model
    def act(self, account_id, post_id, verb, text=""):
        """Something small about a post, by the customer it belongs to."""
        account = self._account(account_id)
        us, post = self._posts()._us(account), self._posts().browse(post_id).exists()
        if not post or post.deleted_at:
            raise UserError(self.env._("This post is gone."))
        self._check_wall(us, post)
        if verb in ("edit", "delete") and post.author_id.own:
            raise UserError(self.env._("That is ours: change it from the ticket."))
        if verb == "edit":
            post._edit(text)
        elif verb == "delete":
            post._delete()
        elif verb == "like":
            post._like(self._reader(post, us))
        elif verb == "read":
            post._read_by(self._reader(post, us))
        elif verb in ("block", "unblock"):
            self._reader(post, us)._block(account, verb == "block")
        elif verb == "follow":
            self._follow(account, post)
        else:
            raise UserError(self.env._("The sandbox cannot do that."))
        return True

    @api.model
    def set_fault(self, account_id, fault, left=0):
        """Switch an accident on or off, for the next calls or until further notice."""
        us = self._posts()._us(self._account(account_id))
        us.sudo().write({"fault": fault or False, "fault_left": max(0, int(left))})
        return True

    @api.model
    def pull(self, account_id):
        """Fetch now; returns how many messages were new."""
        return self._account(account_id).action_pull()

    @api.model
    def _check_wall(self, us, record):
        if record and record.company_id != us.company_id:
            raise UserError(self.env._("That is on another company's wall."))

    @api.model
    def _reader(self, post, us):
        """The customer at the other end: the author, or whom we answered."""
        if not post.author_id.own:
            return post.author_id
        if (post.thread or "").startswith("dm:"):
            members = [int(one) for one in post.thread.split(":")[1:]]
            return us.browse(one for one in members if one != us.id)
        above = post.parent_id
        while above and above.author_id.own:
            above = above.parent_id
        if not above:
            raise UserError(self.env._("Nobody was answered here."))
        return above.author_id

    @api.model
    def _follow(self, account, post):
        """The customer follows our invitation into a private conversation."""
        us = self._posts()._us(account)
        links = [
            urlsplit(word)
            for word in (post.text or "").split()
            if f"/talk/{us.id}?start=" in word
        ]
        if not links:
            raise UserError(self.env._("There is no invitation in this post."))
        payload = parse_qs(links[0].query).get("start", [""])[0]
        return self._posts()._say(
            account,
            self._reader(post, us).handle,
            self.env._("Hello, you asked me to write here."),
            "private",
            payload=payload,
        )

    # === SCENES === #
    @api.model
    def play(self, account_id, scene, count=1):
        """Play a scene; returns how many things happened on the wall."""
        account = self._account(account_id)
        scenes = {
            "public": self._scene_public,
            "private": self._scene_private,
            "group": self._scene_group,
            "praise": self._scene_praise,
            "spam": self._scene_spam,
            "follow_up": self._scene_follow_up,
            "thanks": self._scene_thanks,
            "edit": self._scene_edit,
            "delete": self._scene_delete,
            "like": self._scene_like,
            "block": self._scene_block,
            "native": self._scene_native,
            "storm": self._scene_storm,
            "viral": self._scene_viral,
        }
        if scene not in scenes:
            raise UserError(self.env._("There is no such scene."))
        count = min(max(1, int(count or 1)), MAX_STORM)
        posts, us = self._posts(), self._posts()._us(account)
        return len(scenes[scene](account, posts, us, count))

    @api.model
    def _line(self, posts, us, lines, **values):
        """The next line of a scene that nobody has said lately."""
        domain = Domain("company_id", "=", us.company_id.id) & Domain(
            "kind", "=", "post"
        )
        for name, value in values.items():
            domain &= Domain(name, "=", value)
        handles = [line[0] for line in lines]
        said = domain & Domain("author_id.handle", "in", handles)
        return lines[posts.search_count(said) % len(lines)]

    @api.model
    def _scripted(self, account, posts, line, audience, **values):
        handle, text = line
        person = script.PEOPLE.get(handle, {})
        lines = [{"handle": handle, "text": text, "audience": audience} | values]
        return posts._say_all(account, [lines[0] | {"person": person}])

    @api.model
    def _scene_public(self, account, posts, us, _count):
        line = self._line(posts, us, script.PUBLIC, audience="public", parent_id=False)
        return self._scripted(account, posts, line, "public")

    @api.model
    def _scene_private(self, account, posts, us, _count):
        line = self._line(posts, us, script.PRIVATE, audience="private")
        more = {}
        if line is script.PRIVATE[-1]:
            more["shared"] = [{"kind": "phone", "value": script.PHONE}]
        return self._scripted(account, posts, line, "private", **more)

    @api.model
    def _scene_group(self, account, posts, us, _count):
        line = self._line(posts, us, script.GROUP, audience="group")
        return self._scripted(account, posts, line, "group")

    @api.model
    def _scene_praise(self, account, posts, us, _count):
        line = self._line(posts, us, script.PRAISE, audience="public")
        return self._scripted(account, posts, line, "public")

    @api.model
    def _scene_spam(self, account, posts, us, _count):
        line = self._line(posts, us, script.SPAM, audience="public")
        return self._scripted(account, posts, line, "public")

    @api.model
    def _scene_native(self, account, posts, us, _count):
        """A colleague answers in the network's own app, past Odoo."""
        asked = self._newest(posts, us, own=False)
        words = self.env._("We saw it and are on it! (written in the network's app)")
        return posts._say(account, us.handle, words, asked.audience, asked)

    @api.model
    def _scene_storm(self, account, posts, us, count):
        lines = script.storm(count, seed=posts._head())
        return posts._say_all(
            account,
            [
                {"handle": handle, "text": text, "person": person}
                for handle, person, text in lines
            ],
        )

    @api.model
    def _scene_viral(self, account, posts, us, count):
        """We say something, and everybody has an opinion about it, right below."""
        words = script.OURS[posts.search_count([("author_id", "=", us.id)]) % 2]
        ours = posts._say(account, us.handle, words)
        return posts._say_all(
            account,
            [
                {"handle": handle, "text": text, "person": person, "reply_to": ours}
                for handle, person, text in script.storm(count, seed=posts._head())
            ],
        )

    # === SCENES ABOUT WHAT WAS SAID === #
    @api.model
    def _newest(self, posts, us, own):
        """The newest post of ours, or of a customer who wrote to us."""
        domain = Domain("reach_ids", "in", us.ids) & Domain("kind", "=", "post")
        domain &= Domain("deleted_at", "=", False)
        if own:
            domain &= Domain("author_id", "=", us.id)
        else:
            domain &= Domain("author_id.own", "=", False)
        found = posts.search(domain, order="said_at desc, id desc", limit=1)
        if not found and own:
            raise UserError(
                self.env._("Answer a customer from a ticket first, then come back.")
            )
        if not found:
            raise UserError(
                self.env._("Nobody has written yet. Let somebody complain.")
            )
        return found

    @api.model
    def _answer(self, account, posts, us, lines):
        ours = self._newest(posts, us, own=True)
        person = self._reader(ours, us)
        words = lines[posts.search_count([("author_id", "=", person.id)]) % len(lines)]
        return posts._say(account, person.handle, words, ours.audience, ours)

    @api.model
    def _scene_follow_up(self, account, posts, us, _count):
        return self._answer(account, posts, us, script.FOLLOW_UP)

    @api.model
    def _scene_thanks(self, account, posts, us, _count):
        return self._answer(account, posts, us, script.THANKS)

    @api.model
    def _scene_edit(self, account, posts, us, _count):
        post = self._newest(posts, us, own=False)
        post._edit(f"{post.text}\n\n{script.EDIT_NOTE}")
        return post

    @api.model
    def _scene_delete(self, account, posts, us, _count):
        post = self._newest(posts, us, own=False)
        post._delete()
        return post

    @api.model
    def _scene_like(self, account, posts, us, _count):
        post = self._newest(posts, us, own=True)
        return post._like(self._reader(post, us), "❤️")

    @api.model
    def _scene_block(self, account, posts, us, _count):
        person = self._newest(posts, us, own=False).author_id
        return person._block(account, us not in person.blocked_ids)
