from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.binary import Binary
from odoo.addons.web.controllers.dataset import DataSet
from odoo.addons.web.controllers.report import ReportController


def may_log(model):
    """Whether an answer about a model may come with a line in the access log."""
    readings = request.env["clinic.reading"]
    return model.startswith(readings._around()) or bool(
        model in request.registry and readings._of(model)
    )


def call_is_readonly(controller, rule, args):
    """What is logged is not read from a replica; the rest as Odoo decides."""
    model = request.get_json_data().get("params", {}).get("model")
    if isinstance(model, str) and may_log(model):
        return False
    return controller._call_kw_readonly(rule, args)


def file_is_readonly(_controller, _rule, args):
    """Files of records are logged; pictures of the website and of users are not."""
    model = args.get("model") or request.httprequest.args.get("model")
    return bool(model) and model != "ir.attachment" and not may_log(model)


def never_readonly(_controller, _rule, _args):
    """Whoever prints a paper has read it: that is logged."""
    return False


class LoggedDataSet(DataSet):
    """Answers to programs, on a connection that can write the access log."""

    @http.route(readonly=call_is_readonly)
    def call_kw(self, model, method, args, kwargs, path=None):
        return super().call_kw(model, method, args, kwargs, path)


class LoggedBinary(Binary):
    """Files, on a connection that can write the access log."""

    @http.route(readonly=file_is_readonly)
    def content_common(self, *args, **kwargs):
        return super().content_common(*args, **kwargs)

    @http.route(readonly=file_is_readonly)
    def content_image(self, *args, **kwargs):
        return super().content_image(*args, **kwargs)


class LoggedReport(ReportController):
    """Papers, on a connection that can write the access log."""

    @http.route(readonly=never_readonly)
    def report_routes(self, reportname, docids=None, converter=None, **data):
        return super().report_routes(reportname, docids, converter, **data)
