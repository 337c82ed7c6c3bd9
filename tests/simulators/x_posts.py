"""People and posts of the fake X: lookups, timelines, search, writing, moderation.

Fact sheet x §2, §3 and §5.
"""

import re
from datetime import timedelta

from . import x_fields, x_words
from .server import Answer, Call, route
from .x_oauth import XOAuth
from .x_world import Post, Refused, User

MENTIONS, TIMELINE = 800, 3200  # how far back, §3
RECENT = timedelta(days=7)
SEARCH_LAG = timedelta(seconds=30)  # default end of a search, §3
SAME_WORDS = timedelta(hours=12)  # "posted recently"; the real time is not known
POST_KEYS = """card_uri community_id direct_message_deep_link edit_options
    exclude_reply_user_ids for_super_followers_only geo made_with_ai media nullcast
    paid_partnership poll quote_tweet_id reply reply_settings share_with_followers
    text""".split()
REPLY_SETTINGS = ("following", "mentionedUsers", "subscribers", "verified")
TIMES = ("max_results", "since_id", "until_id", "start_time", "end_time")
COMPOSE = re.compile(
    r"https://(x|twitter)\.com/messages/compose\?recipient_id=\d+(&|$)"
)


class XPosts(XOAuth):
    search_lag = SEARCH_LAG

    # --- people ---------------------------------------------------------------
    @route("GET", "/2/users/me")
    def me(self, call: Call) -> Answer:
        caller = self.need(call, "tweet.read users.read")
        view = self.ask(call, x_fields.USERS)
        return Answer(view.answer(view.user(caller.user)))

    @route("GET", "/2/users")
    def users(self, call: Call) -> Answer:
        self.need(call, "users.read", app=True)
        view = self.ask(call, x_fields.USERS, "ids")
        found = []
        for number in self.ids(call):
            user = self.world.users.get(number)
            if user is None:
                view.missing("user", number, "ids")
            else:
                found.append(view.user(user))
        self.read("user", [one["id"] for one in found])
        return Answer(view.answer(found))

    @route("GET", r"/2/users/(?P<id>\d+)")
    @route("GET", r"/2/users/by/username/(?P<name>\w{1,15})")
    def one_user(self, call: Call) -> Answer:
        self.need(call, "users.read", app=True)
        view = self.ask(call, x_fields.USERS)
        name = call.params.get("name")
        user = (
            self.world.user(name) if name else self.world.users.get(call.params["id"])
        )
        if user is None:
            parameter = "username" if name else "id"
            view.missing("user", name or call.params["id"], parameter)
            return Answer(view.answer())
        self.read("user", [user.id])
        return Answer(view.answer(view.user(user)))

    @route("GET", "/2/users/by")
    def users_by(self, call: Call) -> Answer:
        self.need(call, "users.read", app=True)
        view = self.ask(call, x_fields.USERS, "usernames")
        found = []
        for name in call.arg("usernames", "").split(","):
            user = self.world.user(name)
            if user is None:
                view.missing("user", name, "usernames")
            else:
                found.append(view.user(user))
        return Answer(view.answer(found))

    # --- reading --------------------------------------------------------------
    @route("GET", "/2/tweets")
    def tweets(self, call: Call) -> Answer:
        self.need(call, "tweet.read users.read", app=True)
        view = self.ask(call, x_fields.POSTS, "ids")
        found = [self._shown(view, one, "ids") for one in self.ids(call)]
        found = [one for one in found if one]
        self.read("post", [one["id"] for one in found])
        return Answer(view.answer(found))

    @route("GET", r"/2/tweets/(?P<id>\d+)")
    def tweet(self, call: Call) -> Answer:
        self.need(call, "tweet.read users.read", app=True)
        view = self.ask(call, x_fields.POSTS)
        found = self._shown(view, call.params["id"], "id")
        self.read("post", [found["id"]] if found else [])
        return Answer(view.answer(found))

    def _shown(self, view, number, parameter):
        post = self.world.posts.get(number)
        if post is None:
            return view.missing("tweet", number, parameter)
        if not self.world.may_see(post, view.viewer):
            return view.missing("tweet", number, parameter, hidden=True)
        return view.post(post)

    def timeline(self, call, view, found, least, most, names, kind="post") -> Answer:
        limit = self.number(call, "max_results", 10, least, most)
        shown, meta = self.page(call, self.between(call, found), limit, names)
        data = [view.post(one) for one in shown]
        self.read(kind, [one.id for one in shown])
        return Answer(view.answer(data, meta=meta))

    @route("GET", r"/2/users/(?P<id>\d+)/mentions")
    def mentions(self, call: Call) -> Answer:
        caller = self.need(call, "tweet.read users.read", app=True)
        view = self.ask(call, x_fields.POSTS, *TIMES, "pagination_token")
        user = self._user(call)
        found = self.world.timeline(
            lambda post: (
                user.id in self.world.mentioned(post)
                and post.author != user.id
                and self.world.may_see(post, view.viewer)
            )
        )[:MENTIONS]
        own = caller.user is user and caller.app.owner == user.id
        kind = "owned_read" if own else "post"
        return self.timeline(call, view, found, 5, 100, ("pagination_token",), kind)

    @route("GET", r"/2/users/(?P<id>\d+)/tweets")
    def own_timeline(self, call: Call) -> Answer:
        self.need(call, "tweet.read users.read", app=True)
        view = self.ask(call, x_fields.POSTS, *TIMES, "pagination_token", "exclude")
        user, without = self._user(call), call.arg("exclude", "").split(",")
        found = self.world.timeline(
            lambda post: (
                post.author == user.id
                and not ("replies" in without and post.parent)
                and not ("retweets" in without and post.reposted)
                and self.world.may_see(post, view.viewer)
            )
        )[:TIMELINE]
        return self.timeline(call, view, found, 5, 100, ("pagination_token",))

    def _user(self, call: Call) -> User:
        user = self.world.users.get(call.params["id"])
        if user is None:
            number = call.params["id"]
            words = f"Could not find user with id: [{number}]."
            raise Refused(
                404,
                words,
                "Not Found Error",
                "resource-not-found",
                parameter="id",
                resource_id=number,
                value=number,
                resource_type="user",
            )
        return user

    @route("GET", r"/2/tweets/(?P<id>\d+)/quote_tweets")
    def quotes(self, call: Call) -> Answer:
        self.need(call, "tweet.read users.read", app=True)
        view = self.ask(
            call, x_fields.POSTS, "max_results", "pagination_token", "exclude"
        )
        found = self.world.timeline(
            lambda post: (
                post.quoted == call.params["id"]
                and self.world.may_see(post, view.viewer)
            )
        )
        return self.timeline(call, view, found, 10, 100, ("pagination_token",))

    @route("GET", "/2/tweets/search/recent")
    def search(self, call: Call) -> Answer:
        self.need(call, "tweet.read users.read", app=True)
        names = ("next_token", "pagination_token")
        view = self.ask(call, x_fields.POSTS, "query", "sort_order", *TIMES, *names)
        query = call.arg("query", "")
        if not 0 < len(query) <= 512:
            raise self.invalid("query", query, "The `query` query parameter is invalid")
        oldest = self.now() - RECENT
        since = call.arg("since_id", "")
        if since.isdigit() and int(since) < int(self.world.serial(oldest)):
            words = "'since_id' must be a tweet id created after "
            raise self.invalid("since_id", since, f"{words}{oldest:%Y-%m-%dT%H:%MZ}")
        start = self.moment(call, "start_time")
        if start and start < oldest - timedelta(minutes=1):
            words = "'start_time' must be on or after "
            raise self.invalid("start_time", start, f"{words}{oldest:%Y-%m-%dT%H:%MZ}")
        end = self.moment(call, "end_time") or self.now() - self.search_lag
        wanted = [self._operator(call, word) for word in self._words(query)]
        found = self.world.timeline(
            lambda post: (
                oldest <= post.created_at <= end
                and not post.reposted
                and not self.world.users[post.author].protected
                and all(one(post) for one in wanted)
            )
        )
        return self.timeline(call, view, found, 10, 100, names)

    @staticmethod
    def _words(query):
        return [word for word in re.split(r"[\s()]+", query) if word]

    def _operator(self, call, word):
        """The operators of §3; ``OR`` is not among them."""
        if word.startswith("-"):
            inner = self._operator(call, word[1:])
            return lambda post: not inner(post)
        name, _, value = word.partition(":")
        if name == "conversation_id":
            return lambda post: post.conversation == value
        if name in ("from", "to"):
            user = self.world.user(value) or self.world.users.get(value)
            number = user.id if user else ""
            if name == "from":
                return lambda post: post.author == number
            parents = self.world.posts
            return lambda post: (
                post.parent in parents and parents[post.parent].author == number
            )
        if name == "is" and value in ("retweet", "reply", "quote"):
            field = {"retweet": "reposted", "reply": "parent", "quote": "quoted"}[value]
            return lambda post: bool(getattr(post, field))
        if name in ("quotes_of_tweet_id", "in_reply_to_tweet_id"):
            field = "quoted" if name.startswith("q") else "parent"
            return lambda post: getattr(post, field) == value
        if word.startswith("@"):
            user = self.world.user(word)
            return lambda post: user and user.id in self.world.mentioned(post)
        if ":" in word or word == "OR":
            words = f"Reference to invalid operator '{name}'."
            raise self.invalid("query", call.arg("query"), words)
        return lambda post: word.strip('"').lower() in post.text.lower()

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
