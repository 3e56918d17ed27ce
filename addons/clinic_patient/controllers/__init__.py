from . import care_plan, data, home, password, pwa, report, spreadsheet
