"""The faults of ``test_faults`` in the C library, for ``make soak``; needs a C compiler."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from .faults import check
from .runs import read_output, start

BETWEEN = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* whether this call is the one that FAULT names, and how it is to go: f(ail), k(ill), s(hort) or 0 */
static int fault(const char *kind, int *count) {
    const char *wanted = getenv("FAULT");
    char name[16], mode[16];
    int n;
    if (!wanted || sscanf(wanted, "%15s %d %15s", name, &n, mode) != 3) return 0;
    *count += 1;
    return strcmp(name, kind) == 0 && n == *count ? mode[0] : 0;
}

static int is_a_checkpoint(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 5) return 0;
    path[n] = 0;
    return strcmp(path + n - 5, ".part") == 0;
}

ssize_t write(int descriptor, const void *content, size_t size) {
    static ssize_t (*real)(int, const void *, size_t);
    static int count;
    if (!real) real = dlsym(RTLD_NEXT, "write");
    int mode = is_a_checkpoint(descriptor) ? fault("write", &count) : 0;
    if (!mode) return real(descriptor, content, size);
    ssize_t done = real(descriptor, content, size / 2);
    if (mode == 's') return done;
    if (mode == 'k') kill(getpid(), SIGKILL);
    errno = EIO;
    return -1;
}

int fsync(int descriptor) {
    static int (*real)(int);
    static int count;
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    int mode = fault("fsync", &count);
    if (mode == 'k') kill(getpid(), SIGKILL);
    if (mode == 'f') { errno = EIO; return -1; }
    return real(descriptor);
}

int rename(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    static int count;
    if (!real) real = dlsym(RTLD_NEXT, "rename");
    int mode = fault("rename", &count);
    if (mode == 'k') kill(getpid(), SIGKILL);
    if (mode == 'f') { errno = EIO; return -1; }
    return real(from, to);
}
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("between")
    (folder / "between.c").write_text(BETWEEN)
    library = folder / "between.so"
    assert shutil.which("cc"), "make soak needs a C compiler, cc"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, folder / "between.c", "-ldl"], check=True)
    program = "from training.faults import main; main('fail', 'kill', 'short')"
    return json.loads(read_output(start(program, LD_PRELOAD=str(library), OPENBLAS_NUM_THREADS="1", FAULT="")))


@pytest.mark.parametrize("mode", ["fail", "kill", "short"])
def test_at_every_write_fsync_and_rename(found, mode):
    check(found, mode)
