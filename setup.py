"""Build the package with the results of the book's experiments, and with the native engine.

The results stay in ``results`` of the sources; a wheel has a copy. An editable installation finds them where they are.
Where there is no C++ compiler, or it fails, the package is built without the native engine.

The engine is one shared object that knows nothing of Python's ABI: ctypes opens it. So the wheel is for every
Python 3 of the platform. An editable installation has the shared object beside the sources.
"""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

sys.path.insert(0, str(Path(__file__).parent / "native"))
from build_library import FILE_NAME, REASON, BuildError, build

ENGINES = Path("deltarule", "engines")


RESULTS = Path("deltarule", "experiments", "results")


class BuildPackage(build_py):
    """Copy the results of the experiments into the package."""

    def run(self):
        super().run()
        for copy, original in self.get_copies().items():
            self.mkpath(str(Path(copy).parent))
            self.copy_file(original, copy)

    def get_copies(self):
        if self.editable_mode:
            return {}
        folder = Path(self.build_lib) / RESULTS
        originals = sorted(Path("results").glob("[a-z]*/*.json"))
        return {str(folder / path.relative_to("results")): str(path) for path in originals}

    def get_outputs(self, include_bytecode=True):
        return [*super().get_outputs(include_bytecode), *self.get_copies()]

    def get_output_mapping(self):
        return {**super().get_output_mapping(), **self.get_copies()}


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
    cmdclass={"build_py": BuildPackage, "build_ext": BuildNative, "bdist_wheel": Wheel},
)
