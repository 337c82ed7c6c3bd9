"""Posting to the fake X: who may say what to whom; deleting, hiding, liking.

Fact sheet x §0 (replies, likes and quotes on self-serve tiers), §2 and §5.
"""

import re
from datetime import timedelta

from . import x_fields, x_words
from .server import Answer, Call, route
from .x_reading import XReading
from .x_world import Post, Refused

SAME_WORDS = timedelta(hours=12)  # "posted recently"; the real time is not known
POST_KEYS = """card_uri community_id direct_message_deep_link edit_options
    exclude_reply_user_ids for_super_followers_only geo made_with_ai media nullcast
    paid_partnership poll quote_tweet_id reply reply_settings share_with_followers
    text""".split()
REPLY_SETTINGS = ("following", "mentionedUsers", "subscribers", "verified")
COMPOSE = re.compile(
    r"https://(x|twitter)\.com/messages/compose\?recipient_id=\d+(&|$)"
)


class XPosts(XReading):
    # --- writing (§5) ---------------------------------------------------------
    @route("POST", "/2/tweets")
    def create(self, call: Call) -> Answer:
        caller = self.need(call, "tweet.write tweet.read users.read")
        body = self.body(call, POST_KEYS)
        text = body.get("text") or ""
        reply, media = body.get("reply") or {}, body.get("media") or {}
        if not isinstance(text, str) or not (text.strip() or media or body.get("poll")):
            raise self.invalid("text", text, "Must provide text or media")
        for name, allowed in (
            (
                "reply",
                (
                    "in_reply_to_tweet_id",
                    "exclude_reply_user_ids",
                    "auto_populate_reply_metadata",
                ),
            ),
            ("media", ("media_ids", "tagged_user_ids")),
        ):
            for key in body.get(name) or {}:
                if key not in allowed:
                    raise self.invalid(f"{name}.{key}", "", f"[{key}] is not allowed")
        self._may_say(caller, body, text)
        parent = self._parent(caller, reply.get("in_reply_to_tweet_id"))
        quoted = self.world.posts.get(body.get("quote_tweet_id"))
        whole = text
        if parent:
            out = reply.get("exclude_reply_user_ids") or []
            names = self.world.leading(caller.user, parent, out)
            said = {one.lower() for one in x_words.handles(text)}
            missing = [n for n in names.split() if n[1:].lower() not in said]
            whole = " ".join([*missing, text])
        self._no_repeat(caller.user, whole)
        keys = self._attach(caller.user, media.get("media_ids") or [])
        edited = (body.get("edit_options") or {}).get("previous_post_id")
        if edited:
            post = self._edit(caller.user, edited, text)
        else:
            post = self.world.publish(
                caller.user,
                whole,
                parent,
                quoted,
                keys,
                typed=text,
                reply_settings=body.get("reply_settings") or "everyone",
                app=caller.app.id,
                card=body.get("direct_message_deep_link") or "",
            )
        linked = x_words.linked(text) or post.card
        kind = "post_url" if linked else "summoned" if parent else "create"
        self.bill[kind] += 1
        shown = self.ask(call, x_fields.POSTS).post(post)
        return Answer({"data": shown}, 201)

    def _may_say(self, caller, body, text):
        length = x_words.weight(text)
        if length > (x_words.LONG_LIMIT if caller.user.premium else x_words.LIMIT):
            words = "Your Tweet text is too long. For more information about how"
            raise Refused(
                400,
                f"{words} Twitter determines text length see "
                "https://github.com/twitter/twitter-text.",
                kind="invalid-request",
            )
        if x_words.FORBIDDEN.search(text):
            raise self.invalid("text", text, "The text has invalid characters")
        if body.get("reply_settings") not in (None, *REPLY_SETTINGS):
            raise self.invalid("reply_settings", body["reply_settings"], "Not allowed")
        link = body.get("direct_message_deep_link")
        if link and not COMPOSE.match(link):
            raise self.invalid("direct_message_deep_link", link, "Not a valid link")
        if caller.app.enterprise:
            return
        if len(x_words.CASHTAG.findall(text)) > 1:
            raise Refused(403, "You are not permitted to perform this action.")
        if body.get("quote_tweet_id"):
            # removed from every self-serve tier, §0
            raise Refused(403, "Quote posts are not available on your plan.")

    def _parent(self, caller, number) -> Post | None:
        if number is None:
            return None
        if not isinstance(number, str) or not re.fullmatch(r"\d{1,19}", number):
            words = "[in_reply_to_tweet_id] must be a numeric string"
            raise self.invalid("reply.in_reply_to_tweet_id", number, words)
        parent, user = self.world.posts.get(number), caller.user
        if parent is None or not self.world.may_see(parent, user.id):
            words = "You attempted to reply to a Tweet that is deleted or not visible"
            raise Refused(403, f"{words} to you.")
        named = self.world.mentioned(parent)
        ours = parent.author == user.id
        root = self.world.posts.get(parent.conversation, parent)
        closed = {
            "mentionedUsers": user.id not in self.world.mentioned(root),
            "following": user.id not in self.world.users[root.author].followers,
            "verified": not user.premium,
            "subscribers": True,
        }.get(root.reply_settings, False)
        if closed and root.author != user.id:
            words = "Reply to this conversation is not allowed because you have not"
            raise Refused(403, f"{words} been mentioned or otherwise engaged.")
        quotes = self.world.posts.get(parent.quoted)
        summoned = user.id in named or (quotes and quotes.author == user.id)
        if not (ours or summoned or caller.app.enterprise):
            # §0: only when the parent's author named us or quoted one of our posts
            words = "You can only reply when the author of the post has mentioned or"
            raise Refused(403, f"{words} quoted you.")
        return parent

    def _no_repeat(self, user, whole):
        recent = self.now() - SAME_WORDS
        for one in self.world.posts.values():
            if one.author == user.id and one.created_at > recent and one.text == whole:
                words = "You are not allowed to create a Tweet with duplicate content."
                raise Refused(403, words)

    def _edit(self, user, number, text):
        post = self.world.posts.get(number)
        if post is None or post.author != user.id or not user.premium:
            raise Refused(403, "You are not permitted to perform this action.")
        return self.world.edit(post, text)

    @route("DELETE", r"/2/tweets/(?P<id>\d+)")
    def remove(self, call: Call) -> Answer:
        caller = self.need(call, "tweet.write tweet.read users.read")
        post = self.world.posts.get(call.params["id"])
        if post is not None and post.author != caller.user.id:
            raise Refused(403, "You are not authorized to delete this Tweet.")
        if post is not None:
            self.world.delete(post)
        # deleting what is already gone answers the same
        return Answer({"data": {"deleted": True}})

    # --- moderation -----------------------------------------------------------
    @route("PUT", r"/2/tweets/(?P<id>\d+)/hidden")
    def hide(self, call: Call) -> Answer:
        caller = self.need(call, "tweet.moderate.write tweet.read users.read")
        hidden = self.body(call, ("hidden",)).get("hidden")
        if not isinstance(hidden, bool):
            raise self.invalid("hidden", hidden, "[hidden] must be a boolean")
        post = self.world.posts.get(call.params["id"])
        root = post and self.world.posts.get(post.conversation)
        if post is None:
            raise self.invalid("id", call.params["id"], "Could not find Tweet with id")
        if not post.parent or root is None or root.author != caller.user.id:
            raise Refused(403, "You are not authorized to hide this reply.")
        post.hidden = hidden
        return Answer({"data": {"hidden": hidden}})

    @route("POST", r"/2/users/(?P<id>\d+)/likes")
    def like(self, call: Call) -> Answer:
        caller = self.need(call, "like.write tweet.read users.read")
        number = self.body(call, ("tweet_id",)).get("tweet_id")
        self._own(call, caller)
        post = self.world.posts.get(number)
        if post is None:
            raise self.invalid("tweet_id", number, "Could not find Tweet")
        post.likes.add(caller.user.id)
        return Answer({"data": {"liked": True}})

    @route("DELETE", r"/2/users/(?P<id>\d+)/likes/(?P<post>\d+)")
    def unlike(self, call: Call) -> Answer:
        caller = self.need(call, "like.write tweet.read users.read")
        self._own(call, caller)
        post = self.world.posts.get(call.params["post"])
        if post:
            post.likes.discard(caller.user.id)
        return Answer({"data": {"liked": False}})

    def _own(self, call, caller):
        number = call.params["id"]
        if number != caller.user.id:
            words = f"The `id` query parameter value [{number}] must be the same as the"
            raise self.invalid("id", number, f"{words} authenticating user")
        if not caller.app.enterprise:
            # removed from every self-serve tier, §0
            raise Refused(403, "Likes are not available on your plan.")
