{
    "name": "Clinic: Recalls, follow-up and journeys",
    "summary": "Patients come back because the right recall reaches them",
    "version": "19.0.1.0.0",
    "category": "Clinic",
    "author": "Clinic suite contributors",
    "license": "LGPL-3",
    "depends": ["clinic_agenda"],
    "data": [
        "security/ir.model.access.csv",
        "views/clinic_recall_menus.xml",
    ],
    "application": True,
    "installable": True,
}
