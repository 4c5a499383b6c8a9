"""Predictive risk profiles for English children's services, from what was known on the day.

Every number answers a question about what was known on a date. Start with
`make_authority` (an invented authority) or `read_ssd`, `read_cin_census`; then
`train_step_up`, `evaluate_step_up` and `score_referral`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
_WHERE = {
    "Records": "fs_risk.records.records",
}
__all__ = ["__version__", *_WHERE]

if TYPE_CHECKING:
    from fs_risk.records.records import Records as Records


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that importing the library stays cheap."""
    if name not in _WHERE:
        raise AttributeError(f"module 'fs_risk' has no attribute {name!r}")
    value = getattr(import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
