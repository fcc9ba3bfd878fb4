import signal
import subprocess
import time

from conftest import BINARY


def test_interrupted_training_leaves_no_half_written_file(tmp_path):
    command = [BINARY, "train", "--arch", "digits_resnet", "--data", "digits", "--epochs", "5000", "--threads", "1", "-o", tmp_path / "ann.onnx"]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "ann.onnx.resume.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stderr.splitlines()[-1].startswith("neurocuda: interrupted")
    assert [path.name for path in tmp_path.iterdir()] == ["ann.onnx.resume.pt"]
