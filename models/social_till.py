"""What adapters are charged, on its way into the ledger.

An adapter's ``spent`` is a till that notes each charge on a slip of the running
transaction. The slip is booked right before the commit, together with the page or the
reply that was paid for; when the transaction is rolled back it is booked all the same,
by itself: the network sends its bill whatever becomes of our work. Only a process that
dies between the call and the commit forgets a slip. It must never make a commit fail.
"""

import logging
from collections import Counter

import pytz
from psycopg2 import Error

from odoo import SUPERUSER_ID, api
from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.sql_db import Cursor
from odoo.tools import mute_logger

from . import common

_logger = logging.getLogger(__name__)

_SLIP = "helpdesk_social.slip"


def zone_of(adapter_class):
    """Where the network's day of billing begins; UTC where nobody can tell."""
    try:
        return pytz.timezone(adapter_class.billing_zone)
    except (AttributeError, pytz.UnknownTimeZoneError):
        return pytz.utc


class Till(dict):
    """``Adapter.spent``: kind of charge -> how many, and a slip for the ledger.

    :param zone: where the network's day of billing begins
    """

    def __init__(self, cr, app_id, account_id, zone):
        super().__init__()
        self._cr, self._app_id, self._account_id = cr, app_id, account_id
        self._zone = zone

    def __setitem__(self, kind, number):
        more = number - self.get(kind, 0)
        dict.__setitem__(self, kind, number)
        if more > 0:
            # no query here: a call to the network has just ended, and no transaction
            # should begin before somebody has something to write
            day = common.utcnow().astimezone(self._zone).date()
            row = (self._app_id, self._account_id, day, str(kind))
            _slip(self._cr).charges[row] += more


class _Slip:
    """What one transaction was charged.

    ``charges``: {(app id, account id, day, kind): number}; ``booked``: it is part of
    the transaction now, what follows goes on a new slip.
    """

    def __init__(self, cr):
        self.charges, self.booked = Counter(), False
        self._cr = cr
        cr.precommit.add(self._book)
        cr.postrollback.add(self._book_apart)
        cr.postcommit.add(self._book_the_rest)

    def _book(self):
        self.booked = True
        try:
            with mute_logger("odoo.sql_db"), self._cr.savepoint(flush=False):
                _write(self._cr, self.charges)
        except Error as error:
            # the commit matters more; what the network bills is booked after it
            _logger.info("charges are booked apart: %s", error)
            self._cr.postcommit.add(self._book_apart)

    def _book_the_rest(self):
        """A savepoint that was rolled back took the first hook with it."""
        if not self.booked:
            self._book_apart()

    def _book_apart(self):
        if module.current_test and isinstance(self._cr, Cursor):
            return  # what a test has not committed is nobody's to see
        for last in (False, True):
            try:
                # not sql_db: the registry knows the one connection of a test
                with Registry(self._cr.dbname).cursor() as cr:
                    _write(cr, self.charges)
                return
            except Error:
                if last:
                    charges = dict(self.charges)
                    _logger.exception("charges could not be booked: %s", charges)


def _slip(cr) -> _Slip:
    slip = cr.precommit.data.get(_SLIP)
    if slip is None or slip.booked:
        slip = cr.precommit.data[_SLIP] = _Slip(cr)
    return slip


def _write(cr, charges):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["helpdesk.social.spending"]._write_down(charges)


def pending(cr) -> dict:
    """Charges of the running transaction that are not in the ledger yet."""
    slip = cr.precommit.data.get(_SLIP)
    return {} if slip is None or slip.booked else dict(slip.charges)
