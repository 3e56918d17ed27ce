from odoo.http import request


def speak_to(patient):
    """Speak the language of a patient in this answer, when the site has it.

    :param patient: res.partner in sudo
    :returns: code of the language
    """
    lang = patient.lang
    if lang in dict(request.env["res.lang"].get_installed()):
        request.update_context(lang=lang)
    return request.env.lang
