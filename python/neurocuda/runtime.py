"""Load a .nir file, run it and record its spikes: numpy only, no torch.

    program = neurocuda.runtime.load("network.nir")
    run = neurocuda.runtime.compile(program, "cpu").run(images, record="spikes")
    run.predictions(), run.logits(), run.spike_record()["conv1.relu"]

Images are float32 arrays (n, channels, height, width), normalised as in training.
"""

from ._runtime import Executable, Program, Run, backends, compile
from ._runtime import read_nir as load
from ._runtime import write_nir as save

__all__ = ["Executable", "Program", "Run", "backends", "compile", "load", "save"]
