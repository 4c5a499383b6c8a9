"""Invented authorities whose rates of flow drift as they are told to; not the library's model.

Days, not months; hazards by days on the tier and by age; children come in families. The
logarithm of every rate walks at random from month to month with a known yearly spread.
"""

import numpy as np
import pandas as pd

from fs_risk.records.records import Records

YEARLY = {
    "come": 0.20, (2, 0): 0.10, (2, 3): 0.20, (2, 5): 0.20, (3, 2): 0.12, (3, 4): 0.2,
    (3, 5): 0.2, (4, 2): 0.15, (4, 5): 0.2, (5, 0): 0.10, "care": 0.15,
}  # fmt: skip
"""Standard deviation of the yearly change of each log rate."""

FIRST, WARM_YEARS = np.datetime64("2009-04-01"), 8


def rates(tier: int, months: np.ndarray, age: np.ndarray) -> dict[int, np.ndarray]:
    """Chances a month, before drift, by months on the tier and years of age."""
    early = months < 3
    if tier == 2:
        return {
            0: np.where(early, 0.20, np.where(months < 12, 0.10, 0.045)),
            3: np.where(early, 0.025, 0.010) * np.where(age < 5, 1.5, 0.8),
            5: 0.003 * np.where(age < 1, 3.0, 1.0),
        }
    if tier == 3:
        return {
            2: np.where(months < 3, 0.03, np.where(months < 9, 0.09, 0.13)),
            4: np.where(months < 6, 0.04, 0.025),
            5: np.where(months < 6, 0.015, 0.006),
        }
    if tier == 4:
        return {2: np.where(months < 4, 0.03, 0.08), 5: np.where(months < 3, 0.03, 0.05)}
    return {0: np.where(months < 6, 0.05, np.where(months < 24, 0.022, 0.010))}


def drifting_records(seed: int, *, years: int = 10, coming: float = 120.0) -> Records:
    """Make records of one authority over `years`, after a warm-up that is not observed."""
    rng = np.random.default_rng(seed)
    n_months = (WARM_YEARS + years) * 12
    walk = {
        key: np.cumsum(np.r_[np.zeros(WARM_YEARS * 12 - 36), rng.normal(0, sd / 12**0.5,
                             n_months - WARM_YEARS * 12 + 36)])
        for key, sd in YEARLY.items()
    }  # fmt: skip
    season = 1 + 0.12 * np.sin(2 * np.pi * (np.arange(n_months) % 12) / 12)
    child, tier, since, born = (np.zeros(0, dtype=int) for _ in range(4))
    n_children, rows, families, births = 0, [], [], []
    open_row: dict[int, dict] = {}
    for month in range(n_months):
        begin = (FIRST.astype("datetime64[M]") + month).astype("datetime64[D]")
        after = (FIRST.astype("datetime64[M]") + month + 1).astype("datetime64[D]")
        length = int((after - begin).astype(int))
        # families come
        for kind, first_tier, mean in (("come", 2, coming / 1.5), ("care", 5, coming / 50)):
            n_families = rng.poisson(mean * season[month] * np.exp(walk[kind][month]))
            sizes = 1 + (rng.random(n_families) < 0.35) + (rng.random(n_families) < 0.15)
            if kind == "care":
                sizes[:] = 1
            day = rng.integers(0, length, n_families)
            for family, size in enumerate(sizes):
                for _ in range(size):
                    name = n_children
                    n_children += 1
                    families.append((name, f"F{month}-{kind}-{family}"))
                    age = rng.integers(0, 17 * 12)
                    child = np.append(child, name)
                    tier, since = np.append(tier, first_tier), np.append(since, month)
                    born = np.append(born, month - age)
                    births.append(month - age)
                    start = begin + day[family]
                    open_row[name] = {first_tier: start, 2: start}
        # then they move
        months, age = month - since, (month - born) / 12
        to, u = tier.copy(), rng.random(len(tier))
        for at in (2, 3, 4, 5):
            mine = np.flatnonzero(tier == at)
            passed = np.zeros(len(mine))
            for end, base in rates(at, months[mine], age[mine]).items():
                chance = np.minimum(base * np.exp(walk[(at, end)][month]), 0.6)
                hit = (u[mine] >= passed) & (u[mine] < passed + chance)
                to[mine[hit]] = end
                passed = passed + chance
        to[(month - born) >= 18 * 12 - 1] = 0
        for row in np.flatnonzero(to != tier):
            name = int(child[row])
            held = open_row[name]
            # never before what has begun
            low = max([0, *(int((d - begin).astype(int)) + 1 for d in held.values())])
            day = begin + min(rng.integers(0, length), length - 1)
            day = max(day, begin + min(low, length - 1))
            for key in list(held):
                leaves = (key == tier[row] and key != 2) or to[row] == 0
                if leaves:
                    rows.append((key, name, held.pop(key), day))
            if to[row] not in (0, 2):
                held[int(to[row])] = day
        since = np.where(to != tier, month, since)
        tier = to
        stay = tier > 0
        child, tier, since, born = child[stay], tier[stay], since[stay], born[stay]
    for name, held in open_row.items():
        rows += [(key, name, start, np.datetime64("NaT")) for key, start in held.items()]
    return _as_records(rows, families, births, n_months)


def _as_records(rows, families, births, n_months):
    """Lay spells out as canonical tables; those that ended before the window are not held."""
    end = (FIRST.astype("datetime64[M]") + n_months).astype("datetime64[D]") - 1
    begin = (FIRST.astype("datetime64[M]") + WARM_YEARS * 12).astype("datetime64[D]")
    frame = pd.DataFrame(rows, columns=["tier", "child", "start_date", "end_date"])
    seen = frame["end_date"].isna() | (frame["end_date"] >= begin)
    frame = frame[seen].reset_index(drop=True)
    frame["child_id"] = "C" + frame["child"].astype(str)
    window = (str(begin), str(end))
    tables = {}
    for name, tier, key, first, last in (
        ("referrals", 2, "referral_id", "referral_date", "close_date"),
        ("cp_plans", 3, "cp_plan_id", "start_date", "end_date"),
        ("pre_proceedings", 4, "pre_proceedings_id", "start_date", "end_date"),
        ("care_periods", 5, "care_period_id", "start_date", "end_date"),
    ):
        part = frame[frame["tier"] == tier].sort_values("start_date", ignore_index=True)
        part[key] = [f"{name}{number}" for number in range(len(part))]
        part = part.rename(columns={"start_date": first, "end_date": last})
        tables[name] = part[["child_id", key, first, last]]
    links = pd.DataFrame(families, columns=["child", "family_id"])
    links["child_id"] = "C" + links["child"].astype(str)
    tables["family_links"] = links[links["child_id"].isin(frame["child_id"])][
        ["child_id", "family_id"]
    ]
    born = (FIRST.astype("datetime64[M]") + np.array(births)).astype("datetime64[D]")
    children = pd.DataFrame({"child": np.arange(len(born)), "birth_date": born})
    children["child_id"] = "C" + children["child"].astype(str)
    tables["children"] = children[children["child"].isin(frame["child"])][
        ["child_id", "birth_date"]
    ]
    return Records.from_frames(
        tables, extract_date=str(end), coverage=dict.fromkeys(tables, window)
    )
