"""Children on the exclusion list taken out of a census file, before it is checked.

A check that compares children (two with one pupil number, say) would otherwise join an
adopted child's two identities in its finding.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from fs_risk.readers.cin_file import CensusFile
from fs_risk.records.exclusions import excluding_note, listed
from fs_risk.records.layouts.cin import BLOCKS


def without_children(census: CensusFile, excluded: frozenset[str]) -> CensusFile:
    """Give a census file without the listed children and all that lies in them.

    Parameters
    ----------
    census : CensusFile
    excluded : frozenset of str

    Returns
    -------
    CensusFile
    """
    if not excluded:
        return census
    kept: dict[str, np.ndarray] = {}
    blocks: dict[str, pd.DataFrame] = {}
    n_gone = 0
    for name, block in BLOCKS.items():
        frame = census.blocks[name]
        stays = np.ones(len(frame), dtype=bool)
        if name == "children":
            stays = ~listed(frame["LAchildID"], excluded).to_numpy()
        elif block.parent:
            stays = kept[block.parent][frame[block.parent].to_numpy()]
        kept[name] = stays
        n_gone += int((~stays).sum())
        blocks[name] = frame[stays].reset_index(drop=True)
        if block.parent:
            # positions in the parent's frame have moved up
            position = np.cumsum(kept[block.parent]) - 1
            blocks[name][block.parent] = position[blocks[name][block.parent].to_numpy()]
    findings = (*census.findings, *excluding_note(n_gone))
    return replace(census, blocks=blocks, findings=findings)
