"""An adapter whose sign-in may end in the middle of the work, and nobody notices.

Every call that is traffic goes through here: when the network says that the token has
ended, nothing has happened, so fresh tokens are fetched (by one worker, under a lease)
and the same call is made once more. It decides nothing else and knows no network.
"""

from functools import partial

from ..networks import errors

#: what adapters raise when a renewal helps (``networks/base.py``, ``refresh``)
TOKEN_EXPIRED = "token_expired"
#: the methods that talk to the network with our token. Not ``exchange``, ``refresh``
#: and ``sign_in``: those make tokens. Everything else is pure
TRAFFIC = frozenset(
    {
        "check",
        "fetch",
        "fetch_announced",
        "fetch_context",
        "fetch_media",
        "is_subscribed",
        "lookup",
        "moderate",
        "profile",
        "publish",
        "reread",
        "reread_hidden",
        "resolve",
        "stage",
        "stage_whole",
        "subscribe",
        "templates",
        "unsubscribe",
    }
)


class FreshAdapter:
    """Stands for an adapter; holds secrets like it: never store, log or show it.

    :param account: the account it speaks for
    :param adapter: the network's adapter, as ``account._bare_adapter()`` makes it
    """

    def __init__(self, account, adapter):
        vars(self).update(_account=account, _adapter=adapter)

    def __getattr__(self, name):
        if name in TRAFFIC:
            return partial(self._ask, name)
        return getattr(self._adapter, name)

    def __setattr__(self, name, value):
        """What somebody hangs on the adapter (a till for ``spent``) belongs to it."""
        setattr(self._adapter, name, value)

    def _ask(self, name, *args, **kwargs):
        """Call the adapter's method ``name``.

        :raises AuthError: the sign-in has ended and cannot be renewed by itself
        :raises TransientError: it has ended and cannot be renewed right now; nothing
            has happened
        """
        try:
            return getattr(self._adapter, name)(*args, **kwargs)
        except errors.AuthError as error:
            if error.code != TOKEN_EXPIRED:
                raise
        old = self._adapter
        try:
            fresh = self._account._fresh_tokens(old.settings.get("access_token") or "")
        except errors.TransientError as error:
            error.about_account = True  # nothing else can be asked for either
            raise
        # a new one: adapters may have made something of their settings already
        new = self._account._bare_adapter(fresh)
        new.facts, new.spent = old.facts, old.spent
        vars(self)["_adapter"] = new
        return getattr(new, name)(*args, **kwargs)
