import logging

from psycopg2.errors import LockNotAvailable
from werkzeug.exceptions import BadRequest, MethodNotAllowed, ServiceUnavailable
from werkzeug.utils import redirect

from odoo import models
from odoo.http import request

from ..lib import outside_values, remote_address, secret_routes

_logger = logging.getLogger(__name__)

#: Pages for people outside, and how long they wait for a row that is locked.
VISITORS = ("/clinic/", "/my/")
PATIENCE = "4s"
#: Answers of HTTP to a form that lost its session, or was opened by its address.
REFUSED = (400, 405, 429)
#: Forms of visitors that are sent again after their session was lost.
REPEATABLE = ("/clinic/book/", "/clinic/enquiry")
#: What a page whose address is a secret is sent with: no search engine keeps it, no
#: other site gets its address, no browser keeps it.
SECRET = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
#: Pages of one's own, and those where passwords are typed: shown in no frame of others.
FRAMELESS = ("/my", "/web/login", "/web/signup", "/web/reset_password", "/clinic")


class IrHttp(models.AbstractModel):
    """Headers that a page needs by what its address is, errors included."""

    _inherit = "ir.http"

    @classmethod
    def _match(cls, path_info):
        """Answer an address that no page has before anybody works with it.

        :raises BadRequest: it goes up in folders, or holds what is no text; not
            ``NotFound``, whose page is made with this very address
        """
        if outside_values.is_odd_path(path_info):
            raise BadRequest()
        try:
            return super()._match(path_info)
        except MethodNotAllowed as refusal:
            page = request.httprequest.method == "GET" and cls._clinic_above()
            if page:
                # The address of a form, opened by itself: Odoo makes no page of this.
                refusal.error_response = redirect(page, 303)
                cls._clinic_headers(refusal.error_response)
            raise

    @classmethod
    def _pre_dispatch(cls, rule, args):
        if cls._clinic_is_ours(rule.endpoint) and request.dispatcher.routing_type in (
            "json",
            "jsonrpc",
        ):
            cls._clinic_check_json()
        result = super()._pre_dispatch(rule, args)
        remote_address.remember(request.httprequest.remote_addr)
        return result

    @classmethod
    def _clinic_is_ours(cls, endpoint):
        """Whether a route is one of the suite's addons."""
        function = getattr(endpoint, "func", endpoint)
        return "odoo.addons.clinic_" in (getattr(function, "__module__", "") or "")

    @classmethod
    def _clinic_check_json(cls):
        """Refuse what a parser would give up on.

        :raises BadRequest: nested too deeply
        """
        if outside_values.is_too_deep(request.httprequest.get_data(cache=True)):
            raise BadRequest()

    @classmethod
    def _dispatch(cls, endpoint):
        if cls._clinic_is_ours(endpoint) and not outside_values.is_text(request.params):
            raise BadRequest()
        return cls._clinic_dispatch(endpoint)

    @classmethod
    def _clinic_dispatch(cls, endpoint):
        """Let no visitor wait for a lock that somebody forgot.

        Odoo tries a request again five times, each with the whole wait: after minutes
        every process would wait for one row.

        :raises ServiceUnavailable: the row stayed locked; nothing was written
        """
        if not request.httprequest.path.startswith(VISITORS) or request.env.cr.readonly:
            return super()._dispatch(endpoint)
        request.env.cr.execute(
            "SELECT set_config('lock_timeout', %s, TRUE)", [PATIENCE]
        )
        try:
            return super()._dispatch(endpoint)
        except LockNotAvailable:
            _logger.warning("A visitor was sent away: a row stayed locked")
            raise ServiceUnavailable(retry_after=10) from None

    @classmethod
    def _get_error_html(cls, env, code, values):
        if code == 503:
            again = request.httprequest.method == "GET" and request.httprequest.path
            values = values | {"again": again}
            return code, env["ir.ui.view"]._render_template(
                "clinic_base.try_again", values
            )
        if code in REFUSED and request.httprequest.path.startswith(VISITORS):
            return code, env["ir.ui.view"]._render_template(
                "clinic_base.form_refused", values | cls._clinic_lead_on(code)
            )
        return super()._get_error_html(env, code, values)

    @classmethod
    def _clinic_lead_on(cls, code):
        """What a page needs that leads on from a form that was not taken.

        A form of somebody who is not logged in may be sent again as it was: it does
        nothing by a right of the visitor that a page of somebody else could borrow.
        """
        path = request.httprequest.path
        typed = request.httprequest.form
        public = request.env.user._is_public() and path.startswith(REPEATABLE)
        again = code == 400 and public and "csrf_token" in typed and typed
        return {
            "error_words": code == 429
            and request.env._(
                "There were too many requests from here. Try again in a few minutes, "
                "or call us."
            ),
            "again": again
            and [
                (name, value)
                for name, value in again.items(multi=True)
                if name != "csrf_token"
            ],
            "lead_on": cls._clinic_above() or "/",
        }

    @classmethod
    def _clinic_above(cls):
        """The page nearest above the address of a form that somebody opened by it.

        :returns: path; ``None`` where the address is nothing for visitors
        """
        path = request.httprequest.path
        if not path.startswith(VISITORS):
            return None
        pages = request.env["ir.http"].routing_map().bind("")
        while path.count("/") > 1:
            path = path.rpartition("/")[0]
            if pages.test(path, "GET"):
                return path
        return None

    @classmethod
    def _post_dispatch(cls, response):
        result = super()._post_dispatch(response)
        cls._clinic_headers(response)
        return result

    @classmethod
    def _handle_error(cls, exception):
        response = super()._handle_error(exception)
        if isinstance(exception, ServiceUnavailable):
            headers = getattr(response, "headers", None)
            if headers is not None:
                headers.setdefault("Retry-After", str(exception.retry_after or 10))
        cls._clinic_headers(response)
        return response

    @classmethod
    def _clinic_headers(cls, response):
        """Add what the address asks for, where the page did not say it itself."""
        headers = getattr(response, "headers", None)
        if headers is None:
            # An exception that is its own answer; nginx adds the headers.
            return
        path = request.httprequest.path
        if secret_routes.mask(path) != path:
            for name, value in SECRET.items():
                headers.setdefault(name, value)
        if path.startswith(FRAMELESS):
            headers.setdefault("X-Frame-Options", "SAMEORIGIN")
            if "frame-ancestors" not in headers.get("Content-Security-Policy", ""):
                headers.add("Content-Security-Policy", "frame-ancestors 'self'")
