"""Everything here needs the package with its extension modules: scripts/quickstart.sh, pip install ., or a build with
-DNEUROCUDA_PYTHON=ON and python/ on PYTHONPATH."""

import signal
from pathlib import Path

import pytest

try:
    import neurocuda.core

    REASON = ""
except ImportError as error:
    REASON = f"the Python package is not built ({error}): configure with -DNEUROCUDA_PYTHON=ON or pip install ."

collect_ignore_glob = ["test_*.py"] if REASON else []


@pytest.fixture(autouse=True)
def interrupts_arrive():
    """In the background of a shell, a run of the tests inherits an ignored SIGINT; tests that send one expect Python's."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous or signal.SIG_DFL)


def pytest_collect_file(file_path, parent):
    """One skipped case in place of the folder's tests, so that their absence shows in the counts."""
    if REASON and file_path == Path(__file__).parent / "networks.py":
        return Absent.from_parent(parent, path=file_path)
    return None


class Absent(pytest.File):
    def collect(self):
        yield AbsentPackage.from_parent(self, name="python package")


class AbsentPackage(pytest.Item):
    def runtest(self):
        pytest.skip(REASON)


@pytest.fixture(scope="session")
def digits():
    return neurocuda.datasets.load("digits")


@pytest.fixture(scope="session")
def trained(digits):
    """A residual network trained on the digits for a few seconds."""
    import torch
    from torch.utils.data import DataLoader

    torch.manual_seed(0)
    model = neurocuda.models.digits_resnet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        for images, labels in DataLoader(digits.train, batch_size=64, shuffle=True):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
    return model


@pytest.fixture(scope="session")
def loaders(digits):
    """(calibration, test)"""
    import torch
    from torch.utils.data import DataLoader, Subset

    cal = DataLoader(digits.train, batch_size=64, shuffle=True, generator=torch.Generator().manual_seed(0))
    return cal, DataLoader(Subset(digits.test, range(200)), batch_size=64)


@pytest.fixture(scope="session")
def snn(trained, loaders):
    return neurocuda.convert(trained, loaders[0], timesteps=16, epochs=2)
