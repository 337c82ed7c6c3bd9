"""Reading from the fake X: people, posts, timelines, search (fact sheet x §2, §3)."""

import re
from datetime import timedelta

from . import x_fields, x_query
from .server import Answer, Call, route
from .x_oauth import XOAuth
from .x_view import View
from .x_world import Refused, User

MENTIONS, TIMELINE = 800, 3200  # how far back, §3
RECENT = timedelta(days=7)
SEARCH_LAG = timedelta(seconds=30)  # default end of a search, §3
TIMES = ("max_results", "since_id", "until_id", "start_time", "end_time")


class XReading(XOAuth):
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
        try:
            wanted = x_query.parse(query, lambda word: self._operator(call, word))
        except x_query.Malformed as malformed:
            words = f"There were errors processing your request: {malformed}"
            raise self.invalid("query", query, words) from malformed
        found = self.world.timeline(
            lambda post: (
                oldest <= post.created_at <= end
                and not post.reposted
                and not self.world.users[post.author].protected
                and wanted(post)
            )
        )
        return self.timeline(call, view, found, 10, 100, names)

    def _operator(self, call, word):
        """The operators of §3, and ``url:``, by which quotes of somebody are found."""
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
        if name == "url":
            # the words of the full address, in their order
            wanted = _tokens(value)
            return lambda post: any(
                wanted == tokens[at : at + len(wanted)]
                for tokens in map(_tokens, self._addresses(post))
                for at in range(len(tokens))
            )
        if word.startswith("@"):
            user = self.world.user(word)
            return lambda post: user and user.id in self.world.mentioned(post)
        if ":" in word:
            words = f"Reference to invalid operator '{name}'."
            raise self.invalid("query", call.arg("query"), words)
        return lambda post: word.strip('"').lower() in post.text.lower()

    def _addresses(self, post):
        whole = View(self.world, self.url).whole(post)
        return [one["expanded_url"] for one in whole["entities"].get("urls", ())]


def _tokens(text):
    return re.findall(r"\w+", text.lower())
