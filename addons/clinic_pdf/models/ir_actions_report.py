import base64
import logging
import mimetypes
import re
from urllib.parse import urlsplit

import lxml.html

from odoo import api, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tools.mimetypes import guess_mimetype
from odoo.tools.misc import file_open

from ..lib import paper

_logger = logging.getLogger(__name__)

ENGINE = "clinic_pdf.engine"
VARIANT = "clinic_pdf.variant"
STATIC = re.compile(r"^/\w+/static/(?!.*\.\.)")
ASSETS = re.compile(r"^/web/assets/(?:\d+/)?([\w%-]+)/([\w.-]+)$")
IMAGE = re.compile(r"^/web/(?:image|content)/([a-z_.]+)/(\d+)/(\w+)(?:/.*)?$")
FILE = re.compile(r"^/web/(?:image|content)/(\d+)(?:-\w+)?(?:/.*)?$")
BARCODE = re.compile(r"^/report/barcode/(\w+)/(.+)$")
#: Sizes in millimetres that a paper format may name; A4 for all others.
SIZES = {"A5": (148, 210), "A4": (210, 297), "A3": (297, 420), "Letter": (216, 279)}


class IrActionsReport(models.Model):
    """Papers are set by WeasyPrint, behind Odoo's own call.

    Page headers and numbers, embedded fonts, PDF/A, the same on every machine. The
    parameter ``clinic_pdf.engine`` = ``wkhtmltopdf`` brings Odoo's own program back.
    """

    _inherit = "ir.actions.report"

    def _sets_papers(self):
        """Whether papers are set here; else by wkhtmltopdf."""
        # sudo: ir.config_parameter - a setting of the site
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param(ENGINE, "weasyprint") != "wkhtmltopdf"

    @api.model
    def get_wkhtmltopdf_state(self):
        """Odoo's client asks whether papers can be made."""
        return "ok" if self._sets_papers() else super().get_wkhtmltopdf_state()

    def _run_wkhtmltopdf(
        self,
        bodies,
        report_ref=False,
        header=None,
        footer=None,
        landscape=False,
        specific_paperformat_args=None,
        set_viewport_size=False,
    ):
        """Set the papers; arguments and answer are those of Odoo's method.

        :raises UserError: a paper could not be set
        """
        if not self._sets_papers():
            return super()._run_wkhtmltopdf(
                bodies,
                report_ref,
                header,
                footer,
                landscape,
                specific_paperformat_args,
                set_viewport_size,
            )
        report = self._get_report(report_ref) if report_ref else self
        headers = _parts(header, "minimal_layout_report_headers")
        footers = _parts(footer, "minimal_layout_report_footers")
        papers = [
            {"body": str(body), "header": _nth(headers, i), "footer": _nth(footers, i)}
            for i, body in enumerate(bodies)
        ]
        asked = specific_paperformat_args or {}
        sheet = _sheet(report.get_paperformat(), landscape, asked, self.env.company)
        # sudo: ir.config_parameter - a setting of the site
        variant = self.env["ir.config_parameter"].sudo().get_param(VARIANT, "pdf/a-3u")
        try:
            return paper.make(
                papers,
                sheet,
                self._paper_resource,
                title=report.name or "",
                variant="" if variant == "none" else variant,
            )
        except paper.NotSet as error:
            # Not the text of the paper: only the last lines of the program's trace.
            _logger.warning("Report %s could not be set: %s", report.id, error)
            raise UserError(
                self.env._(
                    "The PDF could not be made. Try again; if it is a long list, print "
                    "a part of it. The administrator finds the reason in the log."
                )
            ) from error

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Several papers that are kept as files are set one by one.

        Odoo would set them together and cut them at the bookmarks of wkhtmltopdf.
        """
        ids = list(dict.fromkeys(res_ids or ()))
        many = len(ids) > 1 and len(ids) == len(res_ids)
        if many and self._sets_papers() and self._get_report(report_ref).attachment:
            streams = {}
            for res_id in ids:
                streams |= super()._render_qweb_pdf_prepare_streams(
                    report_ref, dict(data), [res_id]
                )
            return streams
        return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)

    # -- what a paper may show beside its text ---------------------------------

    @api.model
    def _paper_resource(self, url):
        """What is behind an address that a paper names: of this site only.

        Nothing is fetched over the network. Files of addons and styles are public;
        pictures are read with the rights of who prints.

        :return: ``(content, type)``, or nothing
        """
        parts = urlsplit(url)
        ours = {urlsplit(self._get_report_url()).netloc, ""}
        ours.add(urlsplit(self.get_base_url()).netloc)
        if parts.scheme not in ("http", "https", "") or parts.netloc not in ours:
            _logger.info("A paper names something at %r; left out", parts.netloc)
            return None
        try:
            return self._paper_local(parts.path)
        except (AccessError, MissingError, OSError, ValueError) as error:
            _logger.info("A paper names what cannot be read: %s", type(error).__name__)
            return None

    def _paper_local(self, path):
        """The same for a path of this site."""
        if STATIC.match(path):
            with file_open(path[1:], "rb") as file:
                return file.read(), mimetypes.guess_type(path)[0] or "text/plain"
        if found := ASSETS.match(path):
            return self._paper_assets(*found.groups())
        if found := BARCODE.match(path):
            return self.barcode(*found.groups()), "image/png"
        if found := IMAGE.match(path):
            model, number, field = found.groups()
            record = self.env["ir.binary"]._find_record(
                res_model=model, res_id=int(number), field=field
            )
        elif found := FILE.match(path):
            record, field = (
                self.env["ir.binary"]._find_record(res_id=int(found[1])),
                "raw",
            )
        elif path == "/logo.png":
            record, field = self.env.company, "logo"
        else:
            return None
        content = record.with_context(bin_size=False)[field]
        if content and field != "raw":
            content = base64.b64decode(content)
        return (content, guess_mimetype(content)) if content else None

    def _paper_assets(self, unique, filename):
        """Styles of a bundle, made where nobody has asked for them yet."""
        # sudo: ir.attachment - styles that every visitor may read
        attachments = self.env["ir.attachment"].sudo()
        url = self.env["ir.asset"]._get_asset_bundle_url(filename, unique, {})
        known = [
            ("url", "=", url),
            ("public", "=", True),
            ("res_model", "=", "ir.ui.view"),
        ]
        found = attachments.search(known, limit=1)
        if not found:
            name, rtl, kind, prefix = self.env["ir.asset"]._parse_bundle_name(
                filename, False
            )
            if kind != "css":
                return None
            bundle = self.env["ir.qweb"]._get_asset_bundle(
                name, css=True, js=False, rtl=rtl, autoprefix=prefix
            )
            # sudo: ir.attachment - styles that every visitor may read
            found = bundle.css().sudo()
        return found.raw, "text/css"


def _parts(html, name):
    """The headers, or footers, of a page that holds those of all papers."""
    if not html:
        return []
    tree = lxml.html.fromstring(str(html))
    nodes = tree.xpath("//div[@id=$name]/*", name=name)
    return [lxml.html.tostring(node, encoding="unicode") for node in nodes]


def _nth(parts, number):
    """The part of a paper; one alone is that of all."""
    if len(parts) == 1:
        return parts[0]
    return parts[number] if number < len(parts) else None


def _sheet(paperformat, landscape, asked, company):
    """Size, letters and margins of a paper format, in millimetres."""
    width, height = SIZES.get(paperformat.format, SIZES["A4"])
    if paperformat.format == "custom" and paperformat.page_width:
        width, height = paperformat.page_width, paperformat.page_height
    if landscape or asked.get("data-report-landscape"):
        landscape = True
    elif paperformat.orientation == "Landscape":
        landscape = True
    if landscape:
        width, height = height, width
    return {
        "width": width,
        "height": height,
        "left": paperformat.margin_left,
        "right": paperformat.margin_right,
        "top": float(asked.get("data-report-margin-top", paperformat.margin_top)),
        "font": re.sub(r"[^\w -]", "", company.font or "") or "Lato",
        "bottom": float(
            asked.get("data-report-margin-bottom", paperformat.margin_bottom)
        ),
    }
