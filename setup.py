"""Build the native engine with the package where a C++ compiler is, and the pure package where none is or it fails.

The engine is one shared object that knows nothing of Python's ABI: ctypes opens it. So the wheel is for every
Python 3 of the platform. An editable installation has the shared object beside the sources.
"""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

sys.path.insert(0, str(Path(__file__).parent / "native"))
from build_library import FILE_NAME, REASON, BuildError, build

ENGINES = Path("deltarule", "engines")


class BuildNative(build_ext):
    """Build the shared object; where that fails, write the reason into a file in its place."""

    def run(self):
        in_place = self.inplace or self.editable_mode
        self.folder = (Path(__file__).parent / "src" if in_place else Path(self.build_lib)) / ENGINES
        try:
            build(self.folder / FILE_NAME)
        except BuildError as error:
            self.warn(f"deltarule is installed without its native engine: {error}")

    def get_outputs(self):
        return [str(self.folder / name) for name in (FILE_NAME, REASON) if (self.folder / name).exists()]

    def get_output_mapping(self):
        return {}


class Wheel(bdist_wheel):
    """Tag the wheel for the platform, and for every Python 3."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


setup(
    ext_modules=[Extension("deltarule.engines._native", [])],
    cmdclass={"build_ext": BuildNative, "bdist_wheel": Wheel},
)
