{
    "name": "Clinic: Complaints",
    "summary": "Complaints from any channel until they are answered and understood",
    "version": "19.0.1.0.0",
    "category": "Clinic",
    "author": "Clinic suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "license": "LGPL-3",
    "depends": ["clinic_agenda"],
    "data": [
        "security/ir.model.access.csv",
        "security/clinic_complaint_rules.xml",
        "data/clinic_complaint.xml",
        "views/clinic_complaint_views.xml",
        "views/portal_complaint_templates.xml",
    ],
    "demo": ["demo/clinic_demo_complaints.xml"],
}
