from odoo import http
from odoo.http import request

from ..models.clinic_disruption_line import UNSETTLED
from . import common
from .signed_link import SignedLinkPages


class OtherTimeController(SignedLinkPages, http.Controller):
    """The link for a visit that cannot take place."""

    link_model = "clinic.disruption.line"
    link_template = "clinic_agenda.other_time_page"

    def _link_values(self, record):
        visit = record.appointment_id
        return {
            "line": record,
            "visit": visit,
            "is_open": record.state in UNSETTLED and visit._is_to_come(),
            # Closer to the visit only the proposals and the desk can move it.
            "may_change": request.env["clinic.booking"]._may_change(visit)[0],
        }

    @http.route("/clinic/other-time/<string:token>", **common.SHOWN)
    def other_time(self, token, **_unknown):
        """The visit as it was, and the times to choose from."""
        return self._signed_page(token, self._signed(token)[0])

    @http.route("/clinic/other-time/<string:token>/take", **common.SENT)
    def other_time_take(self, token, option=None, **_unknown):
        """Move the visit, or say that the time is gone."""
        wanted = common.number(option)
        return self._signed_answer(
            token,
            lambda line, person: line._take(
                line.option_ids.filtered(lambda each: each.id == wanted), person
            ),
        )

    @http.route("/clinic/other-time/<string:token>/call", **common.SENT)
    def other_time_call(self, token, **_unknown):
        """None of them suits: the desk calls."""
        return self._signed_answer(token, lambda line, _person: line._give_up())
