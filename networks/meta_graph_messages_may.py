"""What may be said on Messenger and Instagram: how long, which files, until when.

Free words may be sent for 24 hours after the person's last message; what a human wrote,
where Meta has approved the app for it, for seven days; one private answer to something
public for seven days as well. No traffic. Fact sheet meta §3, §4, §5.
"""

from collections.abc import Mapping
from datetime import timedelta

from . import base, errors, items
from .meta_graph import GraphLine
from .terms import _lt
from .text import split

MB = 1024 * 1024
#: after the person's last message: free words, and a human agent's
WINDOW, HUMAN_WINDOW = timedelta(hours=24), timedelta(days=7)
#: a private answer to something public (§3)
PRIVATE_REPLY_WINDOW = timedelta(days=7)
#: messages with a file that one reply may become
MAX_FILES = 10
#: what ``human_agent`` must say
YES = ("yes", "on", "true", "1")

MESSAGE_SETTINGS = (
    items.Setting(
        "human_agent",
        _lt("Human Agent (yes or no)"),
        default="no",
        scope="app",
        advanced=True,
        help=_lt(
            'Say "yes" once Meta has approved the app for the feature Human Agent: '
            "what a person writes may then be sent for 7 days after the last message, "
            "not only for 24 hours."
        ),
    ),
)


class GraphMessageRules(GraphLine):
    """Rules of private messages; no adapter yet."""

    #: characters or bytes of one message
    message_limit = 2000
    #: mime type or kind -> bytes of one file
    message_sizes: Mapping[str, int] = dict.fromkeys(
        ("image", "video", "audio", "file"), 25 * MB
    )
    #: types that are taken; empty: all
    message_types: tuple[str, ...] = ()
    #: more of the query of an upload
    message_upload_query: Mapping[str, str] = {}
    #: a message may quote the one it answers
    message_quotes = True

    @staticmethod
    def message_count(text: str) -> int:
        """The length of a text as the platform counts."""
        return len(text)

    # --- what fits ------------------------------------------------------------
    def message_measure(self, draft: items.Draft) -> items.Measure:
        """
        :raises RejectedError: a private answer to something public is one message
        """
        count = self.message_count
        length = count(draft.text)
        if is_private_reply(draft):
            if draft.text.strip() and draft.media:
                raise errors.RejectedError("one_message_only", "")
            return items.Measure(length, self.message_limit, (draft.text,))
        parts = split(draft.text, self.message_limit, count)
        return items.Measure(length, self.message_limit, parts)

    def message_media_rules(self, audience: str = items.PRIVATE) -> items.MediaRules:
        """A message is words or one file, never both (§3)."""
        return items.MediaRules(
            max_files=MAX_FILES,
            types=self.message_types,
            max_bytes=self.message_sizes,
            apart=True,
            captioned=False,
        )

    # --- when -----------------------------------------------------------------
    def _human_agent(self) -> bool:
        return self._setting("human_agent").lower() in YES

    def message_affordances(self, facts: items.MessageFacts) -> list[items.Affordance]:
        """Free words while the window is open; after that a human's, where allowed."""
        if facts.deleted or facts.own or facts.audience != items.PRIVATE:
            return []
        last = facts.last_inbound_at or facts.sent_at
        until = last + WINDOW if last else None
        open_now = until is None or self.now() < until
        blocked = "blocked" if facts.blocked else ""
        like = blocked or ("" if open_now else "window_closed")
        until_human = last + HUMAN_WINDOW if last and self._human_agent() else None
        reply = items.Affordance(
            base.REPLY_PRIVATE,
            not (blocked or not open_now),
            blocked or ("" if open_now else "window_closed"),
            until=until,
            max_length=self.message_limit,
            human_until=until_human,
        )
        if not open_now and until_human:
            late = "" if self.now() < until_human else "window_closed"
            reply = items.Affordance(
                base.REPLY_PRIVATE,
                not (blocked or late),
                blocked or late,
                until=until_human,
                max_length=self.message_limit,
                human=not late,
            )
        return [
            reply,
            items.Affordance(base.LIKE, not like, like, until=until),
        ]

    def private_reply_affordance(self, facts: items.MessageFacts) -> items.Affordance:
        """One message ever to who wrote something public, for seven days (§3)."""
        until = facts.sent_at + PRIVATE_REPLY_WINDOW if facts.sent_at else None
        left = 0 if facts.private_replies_sent else 1
        reason = "" if left else "private_reply_used"
        if not reason and until and self.now() >= until:
            reason = "window_closed"
        return items.Affordance(
            base.REPLY_PRIVATE,
            not reason,
            reason,
            until=until,
            remaining=left,
            max_length=self.message_limit,
        )


def is_private_reply(draft: items.Draft) -> bool:
    return bool(
        draft.audience == items.PRIVATE
        and draft.target
        and draft.target.audience != items.PRIVATE
    )
