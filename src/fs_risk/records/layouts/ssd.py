"""The Standard Safeguarding Dataset's tables, declared once for reader and writer.

Tables are told apart by the prefix of their columns, since file names differ between
authorities. Names, addresses, worker names, pupil numbers and free text are not
among the columns that are read.

References
----------
.. [1] Standard Safeguarding Dataset 1.4.5, data definition of July 2026.
"""

from collections.abc import Mapping
from types import MappingProxyType

from fs_risk.records.layouts.ssd_need import NEED
from fs_risk.records.layouts.ssd_protection import PROTECTION
from fs_risk.records.layouts.ssd_table import SsdTable

SSD_TABLES: Mapping[str, SsdTable] = MappingProxyType(
    {table.name: table for table in (*NEED, *PROTECTION)}
)
"""The tables that are read and written, by name."""

OTHER_PREFIXES = frozenset(
    {
        "addr",
        "cinv",
        "cppv",
        "cppr",
        "clar",
        "clav",
        "lapp",
        "lacp",
        "csdq",
        "clea",
        "perm",
        "prof",
        "dept",
        "link",
        "voch",
        "s251",
        "send",
        "senn",
        "ehcr",
        "ehca",
        "ehcn",
        "ehcp",
        "clac",
        "clah",
        "clai",
        "clas",
    }
)
"""Prefixes of tables that hold nothing we use; they are passed over."""

MOTHER_FAMILY = "mother:"
"""Before the mother's id in a family id that was made from ``ssd_mother``."""

UNACCOMPANIED = "Unaccompanied Asylum Seeking Child"
"""The immigration status of an unaccompanied child."""

INFERRED_FAMILY = "inferred:"
"""Before a family id that no return holds (`readers.inferred_households`)."""
