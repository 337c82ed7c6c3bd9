"""What the fake X delivers: events for whoever subscribed, signed, perhaps twice.

Fact sheet x §4. What happened is queued; ``deliver`` posts it.
"""

import json
import urllib.error
import urllib.request

from . import x_events, x_words
from .x_hooks import TIMEOUT, Stay, XHooks
from .x_view import stamp


class XPush(XHooks):
    def __init__(self):
        super().__init__()
        self.world.listeners.append(self._heard)

    # --- what happened, for whom ----------------------------------------------
    def _heard(self, kind, post=None, message=None, user=None):
        for event, whose, payload, includes in self._activities(
            kind, post, message, user
        ):
            for one in self.subscriptions.values():
                wanted = (one["event_type"], one["filter"]["user_id"])
                if wanted == (event, whose) and one["webhook_id"]:
                    body = x_events.activity(
                        event, whose, payload, includes, one["tag"]
                    )
                    self.queue.append((one["webhook_id"], body))
        for webhook, users in self.followed.items():
            for one in users:
                body = self._old_body(kind, one, post, message, user)
                if body:
                    self.queue.append((webhook, body))

    def _activities(self, kind, post, message, user):
        """(event type, user, payload, includes) of everything that follows."""
        world = self.world
        if kind == "post" and not world.users[post.author].protected:
            payload, includes = x_events.post_payload(world, self.url, post)
            named = [world.user(one) for one in x_words.handles(post.typed)]
            parent, quoted = world.posts.get(post.parent), world.posts.get(post.quoted)
            yield "post.create", post.author, payload, includes
            for one in {user.id for user in named if user} - {post.author}:
                yield "post.mention.create", one, payload, includes
            if parent and parent.author != post.author:
                yield "post.reply.create", parent.author, payload, includes
            if quoted and quoted.author != post.author:
                yield "post.quote.create", quoted.author, payload, includes
        elif kind == "delete":
            payload = {"id": post.id, "author_id": post.author}
            yield "post.delete", post.author, payload, None
        elif kind == "message":
            people = world.conversations[message.conversation].people
            for one in people:
                side = "sent" if one == message.sender else "received"
                if message.id in self.sealed or world.users[message.sender].encrypted:
                    sealed = {"conversation_id": message.conversation, "id": message.id}
                    sealed["encoded_message_event"] = "CwABAAAAE3NlYWxlZA=="
                    yield f"chat.{side}", one, sealed, None
                    continue
                payload = x_events.message_payload(world, self.url, message, one)
                yield f"dm.{side}", one, payload, None
        elif kind == "revoke":
            moment = stamp(self.now())
            payload = {"date_time": moment, "user_id": user.id, "app_id": ""}
            yield "oauth.revoke", user.id, payload, None

    def _old_body(self, kind, whose, post, message, user):
        world = self.world
        if kind == "post":
            concerned = whose == post.author or whose in world.mentioned(post)
            if concerned and world.may_see(post, whose):
                return x_events.account_activity(world, self.url, whose, [post])
        if kind == "delete" and post.author == whose:
            return x_events.account_activity(world, self.url, whose, deleted=[post])
        if kind == "message" and message.id not in self.sealed:
            if whose in world.conversations[message.conversation].people:
                return x_events.account_activity(
                    world, self.url, whose, messages=[message]
                )
        if kind == "revoke" and user.id == whose:
            return x_events.revoked(self.app, user, self.now())
        return None

    # --- delivery -------------------------------------------------------------
    def request(self, body, secret="") -> tuple[dict, dict, bytes]:
        """(headers, query, raw) of a genuine delivery."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = self.signature(secret or self.app.consumer_secret, raw)
        headers = {
            "content-type": "application/json",
            "x-twitter-webhooks-signature": signed,
        }
        return headers, {}, raw

    def deliver(self, times=1, keep=False) -> list[int]:
        """POST what is queued; statuses in order (0: no answer).

        ``times`` > 1 delivers duplicates. Nothing is tried again (§4): what the
        receiver refused is lost unless replayed, or ``keep`` is set.
        """
        statuses = []
        with self.lock:
            waiting, self.queue = self.queue, self.queue if keep else []
        for number, body in waiting:
            hook = self.webhooks.get(number)
            if hook is None or not hook["valid"]:
                continue
            secret = self.apps[hook["app"]].consumer_secret
            headers, _query, raw = self.request(body, secret)
            self.delivered.append((self.now(), number, raw))
            for _turn in range(times):
                statuses.append(_post(hook["url"], headers, raw))
        return statuses


def _post(url, headers, raw) -> int:
    request = urllib.request.Request(url, raw, headers, method="POST")
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=TIMEOUT) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
