"""Streams of an account that rest while the others are read, and how that is told.

A limit, a refusal or a failure of one stream is no reason to leave the others unread.
Only when none can be read it is the account that waits (``_record_failure``). Nothing
here talks to a network.
"""

import logging
from datetime import datetime, timedelta

from odoo import fields, models
from odoo.tools.misc import format_datetime

from ..networks import errors
from . import common, social_failure
from .helpdesk_social_account_reread import REREAD

_logger = logging.getLogger(__name__)

#: seconds that a stream rests which the network refuses without saying for how long
REST = 900
#: the longest rest that we believe a network
LONGEST = 24 * 3600
#: the waits before the first one of ``social_failure`` that a failing stream gets: each
#: try may take a call's deadline (20 s) away from the others, so it begins at a minute
PATIENT = 2
#: the stream that stands for what we say
PUBLISH = "publish"


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    #: {stream: {"until": ISO time, "code": …, "detail": …, "times": failures in a row}}
    stream_rests = fields.Json(readonly=True, copy=False, groups=fields.NO_ACCESS)

    # === RESTING === #
    def _rests(self, stream):
        """Is this stream not to be asked now?"""
        rest = (self.stream_rests or {}).get(stream)
        return bool(rest) and fields.Datetime.now() < datetime.fromisoformat(
            rest["until"]
        )

    def _rest(self, stream, error):
        """Leave one stream alone: as long as the network says, or longer each time."""
        # sudo: helpdesk.social.account - kept by the machine
        account = self.sudo()
        rests = account.stream_rests or {}
        rest, seconds = {}, REST
        if self._fails_for_now(error):
            rest["times"] = rests.get(stream, {}).get("times", 0) + 1
            wait = social_failure.wait_before(rest["times"] + PATIENT)
            seconds = wait.total_seconds()
        if error.retry_after is not None:
            seconds = error.retry_after + 1
        until = fields.Datetime.now() + timedelta(seconds=min(seconds, LONGEST))
        rest["until"] = until.isoformat()
        if not isinstance(error, errors.RateLimited):
            # being asked to slow down is no trouble; anything else is
            rest["code"] = common.storable(error.code)
            rest["detail"] = common.storable(error.detail)
        _logger.info("account %s: %s rests: %s", self.id, stream, error)
        account.stream_rests = {**rests, stream: rest}

    def _ask_last(self, stream):
        """The host may be down, and then the account waits; where only this stream
        does not answer, the others are read before it the next time."""
        rests = self.stream_rests or {}
        times = rests.get(stream, {}).get("times", 0) + 1
        rest = {"until": fields.Datetime.now().isoformat(), "times": times}
        self.stream_rests = {**rests, stream: rest}

    def _awake(self, stream):
        """The stream was read: what kept it is over."""
        rests = dict(self.stream_rests or {})
        if rests.pop(stream, None):
            self.stream_rests = rests or False

    def _streams_to_ask(self, adapter):
        """Those that do not rest; what failed lately last, as it may take long."""
        rests = self.stream_rests or {}
        awake = [one for one in adapter.streams if not self._rests(one)]
        return sorted(awake, key=lambda one: bool(rests.get(one, {}).get("times")))

    # === WHAT AN ERROR IS ABOUT === #
    def _keeps_one_stream(self, adapter, error):
        """Is this error surely about one stream, so that the others can be read?"""
        if isinstance(error, errors.RateLimited):
            return adapter.rate_per_stream
        alone = errors.RejectedError | errors.ScopeError | errors.MalformedResponse
        return isinstance(error, alone) and len(adapter.streams) > 1

    def _fails_for_now(self, error):
        """May it be about one stream, or about the whole host? The others will tell."""
        return (
            isinstance(error, errors.TransientError)
            and not isinstance(error, errors.RateLimited | errors.Exhausted)
            and not error.about_account
        )

    # === TELLING === #
    def _stream_trouble(self):
        """Why a stream cannot be read, for the account's form; {} when all can."""
        found = (
            {**one, "stream": stream}
            for stream, one in (self.stream_rests or {}).items()
            if one.get("code")
        )
        return next(found, {})

    def _stream_label(self, stream):
        if stream == PUBLISH:
            return self.env._("Replies")
        if stream == REREAD:
            return self.env._("Edits and deletions")
        adapter_class = self.network_id._adapter_class(self.network_id.code)
        label = adapter_class and adapter_class.stream_labels.get(stream)
        return self.network_id._term(label) or stream

    def _verdict(self, silence):
        """Override: a stream that rests is named, and that all others go on."""
        health, text = super()._verdict(silence)
        # sudo: helpdesk.social.account - what rests, not what was read
        account = self.sudo()
        trouble = account._stream_trouble()
        ours = trouble.get("code") == self.error_code and not account.failures
        if health == "attention" and ours:
            until = datetime.fromisoformat(trouble["until"])
            return health, self.env._(
                "%(what)s: %(why)s Everything else goes on; this is tried again at "
                "%(time)s.",
                what=account._stream_label(trouble["stream"]),
                why=text,
                time=format_datetime(self.env, until, dt_format="short"),
            )
        if health == "good" and not text:
            return health, account._limited_sentence()
        return health, text

    def _limited_sentence(self):
        """What waits because the network asked us to slow down, or ''."""
        rests = self.stream_rests or {}
        limited = [one for one in rests if self._rests(one)]
        if not limited:
            return ""
        until = max(datetime.fromisoformat(rests[one]["until"]) for one in limited)
        return self.env._(
            "%(what)s: the network asks us to slow down until %(time)s. Everything "
            "else goes on.",
            what=", ".join(self._stream_label(one) for one in limited),
            time=format_datetime(self.env, until, dt_format="short"),
        )
