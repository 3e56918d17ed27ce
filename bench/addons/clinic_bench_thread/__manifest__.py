{
    "name": "Clinic bench: a log on mail.thread",
    "summary": "The rows of clinic.message as an ordinary model with a chatter",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Clinic suite contributors",
    "license": "LGPL-3",
    "depends": ["clinic_message"],
    "installable": True,
}
