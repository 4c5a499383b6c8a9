"""The same counts asked of featuretools, in its own environment."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from feature_work import KINDS, WINDOWS, Arrays


def by_featuretools(
    interpreter: Path, events: Arrays, cases: Arrays
) -> tuple[float, np.ndarray, dict[str, str]]:
    """Ask featuretools in its own environment; it keeps one clock only.

    Returns
    -------
    seconds : float
        Of its feature calculation alone.
    counts : ndarray of float32, shape (n_cases, n_columns)
    versions : dict of str to str
    """
    script = Path(__file__).with_name("featuretools_counts.py")
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.npz", Path(folder) / "made.npz"
        np.savez(given, windows=np.array(WINDOWS), n_kinds=len(KINDS), as_of=cases["as_of"],
                 case_child=cases["child"], **events)  # fmt: skip
        subprocess.run(
            [str(interpreter), "-W", "ignore", str(script), str(given), str(made)],
            check=True,
            capture_output=True,
        )
        with np.load(made) as result:
            versions = json.loads(str(result["versions"]))
            return float(result["seconds"]), result["counts"], versions
