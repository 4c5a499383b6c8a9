"""CSV files of text, quoted only where it is needed."""

from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from fs_risk.records.writing.mess import Mess


def write_csv(frame: pd.DataFrame, path: Path, mess: Mess | None = None) -> None:
    """Write a frame of text as CSV.

    Parameters
    ----------
    frame : DataFrame
    path : Path
        Replaced if it exists.
    mess : Mess, optional
        Chooses the encoding; by default UTF-8 without a mark.
    """
    arrow = pa.Table.from_pandas(frame.astype("str"), preserve_index=False)
    buffer = BytesIO()
    pa_csv.write_csv(arrow, buffer, write_options=pa_csv.WriteOptions(quoting_style="needed"))
    written = buffer.getvalue()
    path.write_bytes(written if mess is None else mess.encoded(written.decode("utf-8")))
