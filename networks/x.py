"""X, formerly Twitter, API v2: mentions, quotes, private messages, replies, webhooks.

What it is and what it can do; how is in the ``x_*`` files, from ``x_line`` upwards.
X answers self-serve apps only for people who named us, and moves private messages to
an encrypted service that no server can read: what cannot be done here is offered as a
link (``x_may``). Fact sheet x.
"""

from . import base, items
from .terms import _lt
from .x_account import API
from .x_push import XPush
from .x_send import XSend


class XAdapter(XSend, XPush):
    code = "x"
    name = "X"
    auth = "oauth2"
    base_url = API
    host_setting = "base_url"
    #: pictures and videos of posts
    hosts = ("*.twimg.com",)
    shared_app = True
    settings_spec = (
        items.Setting(
            "client_id",
            _lt("OAuth 2.0 client id"),
            scope="app",
            help=_lt(
                "From the app's page in X's developer console, “User authentication "
                "settings”. Needed for the sign-in button."
            ),
        ),
        items.Setting(
            "client_secret", _lt("OAuth 2.0 client secret"), secret=True, scope="app"
        ),
        items.Setting("consumer_key", _lt("API key (consumer key)"), True, scope="app"),
        items.Setting(
            "consumer_secret",
            _lt("API key secret (consumer secret)"),
            secret=True,
            scope="app",
            help=_lt(
                "X signs what it pushes with it, and proves our address by it: "
                "without it nothing can be pushed."
            ),
        ),
        items.Setting(
            "bearer_token",
            _lt("App-only bearer token"),
            secret=True,
            scope="app",
            help=_lt(
                "Only if the webhook cannot be managed with the API key and secret."
            ),
            advanced=True,
        ),
        items.Setting(
            "tier",
            _lt("Plan"),
            default="self-serve",
            scope="app",
            help=_lt(
                "“self-serve” or “enterprise”. On self-serve plans X lets us answer "
                "only people who named us or quoted us, and has no likes."
            ),
            advanced=True,
        ),
        items.Setting(
            "app_owner",
            _lt("Handle of the account that owns the app"),
            scope="app",
            help=_lt(
                "X bills reading this account's own mentions at a fifth of the price."
            ),
            advanced=True,
        ),
        items.Setting(
            "field_names",
            _lt("Field names"),
            default="tweet",
            scope="app",
            help=_lt(
                "“tweet” or “post”: how we spell the fields we ask X for. Both are "
                "understood in its answers."
            ),
            advanced=True,
        ),
        items.Setting(
            "direct",
            _lt("Read private messages"),
            default="on",
            help=_lt("“on” or “off”. Each one read costs as much as ten mentions."),
        ),
        items.Setting(
            "access_token",
            _lt("Access token (OAuth 2.0)"),
            secret=True,
            help=_lt("Comes with the sign-in button; ends after two hours without it."),
            advanced=True,
        ),
        items.Setting(
            "oauth1_token",
            _lt("Access token (OAuth 1.0a)"),
            secret=True,
            help=_lt(
                "Instead of the button: from the console's “Keys and tokens”, with "
                "its secret and with the API key and secret."
            ),
        ),
        items.Setting("oauth1_secret", _lt("Access token secret (OAuth 1.0a)"), True),
        items.Setting(
            "base_url",
            _lt("Server"),
            default=API,
            help=_lt("Only for a server that stands in for X's."),
        ),
    )
    capabilities = frozenset(
        {
            base.PULL,
            base.WEBHOOK,
            base.OAUTH,
            base.REFRESH,
            base.CONTEXT,
            base.REREAD,
            base.RESOLVE,
            base.REPLY_PUBLIC,
            base.REPLY_GROUP,
            base.REPLY_PRIVATE,
            base.PRIVATE_FIRST,
            base.MEDIA_IN,
            base.MEDIA_OUT,
            base.STAGE,
            base.ALT_TEXT,
            base.LIKE,
            base.HIDE,
            base.BLOCK,
            base.DELETE,
            base.LOOKUP,
            base.PROFILE,
            base.INVITE,
        }
    )
    block_means = _lt(
        "They can no longer write to us in private; what they post for everybody still "
        "comes in. X lets programs block no more than that."
    )
    #: private messages may be asked for 15 times in 15 minutes (§2), and a lookup or a
    #: second page needs its share
    min_poll_seconds = 90
    #: X's rules: within 24 hours of a deletion its words are gone here too (§8)
    forget_deleted = True
    #: all that is stored is followed (§8); a month is how long a ticket takes, and how
    #: long the journal is kept. Looking one up by its id is never an owned read (§0)
    reread_days = 30
    reread_kinds = ("post_read", "post_read")
    reread_audiences = (items.PUBLIC,)
    rate_headers = (
        "x-rate-limit-limit",
        "x-rate-limit-remaining",
        "x-rate-limit-reset",
    )
    rate_per_stream = True
    #: nothing X fails to deliver comes again (§4), and private messages in XChat, edits
    #: and deletions of others are pushed by nothing
    pull_beside_push = True
