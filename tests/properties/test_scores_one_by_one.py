"""G1: a referral scored alone and among all others has the same score."""

import fs_risk as fs
from fs_risk.triage.referral import declared_referrals
from fs_risk.triage.score import scorer


def test_batch_and_single_give_the_same_over_the_whole_history(small_authority, small_model):
    """G1: identical scores for every historic referral."""
    window = small_authority.coverage["referrals"]
    history = declared_referrals(
        small_authority, window.observed_from.date(), window.observed_to.date()
    )
    batch = scorer(small_authority, small_model).score(history)

    alone = [
        fs.score_referral(each, records=small_authority, model=small_model) for each in history
    ]

    assert alone == batch
