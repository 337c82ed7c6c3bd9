"""What a token of Meta may do and when it ends; short ones exchanged for long ones.

``debug_token`` is asked with the app's own token, made of its id and secret, which
never leaves this file but in a header. Fact sheet meta §1, *Tokens*.
"""

from dataclasses import dataclass
from datetime import datetime

from . import errors, items
from .meta_graph import GraphLine, moment
from .values import listing, mapping, number, words


@dataclass(frozen=True)
class TokenFacts:
    """``expires_at`` None: never. ``data_until``: from then on what belongs to the
    person who signed in comes back empty, without any error (90 days)."""

    valid: bool
    expires_at: datetime | None = None
    data_until: datetime | None = None
    scopes: tuple[str, ...] = ()
    app_id: str = ""


class GraphTokens(GraphLine):
    """Questions about tokens; no adapter yet."""

    def _app_token(self) -> str:
        self._needed("app_id", "app_secret")
        return f"{self._setting('app_id')}|{self._setting('app_secret')}"

    def _token_facts(self) -> TokenFacts | None:
        """What Meta says of our token; None where no app id lets us ask.

        :raises AuthError: the token is no (longer) one
        :raises ConfigError: app id and secret do not belong together, or the token is
            another app's
        """
        if not self._setting("app_id"):
            return None
        query = {"input_token": self._setting("access_token")}
        try:
            answer = self._call(
                "GET", "debug_token", query=query, token=self._app_token()
            )
        except errors.AuthError as error:
            raise errors.ConfigError("bad_setting", "app_id, app_secret") from error
        data = mapping(answer.get("data"))
        if not isinstance(data.get("is_valid"), bool):
            raise errors.MalformedResponse("malformed", "debug_token")
        found = TokenFacts(
            data["is_valid"],
            # 0 is never (§1)
            moment(data.get("expires_at")),
            moment(data.get("data_access_expires_at")),
            tuple(words(one) for one in listing(data.get("scopes")) if words(one)),
            words(data.get("app_id")) or str(number(data.get("app_id")) or ""),
        )
        if not found.valid:
            raise errors.AuthError("token_ended", "debug_token")
        if found.app_id and found.app_id != self._setting("app_id"):
            raise errors.ConfigError("bad_setting", "app_id")
        return found

    def _long_lived(self, token: str) -> items.Tokens:
        """A token of about 60 days for one of an hour; page tokens made from it do
        not end (§1)."""
        query = {
            "grant_type": "fb_exchange_token",
            "client_id": self._setting("app_id"),
            "client_secret": self._setting("app_secret"),
            "fb_exchange_token": token,
        }
        answer = self._call(
            "GET", "oauth/access_token", query=query, token=self._app_token()
        )
        return self._tokens_of(answer)

    def _tokens_of(self, answer: dict) -> items.Tokens:
        """:raises MalformedResponse: there is none in it"""
        found = words(answer.get("access_token"))
        if not found:
            raise errors.MalformedResponse("malformed", "oauth/access_token")
        seconds = number(answer.get("expires_in"))
        until = moment(int(self.now().timestamp()) + seconds) if seconds else None
        return items.Tokens({"access_token": found}, until)
