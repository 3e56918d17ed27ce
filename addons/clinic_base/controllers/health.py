import json

from odoo import http
from odoo.http import request

from ..models.clinic_health import LEVELS


class HealthController(http.Controller):
    """How the site is: a word for a monitor, sentences for an administrator."""

    @http.route(
        "/clinic/health",
        type="http",
        auth="public",
        website=True,
        multilang=False,
        methods=["GET"],
        sitemap=False,
    )
    def health(self, **_unknown):
        """Answer 200 while all is well or something needs a look, 503 when it is bad.

        A monitor gets ``{"status": "good"}`` and the levels of the checks as JSON, some
        seconds old; an administrator of the clinic a page that says what is wrong and
        what to do.
        """
        # sudo: clinic.health - levels only, unless an administrator asks
        health = request.env["clinic.health"].sudo()
        if request.env.user.has_group("clinic_base.group_clinic_administrator"):
            checks = health._checks()
            values = {"checks": checks, "level": health._level(checks)}
            response = request.render("clinic_base.health", values)
        else:
            told = health._levels()
            level = max(told.values(), key=LEVELS.index)
            response = request.make_response(
                json.dumps({"status": level, "checks": told}),
                [("Content-Type", "application/json")],
            )
            response.status_code = 503 if level == "bad" else 200
        response.headers["Cache-Control"] = "no-store"
        return response
