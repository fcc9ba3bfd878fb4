"""Runs the script of a tutorial page as it is printed there, apart from the number of epochs and where the data lie.

    python tests/python/run_tutorial.py tutorial.txt --data DIR [--epochs 1] [--images N] [--calibration N]

DIR holds CIFAR-10 in the official binary layout. For a rehearsal, --images cuts both splits and --calibration the 5,000
training images that the script takes for calibration. A target that this machine does not have is named and left out.
"""

import argparse
import ast
from pathlib import Path

from PIL import Image

import neurocuda
from torchvision_models import torchvision


def is_code(paragraph: str) -> bool:
    """It parses, and is more than words that happen to."""
    try:
        statements = ast.parse(paragraph).body
    except SyntaxError:
        return False
    return any(not isinstance(s, ast.Expr) or isinstance(s.value, ast.Call) for s in statements)


def script_of(page: str, epochs: int, calibration: int) -> str:
    code = "\n\n".join(paragraph for paragraph in page.split("\n\n") if is_code(paragraph))
    assert "range(200)" in code and "neurocuda.to_nir" in code, "this is not the page that is meant"
    return code.replace("range(200)", f"range({epochs})").replace("cal_len = 5000", f"cal_len = {calibration}")


class BinaryCIFAR10:
    """In place of torchvision's CIFAR10, which reads the pickled layout: the same images and interface."""

    splits: neurocuda.datasets.Splits
    images = 0

    def __init__(self, root, train, download, transform):
        self.part, self.transform = (self.splits.train if train else self.splits.test), transform

    def __len__(self):
        return min(len(self.part), self.images or len(self.part))

    def __getitem__(self, index):
        pixels = self.part.pixels[index].permute(1, 2, 0).numpy()
        return self.transform(Image.fromarray(pixels)), int(self.part.labels[index])


def compile_if_there(snn, target):
    try:
        return COMPILE(snn, target=target)
    except neurocuda.BackendUnavailable as missing:
        print(f"(on {snn.target} instead of {target}: {missing})", flush=True)
        return snn


COMPILE = neurocuda.compile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--images", type=int, default=0)
    parser.add_argument("--calibration", type=int, default=5000)
    arguments = parser.parse_args()
    BinaryCIFAR10.splits, BinaryCIFAR10.images = neurocuda.datasets.load(arguments.data), arguments.images
    torchvision.datasets.CIFAR10 = BinaryCIFAR10
    neurocuda.compile = compile_if_there
    script = script_of(arguments.page.read_text(), arguments.epochs, arguments.calibration)
    exec(compile(script, str(arguments.page), "exec"), {"__name__": "tutorial"})


if __name__ == "__main__":
    main()
