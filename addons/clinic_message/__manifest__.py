{
    "name": "Clinic: Messages",
    "summary": "One log and one way out for every message of a clinic",
    "version": "19.0.1.0.0",
    "category": "Clinic",
    "author": "Clinic suite contributors",
    "license": "LGPL-3",
    "depends": ["clinic_patient", "sms", "bus"],
    "external_dependencies": {"python": ["phonenumbers", "requests"]},
    "data": [
        "security/ir.model.access.csv",
        "views/clinic_message_menus.xml",
    ],
    "application": True,
    "installable": True,
}
