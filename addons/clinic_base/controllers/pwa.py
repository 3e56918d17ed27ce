import json

from odoo import http
from odoo.http import request
from odoo.tools import file_open

from .secure_pages import PAGE

OPEN_PAGE = PAGE | {
    "auth": "public",
    "methods": ["GET"],
    "readonly": True,
    "multilang": False,
}
ICONS = "/clinic_base/static/src/portal"


class PwaPortal(http.Controller):
    """What makes the portal an app on a telephone.

    The worker keeps an offline page and static files; never a page of somebody's own.
    """

    @http.route("/my/manifest.webmanifest", **OPEN_PAGE)
    def portal_manifest(self, **_unknown):
        """Name, icons and first page of the app."""
        # sudo: res.company - the name stands on every page
        name = request.env.company.sudo().name
        manifest = {
            "id": "/my",
            "name": name,
            "short_name": name[:12],
            "start_url": "/my",
            "scope": "/my",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#1f7a8c",
            "lang": request.env.lang.replace("_", "-"),
            "icons": [
                {
                    "src": f"{ICONS}/icon-{size}.png",
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for size in (192, 512)
                for purpose in ("any", "maskable")
            ],
        }
        return request.make_response(
            json.dumps(manifest),
            headers=[("Content-Type", "application/manifest+json")],
        )

    @http.route("/my/service-worker.js", **OPEN_PAGE)
    def portal_worker(self, **_unknown):
        """The worker; allowed to look after everything below /my."""
        with file_open("clinic_base/static/src/portal/worker.js") as script:
            text = script.read()
        return request.make_response(
            text,
            headers=[
                ("Content-Type", "text/javascript"),
                ("Service-Worker-Allowed", "/my"),
                ("Cache-Control", "no-cache"),
            ],
        )

    @http.route("/my/offline", **OPEN_PAGE)
    def portal_offline(self, **_unknown):
        """Shown by the worker when there is no connection; the same for everybody."""
        return request.render("clinic_base.portal_offline")
