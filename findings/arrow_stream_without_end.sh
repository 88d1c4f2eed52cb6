#!/usr/bin/env bash
# Reading an Arrow IPC stream that ends after a whole record batch, without the mark of its end.
# Expected: an error or a warning, as from a file that lacks its last bytes.
# Observed: a shorter table, without a word. The format allows a stream to end without the mark, so the reader cannot
# tell a stream that was closed from one that was cut between two batches; the file format, with its footer, can.
# Why it matters: a download that stopped is trained on as if it were all; deltarule notes a missing mark.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check pyarrow==$(grep -m1 -ioE '^pyarrow==.*' "$(dirname "$0")/../constraints.txt" | cut -d= -f3)
"$place/venv/bin/python" -W error - <<'PYTHON'
import io, sys
import pyarrow as pa

print("pyarrow", pa.__version__)
batch = pa.record_batch({"x": [1.0, 2.0, 3.0]})
sink = io.BytesIO()
with pa.ipc.new_stream(sink, batch.schema) as writer:
    writer.write_batch(batch)
    cut = sink.tell()
    writer.write_batch(batch)
whole = sink.getvalue()
rows = {name: pa.ipc.open_stream(part).read_all().num_rows for name, part in (("whole", whole), ("cut", whole[:cut]))}
print(rows)
try:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
        cut = sink.tell()
        writer.write_batch(batch)
    pa.ipc.open_file(sink.getvalue()[:cut])
    refused = False
except pa.ArrowInvalid as error:
    refused = True
    print("the file format, cut:", str(error)[:60])
sys.exit(rows != {"whole": 6, "cut": 3} or not refused)
PYTHON
