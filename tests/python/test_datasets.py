"""neurocuda.datasets against Pillow: what is decoded and resized is the same to the last bit."""

import warnings

import numpy as np
import pytest
import torch
from PIL import Image

import neurocuda
from neurocuda import datasets

NOISE = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*pixel / 255.*")
        yield


def smooth(height, width, channels):
    """A random image with structure at several scales, uint8."""
    image = sum(
        np.asarray(Image.fromarray(NOISE.integers(0, 255, (k, k, channels), dtype=np.uint8).squeeze()).resize((width, height)), dtype=float)
        for k in (3, 7, 31)
    )
    return (image / 3).astype(np.uint8)


def shorter_side(image, side):
    """torchvision's Resize(side)."""
    width, height = image.size
    size = (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
    return image.resize(size, Image.BILINEAR)


def middle(image, height, width):
    """torchvision's CenterCrop, where the image is large enough."""
    top, left = round((image.size[1] - height) / 2), round((image.size[0] - width) / 2)
    return image.crop((left, top, left + width, top + height))


def one_image(folder, image, name="1.png", **options):
    for part in ("train", "test"):
        (folder / part / "only").mkdir(parents=True, exist_ok=True)
        image.save(folder / part / "only" / name, **options)
    return folder


def pixels(folder, **options):
    return datasets.load(folder, **options).test.pixels[0].numpy()


def planes(image):
    array = np.asarray(image)
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("height, width", [(37, 53), (64, 20), (9, 9), (101, 100)])
@pytest.mark.parametrize("resize, crop", [(16, (16, 16)), (24, None), (9, (5, 8)), (40, (33, 33))])
def test_resize_and_crop_are_torchvisions(tmp_path, channels, height, width, resize, crop):
    image = Image.fromarray(smooth(height, width, channels))
    expected = shorter_side(image, resize)
    if crop:
        expected = middle(expected, *crop)
    assert np.array_equal(pixels(one_image(tmp_path, image), resize=resize, crop=crop), planes(expected))


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (31, 17), (128, 128)])
def test_arrays_are_resized_the_same_way(tmp_path, size):
    image = smooth(*size, 1)
    np.savez(tmp_path / "x.npz", x_train=image[None], x_test=image[None])
    expected = planes(shorter_side(Image.fromarray(image), 24))
    assert np.array_equal(pixels(tmp_path / "x.npz", resize=24), expected)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1"])
def test_png_modes_are_decoded_as_pillow_does(tmp_path, mode):
    image = Image.fromarray(smooth(20, 30, 3)).convert("RGBA")
    image.putalpha(Image.fromarray(smooth(20, 30, 1)))
    image = image.convert(mode)
    wanted = "L" if mode in ("L", "LA", "1") else "RGB"
    assert np.array_equal(pixels(one_image(tmp_path, image)), planes(image.convert(wanted)))


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpegs_are_decoded_as_pillow_does(tmp_path, mode, progressive):
    image = Image.fromarray(smooth(45, 51, 3)).convert(mode)
    folder = one_image(tmp_path, image, "1.jpg", quality=85, progressive=progressive)
    expected = planes(Image.open(folder / "test/only/1.jpg"))
    # Versions of libjpeg-turbo differ in the last bit where colour is upsampled.
    assert np.abs(pixels(folder).astype(int) - expected).max() <= (2 if mode == "RGB" else 0)


def test_cmyk_jpegs_are_read(tmp_path):
    folder = one_image(tmp_path, Image.fromarray(smooth(32, 32, 3)).convert("CMYK"), "1.jpg", quality=95)
    expected = planes(Image.open(folder / "test/only/1.jpg").convert("RGB"))
    assert np.abs(pixels(folder).astype(int) - expected).max() <= 3


def test_items_are_normalised(tmp_path):
    image = Image.fromarray(smooth(16, 16, 3))
    splits = datasets.load(one_image(tmp_path, image), mean=0.5, stddev=(0.2, 0.25, 0.3))
    item, label = splits.train[0]
    expected = (torch.from_numpy(planes(image).copy()) / 255 - 0.5) / torch.tensor([0.2, 0.25, 0.3]).view(3, 1, 1)
    assert torch.allclose(item, expected, atol=1e-6) and label == 0
    assert splits.train.class_names == ["only"] and splits.train.notices == []


def test_what_is_assumed_is_a_warning(tmp_path):
    folder = one_image(tmp_path, Image.fromarray(smooth(8, 8, 1)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        splits = datasets.load(folder)
    assert [str(w.message) for w in caught] == splits.train.notices + splits.test.notices
    assert "pixel / 255" in splits.train.notices[0]


def test_vectors_and_time(tmp_path):
    x = NOISE.normal(size=(10, 7))
    np.savez(tmp_path / "v.npz", x=x)
    test = datasets.load(tmp_path / "v.npz").test
    assert not test.labelled and test.timesteps == 0
    assert np.allclose(torch.stack([test[i][0] for i in range(2)]).numpy().reshape(2, 7), x[[4, 9]])
    frames = NOISE.integers(0, 2, (5, 3, 1, 4, 4), dtype=np.uint8)
    np.savez(tmp_path / "t.npz", x=frames, y=np.arange(5))
    test = datasets.load(tmp_path / "t.npz").test
    assert test.timesteps == 3 and test[0][0].shape == (3, 1, 4, 4) and test.labels.tolist() == [4]
    assert np.array_equal(test.pixels.numpy(), frames[4:]) and np.array_equal(test[0][0].numpy(), frames[4])


def test_mistakes_are_user_errors(tmp_path):
    folder = one_image(tmp_path / "a", Image.fromarray(smooth(8, 8, 1)))
    (folder / "test/only/2.png").write_bytes(b"no image")
    with pytest.raises(neurocuda.UserError, match="2.png"):
        datasets.load(folder)
    with pytest.raises(neurocuda.UserError, match="crop"):
        datasets.load("digits", crop=9)
