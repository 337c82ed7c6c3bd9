"""An independent client judges the X simulator: tweepy, and plain requests beside it.

tweepy has X's addresses written into it, so its session leads them to the simulator
before anything is signed.
"""

import re

import requests
import tweepy
from requests_oauthlib import OAuth1
from simulators.x import XSimulator

REAL = re.compile(r"https://(api\.)?(twitter|x)\.com")
PNG = b"\x89PNG\r\n\x1a\n small"
POST_FIELDS = [
    "author_id",
    "created_at",
    "conversation_id",
    "in_reply_to_user_id",
    "referenced_tweets",
    "entities",
    "attachments",
    "note_tweet",
    "edit_controls",
    "lang",
]


class Led(requests.Session):
    """A session that asks the simulator whatever it is told to ask X."""

    def __init__(self, url):
        super().__init__()
        self.trust_env = False
        self._url = url

    def request(self, method, url, *args, **kwargs):
        return super().request(method, REAL.sub(self._url, url), *args, **kwargs)


def client(sim: XSimulator, user=None) -> tweepy.Client:
    """tweepy with all the credentials of one of the simulator's users.

    ``user_auth=True`` (its default where it writes) signs with OAuth 1.0a,
    ``user_auth=False`` sends the OAuth 2.0 user token.
    """
    user = user or sim.brand
    key, secret = sim.sign_keys(sim.app, user)
    made = tweepy.Client(
        bearer_token=sim.tokens_of(user)["access_token"],
        consumer_key=sim.app.consumer_key,
        consumer_secret=sim.app.consumer_secret,
        access_token=key,
        access_token_secret=secret,
    )
    made.session = Led(sim.url)
    return made


def ask(sim, method, path, token=None, **kwargs) -> requests.Response:
    """A plain call with the brand's token (or another's)."""
    headers = {"Authorization": f"Bearer {token or sim.brand_token}"}
    headers |= kwargs.pop("headers", {})
    return Led(sim.url).request(method, sim.url + path, headers=headers, **kwargs)


def signed(sim, method, path, keys=None, **kwargs) -> requests.Response:
    """A plain call with OAuth 1.0a, signed by requests-oauthlib."""
    token, secret = keys or sim.brand_keys
    auth = OAuth1(sim.app.consumer_key, sim.app.consumer_secret, token, secret)
    return Led(sim.url).request(method, sim.url + path, auth=auth, **kwargs)
