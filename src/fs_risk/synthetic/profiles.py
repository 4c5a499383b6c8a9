"""Sizes of authority by name, so that a test need not say how small it wants one."""

from typing import NamedTuple

from fs_risk.errors import SettingError, nearest


class Profile(NamedTuple):
    """How large an authority is unless it is said.

    Attributes
    ----------
    children, years : int
    """

    children: int
    years: int


PROFILES = {
    "england": Profile(62_700, 8),
    "small": Profile(1_000, 4),
}
"""``england``: the median authority. ``small``: for tests, in about a second.

Both have the same rates: a profile is a size, never another world.
"""


def profile_named(name: str) -> Profile:
    """Give a profile.

    Raises
    ------
    SettingError
        If there is none of that name.

    Examples
    --------
    >>> profile_named("small").children
    1000
    """
    if name not in PROFILES:
        raise SettingError(
            f"There is no profile {name!r}.{nearest(str(name), PROFILES)}",
            where="make_authority(profile=)",
            fix=f"Use {', '.join(PROFILES)}.",
        )
    return PROFILES[name]
