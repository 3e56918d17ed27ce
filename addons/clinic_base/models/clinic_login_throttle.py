from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import AccessDenied
from odoo.http import request
from odoo.tools import SQL
from odoo.tools.misc import hmac

from ..lib import remote_address
from ..lib.visitor_network import network

MINUTE, HOUR, DAY = 60, 3600, 86400
#: ``{what is counted: ((failures, seconds), …)}``; of two, the second waits longer.
LIMITS = {
    # One account from one network: a person mistypes, a program guesses.
    "pair": ((10, 15 * MINUTE), (40, DAY)),
    # One account from everywhere it never logged in from.
    "account": ((40, HOUR), (200, DAY)),
    # One network, whatever the account: a whole clinic may sit behind it.
    "network": ((100, 15 * MINUTE),),
}
#: How long a network is known from which somebody logged in.
KNOWN = 60 * DAY


class ClinicLoginThrottle(models.AbstractModel):
    """How often somebody may guess: one count for all ways in and all processes.

    A guess is counted before it is checked, so that many at once are counted too, and
    given back when it was right. Accounts that do not exist are counted like others.

    Nobody can lock out another: what counts over all networks does not hold for
    those from which the account logged in lately.
    """

    _name = "clinic.login.throttle"
    _description = "Limit of log-ins"

    @api.model
    @contextmanager
    def _guard(self, account):
        """Let a guess through, or refuse it.

        :param str account: the login as it was typed
        :raises AccessDenied: there were too many wrong guesses lately
        """
        # sudo: ir.config_parameter - Odoo's own switch for limits of log-ins
        parameters = self.env["ir.config_parameter"].sudo()
        here = network(remote_address.current(request))
        if not here or parameters.get_param("base.login_cooldown_after") == "0":
            yield
            return
        keys = self._keys(account, here)
        known = self._is_known(keys["known"])
        counted = self._count(keys, ("pair", "network") if known else LIMITS)
        try:
            yield
        except AccessDenied:
            raise
        except BaseException:
            self._give_back(counted)
            raise
        self._give_back(counted)
        if not known:
            self.env["clinic.rate.limit"]._hit(keys["known"], 1, KNOWN)

    def _keys(self, account, here):
        """What is counted, without a name or an address in it."""
        account = (account or "").strip().lower()
        named = {
            "pair": (account, here),
            "account": (account,),
            "network": (here,),
            "known": (account, here),
        }
        # sudo: ir.config_parameter - the key is the secret of the database
        env = self.env(su=True)
        return {
            name: f"login:{name}:{hmac(env, 'clinic.login', (name, *parts))}"
            for name, parts in named.items()
        }

    def _count(self, keys, names):
        """Count one guess; the keys that were counted.

        :raises AccessDenied: one of them is at its limit
        """
        counted = []
        for name in names:
            for hits, seconds in LIMITS[name]:
                key = f"{keys[name]}:{seconds}"
                if not self.env["clinic.rate.limit"]._hit(key, hits, seconds):
                    self._give_back(counted)
                    raise AccessDenied(
                        self.env._(
                            "There were too many wrong passwords. Wait a quarter of an "
                            "hour, or ask for a new password."
                        )
                    )
                counted.append(key)
        return counted

    def _give_back(self, keys):
        """Take back the guess that was counted last under each of the keys."""
        with self.env["clinic.rate.limit"]._own_cursor() as cr:
            cr.execute(
                SQL(
                    "UPDATE clinic_rate_limit SET hits = hits - (-1)"
                    " WHERE key = ANY(%s)",
                    sorted(keys),
                )
            )

    def _is_known(self, key):
        """Whether the account logged in from here lately."""
        with self.env["clinic.rate.limit"]._own_cursor() as cr:
            cr.execute(
                SQL(
                    "SELECT 1 FROM clinic_rate_limit WHERE key = %s"
                    " AND expires_at > clock_timestamp() AT TIME ZONE 'UTC'",
                    key,
                )
            )
            return bool(cr.fetchone())
