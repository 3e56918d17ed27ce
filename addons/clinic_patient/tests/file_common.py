import base64
import io

from PIL import Image

from odoo.http import Request


def pdf(words="Report"):
    """A small PDF whose text differs with ``words``."""
    body = f"BT /F1 18 Tf 40 100 Td ({words}) Tj ET"
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
        "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        f"<</Length {len(body)}>>stream\n{body}\nendstream",
    ]
    text, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(text))
        text += f"{number} 0 obj{part}endobj\n"
    start = len(text)
    text += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n"
    text += "".join(f"{place:010} 00000 n \n" for place in places)
    text += f"trailer<</Size {len(parts) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
    return text.encode()


def picture(kind="PNG"):
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 200, 200)).save(buffer, kind)
    return buffer.getvalue()


def drawing():
    """A signature as a browser sends it: base64 of a small picture."""
    buffer = io.BytesIO()
    Image.new("RGBA", (120, 40), (0, 0, 0, 255)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


class ChatterFiles:
    """Mixin for ``HttpCase``: files as Odoo's chatter sends and deletes them."""

    def upload(self, record, name, **more):
        """Put a file on a record; the answer as Odoo gives it to the browser."""
        answer = self.url_open(
            "/mail/attachment/upload",
            data={
                "csrf_token": Request.csrf_token(self),
                "thread_model": record._name,
                "thread_id": record.id,
                **more,
            },
            files={"ufile": (name, pdf("Other"), "application/pdf")},
        )
        return answer.json() if answer.ok else {"error": answer.status_code}

    def delete(self, file, **more):
        """Delete a file; somebody may have got hold of the token of ownership."""
        return self.make_jsonrpc_request(
            "/mail/attachment/delete",
            {
                "attachment_id": file.id,
                "access_token": file.sudo()._get_ownership_token(),
                **more,
            },
        )

    def files(self, record, name):
        self.env.invalidate_all()
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", record._name),
                ("res_id", "=", record.id),
                ("name", "=", name),
            ]
        )
