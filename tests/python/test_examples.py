"""The examples, run as their users would run them, on small data."""

import io
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import neurocuda

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("NEUROCUDA_BIN", ROOT / "build/bin")).resolve() / "neurocuda"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
needs_program = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")


def run(*command, **environment):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=280, env=ENVIRONMENT | environment)
    assert result.returncode == 0, result.stderr + result.stdout
    return result.stdout


@pytest.fixture(scope="module")
def network(snn, tmp_path_factory):
    path = tmp_path_factory.mktemp("service") / "snn.nir"
    neurocuda.to_nir(snn, path)
    return path


@needs_program
def test_a_model_becomes_a_network_and_a_page(tmp_path):
    output = run(sys.executable, ROOT / "examples/model_to_report.py", "--epochs", 2, "--timesteps", 4, "--out", tmp_path, "--program", PROGRAM)
    assert "SNN accuracy" in output
    assert neurocuda.from_nir(tmp_path / "snn.nir").program.timesteps == 4
    assert "Sparsity by layer" in (tmp_path / "report.html").read_text()


@needs_program
def test_a_folder_of_images_becomes_a_network_and_a_page(tmp_path, digits):
    photos = tmp_path / "photos"
    for part, images, most in (("train", digits.train, 200), ("test", digits.test, 60)):
        for i, (pixels, label) in enumerate(zip(images.pixels[:most], images.labels[:most])):
            folder = photos / part / ("even" if label % 2 == 0 else "odd")
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels[0].numpy()).resize((16 + i % 5, 16)).save(folder / f"{i:04}.png")
    out = tmp_path / "out"
    output = run("bash", ROOT / "examples/folder_of_images.sh", photos, "-", out, NEUROCUDA=str(PROGRAM), SIZE="16", T="4", EPOCHS="2")
    assert "deviations  0" in output
    page = (out / "report.html").read_text()
    assert "odd</b>" in page and "even</b>" in page  # classes by their names


@pytest.fixture
def service(network, digits):
    command = [sys.executable, ROOT / "examples/service.py", network, "--port", "0"]
    for name, values in (("--mean", digits.test.mean), ("--stddev", digits.test.stddev)):
        command += [name, *(str(value) for value in values.flatten().tolist())]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    line = process.stdout.readline()
    assert line.startswith("listening on http://"), line
    yield line.split()[-1]
    process.kill()
    process.wait()


def post(address, array, path="/classify"):
    body = io.BytesIO()
    np.save(body, array)
    request = urllib.request.Request(address + path, body.getvalue())
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def test_the_service_answers_as_the_network(service, snn, digits):
    batch = digits.test.pixels[:16].numpy()
    images = np.stack([image.numpy() for image, _ in (digits.test[i] for i in range(16))])
    expected = snn.run(images).predictions().tolist()
    assert [answer["class"] for answer in post(service, batch)["answers"]] == expected
    assert [answer["class"] for answer in post(service, images)["answers"]] == expected
    assert post(service, batch[3])["answers"][0]["class"] == expected[3]
    with urllib.request.urlopen(service, timeout=30) as response:
        assert json.load(response)["shape"] == [1, 8, 8]


@pytest.mark.parametrize("array", [np.zeros((3, 8, 8), np.uint8), np.zeros((1, 9, 8), np.float32), np.array(["text"])])
def test_the_service_says_what_is_wrong_and_lives_on(service, array, digits):
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(service, array)
    assert refused.value.code == 400 and json.load(refused.value)["error"]
    assert post(service, digits.test.pixels[0].numpy())["answers"]
