from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..models.clinic_disruption_line import UNSETTLED
from . import common


class OtherTimeController(http.Controller):
    """The link for a visit that cannot take place: seeing by GET, choosing by POST."""

    def _line_of(self, token):
        """The line of a link in sudo, and who chooses.

        :raises NotFound: for anything odd, always the same
        """
        line, person = request.env["clinic.disruption.line"]._by_token(token)
        if not line:
            raise request.not_found()
        return line, person

    def _line_page(self, token, line, status=200, error=None):
        values = {
            "line": line,
            "visit": line.appointment_id,
            "url": f"/clinic/other-time/{token}",
            "is_open": line.state in UNSETTLED and line.appointment_id._is_to_come(),
            "error": error,
            # Closer to the visit only the proposals and the desk can move it.
            "may_change": request.env["clinic.booking"]._may_change(
                line.appointment_id
            )[0],
        }
        return common.page("clinic_agenda.other_time_page", values, status)

    @http.route("/clinic/other-time/<string:token>", **common.SHOWN)
    def other_time(self, token, **_unknown):
        """The visit as it was, and the times to choose from."""
        line, _person = self._line_of(token)
        return self._line_page(token, line)

    @http.route("/clinic/other-time/<string:token>/take", **common.SENT)
    def other_time_take(self, token, option=None, **_unknown):
        """Move the visit, or say that the time is gone."""
        common.limit("form")
        line, person = self._line_of(token)
        chosen = line.option_ids.filtered(lambda each: each.id == common.number(option))
        try:
            with request.env.cr.savepoint():
                line._take(chosen, person)
        except UserError as refusal:
            return self._line_page(token, line, 409, str(refusal))
        return common.redirect(f"/clinic/other-time/{token}")

    @http.route("/clinic/other-time/<string:token>/call", **common.SENT)
    def other_time_call(self, token, **_unknown):
        """None of them suits: the desk calls."""
        common.limit("form")
        line, _person = self._line_of(token)
        line._give_up()
        return common.redirect(f"/clinic/other-time/{token}")
