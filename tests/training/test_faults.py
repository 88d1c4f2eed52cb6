"""A disk that fails, fills up or loses power at any call: the last good checkpoint stays and resumes."""

from __future__ import annotations

import json

import pytest

from deltarule.models.files import MODEL_FILE
from deltarule.models.loading import load
from deltarule.training.checkpoint import Checkpoint

from .faults import check
from .runs import Stop, StopAt, read_output, resume_run, start, train

BETWEEN = '''
"""A layer between Python and the disk: the call that FAULT names fails half done, or kills the process."""
import builtins, errno, os, signal

counts = {}

def fault(kind, half=lambda: None):
    wanted = os.environ.get("FAULT", "").split()
    if not wanted:
        return
    counts[kind] = counts.get(kind, 0) + 1
    if wanted[:2] == [kind, str(counts[kind])]:
        half()
        if wanted[2] == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

class File:
    """A file opened for writing whose writes may fail."""

    def __init__(self, file):
        self.file = file

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.file.close()

    def write(self, content):
        def half():
            self.file.write(content[: len(content) // 2])
            self.file.flush()
        fault("write", half)
        return self.file.write(content)

real_open, real_fsync, real_replace, real_write = builtins.open, os.fsync, os.replace, os.write

def open_(path, mode="r", *rest, **more):
    file = real_open(path, mode, *rest, **more)
    return File(file) if "w" in mode else file

def fsync(descriptor):
    fault("fsync")
    real_fsync(descriptor)

def replace(*names, **more):
    fault("rename")
    real_replace(*names, **more)

def write(descriptor, content):
    fault("write", lambda: real_write(descriptor, content[: len(content) // 2]))
    return real_write(descriptor, content)

builtins.open, os.fsync, os.replace, os.write = open_, fsync, replace, write
'''


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("between")
    (folder / "sitecustomize.py").write_text(BETWEEN)
    program = "from training.faults import main; main('fail', 'kill')"
    return json.loads(read_output(start(program, path=str(folder), OPENBLAS_NUM_THREADS="1", FAULT="")))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["fail", "kill"])
def test_a_fault_at_any_write_fsync_or_rename_does_no_harm(found, mode):
    assert found["saves"] == [0, 7, 11, 14, 21, 22]
    check(found, mode)


LIMITED = """
import resource, signal, sys
from deltarule.errors import DeltaruleError
from training.runs import resume_run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for size in map(int, sys.argv[2:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        resume_run(sys.argv[1])
    except DeltaruleError as error:
        print(type(error).__name__, error)
"""


def test_a_full_disk_keeps_the_last_checkpoint(tmp_path):
    with pytest.raises(Stop):
        train(callbacks=[Checkpoint(tmp_path, 3), StopAt(1, 9)])
    saved = load(tmp_path).parameters_sha256
    content = (tmp_path / MODEL_FILE).read_bytes()
    sizes = [0, 1, 8, 1000, 4096, len(content) // 2, len(content) - 1]
    lines = read_output(start(LIMITED, str(tmp_path), *map(str, sizes))).splitlines()
    assert len(lines) == len(sizes)
    assert all(line.startswith("FileError") and "File too large" in line for line in lines)
    assert (tmp_path / MODEL_FILE).read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == [MODEL_FILE]

    # room for a checkpoint with another record within the epoch, but not with another epoch
    (line,) = read_output(start(LIMITED, str(tmp_path), str(len(content) + 160))).splitlines()
    assert "File too large" in line
    assert load(tmp_path).parameters_sha256 != saved
    assert len(load(tmp_path).history) == 1

    assert resume_run(tmp_path).parameters_sha256 == train().parameters_sha256
