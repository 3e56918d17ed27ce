from . import care_plan, data, home, password, payment, pwa, report, spreadsheet
