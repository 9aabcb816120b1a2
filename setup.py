"""Puts the C sources that bundles copy (runtime/c, kernels), the files for CMake and the manifest's schema into the package when a wheel is built."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent


class BuildWithSources(build_py):
    """build_py, then embedc/c/."""

    def run(self) -> None:
        """Copies what embedc/resources.py looks for beside the package's modules."""
        super().run()
        target = Path(self.build_lib) / "embedc" / "c"
        shutil.copytree(ROOT / "runtime" / "c", target / "runtime" / "c", dirs_exist_ok=True)
        shutil.copytree(ROOT / "kernels", target / "kernels", dirs_exist_ok=True)
        shutil.copytree(ROOT / "toolchains", target / "toolchains", dirs_exist_ok=True)
        (target / "docs").mkdir(exist_ok=True)
        shutil.copy(ROOT / "docs" / "manifest.schema.json", target / "docs")


setup(cmdclass={"build_py": BuildWithSources})
