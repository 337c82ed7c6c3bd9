"""The line to Meta's Graph API, shared by what speaks to Facebook, Instagram, WhatsApp.

The version stands in the path and is a setting: an expired one is silently replaced by
Meta, so that fields change under our feet. The token goes in a header, never in an
address, and each call proves that we know the app's secret. Fact sheet meta §1.
"""

import re
from datetime import datetime, timezone

from . import base, errors, items, meta_graph_push, signing
from .meta_graph_errors import refusal
from .meta_graph_meter import usage
from .terms import _lt
from .values import listing, mapping, number, words

HOST = "https://graph.facebook.com"
#: current from 2026 on (§1, read in November 2026); each can be used for about 2 years
VERSION = "v26.0"
FORM = re.compile(r"v[0-9]{1,3}\.[0-9]")
#: seconds beyond which a time is not one (the year 9999)
_LAST_SECOND = 253402300799

#: settings that every adapter of the family has
APP_SETTINGS = (
    items.Setting(
        "app_id",
        _lt("App ID"),
        required=True,
        scope="app",
        help=_lt(
            "From the app's page on developers.facebook.com. With it we see what the "
            "access token may do and when it ends, and have messages pushed."
        ),
    ),
    items.Setting(
        "app_secret",
        _lt("App secret"),
        secret=True,
        required=True,
        scope="app",
        help=_lt(
            "App settings / Basic. Meta signs what it pushes with it: without it "
            "nothing is believed."
        ),
    ),
)
SERVER_SETTINGS = (
    items.Setting(
        "graph_version",
        _lt("Version of Meta's API"),
        default=VERSION,
        scope="app",
        advanced=True,
        help=_lt("Change it only when Meta retires this one."),
    ),
    items.Setting(
        "base_url",
        _lt("Server"),
        default=HOST,
        help=_lt("Only for a server that stands in for Meta's."),
    ),
)


def moment(value) -> datetime | None:
    """A time in seconds since 1970, as a number or digits; None when it is none.

    Meta's webhooks give seconds here and milliseconds there (§1).
    """
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:16])
    value = number(value)
    if value is None or value <= 0:
        return None
    milliseconds = 0
    if value > _LAST_SECOND / 10:
        value, milliseconds = divmod(value, 1000)
    if value > _LAST_SECOND:
        return None
    found = datetime.fromtimestamp(value, timezone.utc)
    return found.replace(microsecond=milliseconds * 1000)


def written_moment(value) -> datetime | None:
    """A time as Meta's answers write it: ``2026-10-01T10:30:00+0000`` (§1)."""
    try:
        found = datetime.strptime(words(value)[:40], "%Y-%m-%dT%H:%M:%S%z")
        return found.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


class GraphLine(base.Adapter):
    """Calls of the Graph API, and webhooks as all of Meta's have; no adapter yet."""

    base_url = HOST
    host_setting = "base_url"
    shared_app = True
    rate_headers = ()
    #: what is slowed down is one use case of one business
    rate_per_stream = True

    def __init__(self, settings, transport, now, facts=None):
        super().__init__(settings, transport, now, facts)
        transport.classify = refusal

    # --- calls ----------------------------------------------------------------
    def _setting(self, key: str) -> str:
        return (self.settings.get(key) or "").strip()

    def _needed(self, *keys: str):
        """:raises ConfigError: one of these settings is empty"""
        for key in keys:
            if not self._setting(key):
                raise errors.ConfigError("missing_setting", key)

    def _path(self, path: str) -> str:
        version = self._setting("graph_version") or VERSION
        if not FORM.fullmatch(version):
            raise errors.ConfigError("bad_setting", f"graph_version {version[:20]}")
        return f"/{version}/{path.lstrip('/')}"

    def _proof(self, token: str) -> dict[str, str]:
        """``appsecret_proof``: that the token was not stolen from us (§1)."""
        secret = self._setting("app_secret")
        if not secret:
            return {}
        proof = signing.digest(secret, token.encode()).hex()
        secrets = getattr(self.transport, "secrets", None)
        if secrets is not None and proof not in secrets:
            self.transport.secrets = (*secrets, proof)
        return {"appsecret_proof": proof}

    def _call(
        self, method, path, *, query=None, token="", effect=False, shape=dict, **kwargs
    ):
        """The JSON object that Meta answers; what its meters say goes to ``rest``.

        :param token: another one than the account's
        :param shape: ``list`` where the answer is one (a batch)
        :raises ConfigError: no token, or a version that cannot be one
        """
        if not token:
            self._needed("access_token")
            token = self._setting("access_token")
        response = self.transport.request(
            method,
            self._path(path),
            query={**(query or {}), **self._proof(token)},
            headers={"Authorization": f"Bearer {header_token(token)}"},
            effect=effect,
            **kwargs,
        )
        self.rest = max(self.rest, usage(response.headers).rest)
        try:
            answer = response.json()
        except errors.MalformedResponse as error:
            answer, detail = None, error.detail
        else:
            detail = path
        if isinstance(answer, shape):
            return answer
        # an answer nobody can read says nothing about what happened
        kind = errors.UncertainError if effect else errors.MalformedResponse
        raise kind("malformed", detail)

    def _listed(self, path: str, after: str = "", **query) -> tuple[list[dict], str]:
        """One page of a collection, and the cursor of the next ('' at the end).

        A page may be empty and still have a next one; a cursor is good for this run
        only (§1).
        """
        if after:
            query["after"] = after
        answer = self._call("GET", path, query=query)
        if not isinstance(answer.get("data"), list):
            raise errors.MalformedResponse("malformed", path)
        paging = mapping(answer.get("paging"))
        cursor = words(mapping(paging.get("cursors")).get("after"))
        more = bool(paging.get("next")) and cursor != after
        return [mapping(one) for one in listing(answer["data"])], cursor * more

    # --- push -----------------------------------------------------------------
    def handshake(self, query) -> items.Ack | None:
        return meta_graph_push.handshake(query, self.settings.get("webhook_secret"))

    def verify(self, headers, query, raw) -> bool:
        return meta_graph_push.genuine(headers, raw, self._setting("app_secret"))


def header_token(token: str) -> str:
    """``token``, if it may stand in a header.

    :raises AuthError: it cannot be one
    """
    if not token.isascii() or not token.isprintable() or " " in token:
        raise errors.AuthError("auth", "the token has the wrong form")
    return token
