"""What a message does to a ticket: one table, ticket state × kind of message.

Pure decisions, no writes. Whoever wants to know why a ticket was opened, joined,
reopened or left alone finds the answer here and nowhere else.
"""

import re

OPEN, RECENT, OLD, MERGED, ARCHIVED, NONE = (
    "open",
    "closed_recently",
    "closed_long_ago",
    "merged",
    "archived",
    "none",
)
MESSAGE, THANKS = "message", "thanks"
#: what a triage rule made of a message that would have been NEW
RULED_OUT = "ruled_out"
#: its author was blocked here: no ticket, and nobody is asked to answer
BLOCKED = "blocked"
#: many people below one post: the first opens the incident, the others join it
INCIDENT_NEW, INCIDENT = "incident_new", "incident"
JOIN, REOPEN, NEW, LINKED, FOLLOW, STAY = (
    "join",
    "reopen",
    "new",
    "new_linked",
    "follow",
    "stay",
)

POLICY = {
    # state of the conversation's ticket: (a message, a bare thanks)
    NONE: (NEW, NEW),
    OPEN: (JOIN, JOIN),
    RECENT: (REOPEN, STAY),
    OLD: (LINKED, STAY),
    MERGED: (FOLLOW, FOLLOW),
    ARCHIVED: (STAY, STAY),
}

#: a message that is nothing but thanks, in the languages most customers write; it
#: never reopens a ticket. Anything more than these words is an ordinary message.
_THANKS = re.compile(
    r"""^(?:
        (?:many\s+|thanks?\s+)*(?:thanks|thank\s+you|thx|ty|cheers)
            (?:\s+(?:so\s+much|very\s+much|a\s+lot|again|all|guys|team|you))*
        | (?:vielen\s+|herzlichen\s+)?dank(?:e)?(?:\s*(?:schön|dir|ihnen|euch|sehr))*
        | merci(?:\s+(?:beaucoup|bien|à\s+vous))*
        | (?:muchas\s+)?gracias | (?:muito\s+)?obrigad[oa]
        | (?:molte\s+)?grazie(?:\s+mille)?
        | (?:hartelijk\s+)?(?:bedankt|dank\s*je(?:\s*wel)?|dank\s*u(?:\s*wel)?)
        | teşekkürler | спасибо(?:\s+большое)? | dziękuję
        | 谢谢 | 謝謝 | ありがとう(?:ございます)?
        | 감사합니다 | شكرا(?:\s+جزيلا)? | תודה(?:\s+רבה)?
        | ok(?:ay)? | great | perfect | super | top | 👍 | 🙏 | ❤️ | 🎉
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
#: a fediverse server may have a port
_MENTION = re.compile(r"@[\w.\-]+(?:@[\w.\-]+(?::\d{1,5})?)?")
_EMOJI_END = re.compile(r"[\s!.,~…♥\u2600-\u27bf\ufe0f\u200d\U0001f000-\U0001faff]+$")


def kind_of(text: str) -> str:
    """``thanks`` for a bare thanks or a lone emoji, else ``message``."""
    plain = _MENTION.sub(" ", text or "").strip()
    words = _EMOJI_END.sub("", plain).strip()
    if plain and not words:
        return THANKS
    return THANKS if _THANKS.match(words) else MESSAGE


def decide(state: str, kind: str) -> str:
    """The cell of the table."""
    return POLICY[state][1 if kind == THANKS else 0]
