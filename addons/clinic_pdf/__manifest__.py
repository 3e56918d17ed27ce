{
    "name": "Clinic: PDF",
    "summary": "Papers as PDF/A with page headers, numbers and embedded fonts",
    "version": "19.0.1.0.0",
    "category": "Clinic",
    "license": "LGPL-3",
    "author": "Clinic suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "depends": ["web"],
    "external_dependencies": {"python": ["weasyprint"]},
}
