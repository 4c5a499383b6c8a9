import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from fs_risk.outcomes.events import EventDays, Periods
from fs_risk.records.dates import from_days

CHILDREN = pd.Index(["A", "B", "C"])
children = st.sampled_from(["A", "B", "C", "D"])
days = st.integers(-50, 50)


@given(st.lists(st.tuples(children, days)), st.sampled_from(["A", "B", "C"]), days, days)
def test_look_ups_agree_with_counting_one_by_one(events, child, first, last):
    frame = pd.DataFrame(events, columns=["child_id", "day"]).astype({"child_id": "str"})
    known = EventDays(frame["child_id"], frame["day"].to_numpy(dtype=np.int64), CHILDREN)
    code, low, high = (np.array([value]) for value in (CHILDREN.get_loc(child), first, last))

    own = [day for owner, day in events if owner == child]

    assert known.before(code, low).item() == sum(day < first for day in own)
    assert known.between(code, low, high).item() == any(first <= day <= last for day in own)


@given(
    st.lists(st.tuples(children, days, st.none() | days)), st.sampled_from(["A", "B", "C"]), days
)
def test_open_periods_agree_with_looking_at_each(periods, child, day):
    start = from_days(np.array([begun for _, begun, _ in periods], dtype=np.int32))
    ended = [begun if end is not None and end < begun else end for _, begun, end in periods]
    frame = pd.DataFrame(
        {
            "child_id": pd.Series([owner for owner, _, _ in periods], dtype="str"),
            "start_date": start,
            "end_date": pd.to_datetime(
                pd.Series(
                    [None if end is None else np.datetime64(end, "D") for _, _, end in periods],
                    dtype="object",
                )
            ).astype("datetime64[s]"),
        }
    )

    found = (
        Periods(frame, CHILDREN)
        .open_on(np.array([CHILDREN.get_loc(child)]), np.array([day]))
        .item()
    )

    assert found == any(
        owner == child and begun < day and (end is None or end >= day)
        for (owner, begun, _), end in zip(periods, ended, strict=True)
    )
