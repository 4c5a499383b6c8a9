import pandas as pd

from fs_risk.records.records import Records


def test_fact_recorded_after_the_extract_does_not_become_known_early():
    """T5: its clock is kept, not replaced by the event's own date."""
    contacts = pd.DataFrame(
        {
            "contact_id": ["1"],
            "child_id": ["A"],
            "contact_date": pd.to_datetime(["2024-01-05"]),
            "known_date": pd.to_datetime(["2024-03-01"]),
        }
    )

    records = Records.from_frames({"contacts": contacts}, extract_date="2024-02-01")

    assert records["contacts"]["known_date"].item() == pd.Timestamp("2024-03-01")
