import threading
from contextlib import contextmanager

from odoo import SUPERUSER_ID, models
from odoo.exceptions import AccessDenied, UserError

from ..lib import weak_password
from ..lib.ours import OURS, is_ours


class ResUsers(models.Model):
    """Who gets in: guesses are limited, passwords are no first guesses, and a role may
    ask for a second factor."""

    _inherit = "res.users"

    @contextmanager
    def _assert_can_auth(self, user=None):
        """Let nobody guess, and spend as long on a log-in that does not exist.

        Odoo checks a password only of those it knows, and a check takes a third of a
        second: long enough to tell from outside who has an account.

        :param user: the login that was typed, or the number of a user
        :raises AccessDenied: wrong, or too many wrong guesses before
        """
        account = user if isinstance(user, str) else self._login_of(user)
        if getattr(threading.current_thread(), "clinic_guarded", None) == account:
            # The second of two gates that one guess goes through.
            yield
            return
        with self._guarded(account), super()._assert_can_auth(user=user):
            try:
                yield
            except AccessDenied:
                if isinstance(user, str) and not self._has_password(user):
                    self._crypt_context().hash("")
                raise

    @contextmanager
    def _guarded(self, account):
        """Count a guess of this request, once."""
        if is_ours(self.env.context, "clinic_no_secret_to_guess"):
            yield
            return
        with self.env["clinic.login.throttle"]._guard(account):
            thread = threading.current_thread()
            thread.clinic_guarded = account
            try:
                yield
            finally:
                thread.clinic_guarded = None

    def _login_of(self, user_id):
        """What a user of this number types to log in: both ways count as one."""
        # sudo: res.users - the answer is used to count by
        found = self.sudo().browse(user_id).exists() if user_id else self
        return found.login or f"#{user_id}"

    def _on_login_cooldown(self, failures, previous):
        """Odoo counts by network only, and each process for itself; here nobody waits.

        See :class:`ClinicLoginThrottle`.
        """
        return False

    def _login(self, credential, user_agent_env):
        """A passkey cannot be guessed: it opens the door also while others guess."""
        users = self
        if credential.get("type") == "webauthn":
            users = self.with_context(clinic_no_secret_to_guess=OURS)
        return super(ResUsers, users)._login(credential, user_agent_env)

    def _check_credentials(self, credential, env):
        """Count guesses also where somebody who is logged in is asked once more."""
        if credential.get("type") != "password":
            return super()._check_credentials(credential, env)
        with self._assert_can_auth(user=self.env.user.login):
            return super()._check_credentials(credential, env)

    def _set_password(self):
        """Refuse passwords that are guessed first.

        The demo clinic's are such: what is loaded with an addon is not asked.

        :raises UserError: too short, or too easy
        """
        if self.env.uid == SUPERUSER_ID:
            users = self.with_context(clinic_any_password=OURS)
            return super(ResUsers, users)._set_password()
        for user in self:
            password = user.password or ""
            words = [user.login, user.name, user.email, self.env.company.name]
            if password and weak_password.is_weak(password, words):
                raise UserError(
                    self.env._(
                        "This password is easy to guess. Take several words, and "
                        "neither your name nor your log-in."
                    )
                )
        return super()._set_password()

    def _check_password_policy(self, passwords):
        """Odoo's, save for what is loaded with an addon."""
        if is_ours(self.env.context, "clinic_any_password"):
            return None
        return super()._check_password_policy(passwords)

    def _mfa_type(self):
        """A second factor is asked of whose role requires it, by e-mail at least."""
        kind = super()._mfa_type()
        # sudo: res.groups - before the log-in nobody may read the roles
        if kind is None and self.sudo().all_group_ids.filtered("clinic_second_factor"):
            return "totp_mail"
        return kind

    def _has_password(self, login):
        """Whether there is a password to compare with for this login."""
        # sudo: res.users - the answer is used for its time only
        users = self.sudo()
        found = users.search(users._get_login_domain(login), limit=1)
        self.env.cr.execute(
            "SELECT 1 FROM res_users WHERE id = %s AND COALESCE(password, '') <> ''",
            [found.id or 0],
        )
        return bool(self.env.cr.rowcount)
