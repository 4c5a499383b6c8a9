"""How `annex_a_old.xls` was made: an Annex A workbook in the format of Excel 97 to 2003.

Invented children. Run once, with xlwt (which the project does not depend on) beside it:
``pip install xlwt && python tests/golden/make_annex_a_xls.py``.
"""

from datetime import date
from pathlib import Path

import xlwt

from fs_risk.records.layouts.annex_a import LISTS

TARGET = Path(__file__).with_name("annex_a_old.xls")
DAY = xlwt.easyxf(num_format_str="DD/MM/YYYY")
ROWS = {
    1: [
        {
            "child_id": "C1",
            "birth_date": date(2015, 5, 1),
            "contact_date": date(2024, 1, 9),
            "source": "q) 6: Police",
        },
        {
            "child_id": 1002.0,
            "birth_date": "01/06/2016",
            "contact_date": "09/01/2024",
            "source": "e) 2A: Schools",
        },
    ],
    3: [
        {
            "child_id": "c1 ",
            "sex": "a) Male",
            "referral_date": date(2024, 1, 10),
            "source": "q) 6: Police",
            "no_further_action": "b) No",
        },
        {
            "child_id": 1002.0,
            "sex": "b) Female",
            "referral_date": date(2024, 1, 11),
            "source": "e) 2A: Schools",
            "no_further_action": "a) Yes",
        },
    ],
    7: [
        {
            "child_id": "C1",
            "start_date": date(2024, 3, 1),
            "initial_category": "a) Neglect",
            "previous_plans": 1.0,
        },
    ],
}


def main() -> None:
    """Write the workbook: a title in row 1, the names of columns in row 2."""
    book = xlwt.Workbook(encoding="cp1252")
    for number, which in LISTS.items():
        sheet = book.add_sheet(f"List_{number}")
        sheet.write(0, 0, f"List {number}: {which.title}")
        for at, column in enumerate(which.columns):
            sheet.write(1, at, column.header)
        for down, row in enumerate(ROWS.get(number, []), 2):
            for at, column in enumerate(which.columns):
                value = row.get(column.name)
                if isinstance(value, date):
                    sheet.write(down, at, value, DAY)
                elif value is not None:
                    sheet.write(down, at, value)
    book.save(str(TARGET))


if __name__ == "__main__":
    main()
