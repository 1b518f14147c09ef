"""Compile a Metal shader as C++ through a shim, with an entry point that loops over its threads."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

from stnb_kernels import shaders

HERE = Path(__file__).parent
FLAGS = ["-std=c++17", "-O1", "-shared", "-fPIC", "-ffp-contract=off", "-Wno-unknown-attributes"]
FLAGS += ["-Wall", "-Werror", "-Wno-ignored-attributes", f"-I{HERE}"]


def build(folder, name, entry):
    """The function `run` of `entry`, C++ text that calls the kernels of `metal/<name>.metal`."""
    text = shaders.source(name).replace("#include <metal_stdlib>", '#include "metal_shim.h"')
    source, library = Path(folder) / f"{name}.cpp", Path(folder) / f"{name}.so"
    source.write_text(text + entry)
    command = ["clang++", *FLAGS, str(source), "-o", str(library)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(library)).run


def pointer(array):
    """The array's memory as an argument."""
    return array.ctypes.data_as(ctypes.c_void_p)
