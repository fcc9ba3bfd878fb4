"""Event data from the bundled digits: each moves over a canvas, and what gets brighter or darker makes spikes.

    python examples/moving_digits.py events.npz
    neurocuda train --arch resnet8 --data events.npz --epochs 30 --batch-size 32 -o ann.onnx
    neurocuda convert ann.onnx --data events.npz -o snn.nir
    neurocuda verify snn.nir --data events.npz --targets reference,cpu --images 20

The file holds x_train, x_test (N, T, 2, 12, 12), uint8, 0 and 1: channel 0 where a pixel got brighter, channel 1 where it got
darker; and y_train, y_test. An ANN is trained on their mean over time; the spiking network runs on the spikes themselves.
"""

import sys

import numpy as np

import neurocuda

TIMESTEPS, CANVAS, LEVEL = 16, 12, 0.2


def path(random: np.random.Generator, room: int) -> list[tuple[int, int]]:
    """Positions of a digit that moves straight on and bounces off the borders."""
    place, speed = random.uniform(0, room, 2), random.uniform(0.4, 1.2, 2) * random.choice([-1, 1], 2)
    places = []
    for _ in range(TIMESTEPS + 1):
        places.append((round(place[0]), round(place[1])))
        place = place + speed
        for axis in range(2):
            if not 0 <= place[axis] <= room:
                speed[axis] *= -1
                place[axis] = np.clip(place[axis], 0, room)
    return places


def events(digit: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(T, 2, H, W) of one digit (8, 8) in 0..1."""
    size = len(digit)
    frames = np.zeros((TIMESTEPS + 1, CANVAS, CANVAS), np.float32)
    for frame, (y, x) in zip(frames, path(random, CANVAS - size)):
        frame[y : y + size, x : x + size] = digit
    change = np.diff(frames, axis=0)
    return np.stack([change > LEVEL, change < -LEVEL], axis=1).astype(np.uint8)


def part(images: "neurocuda.datasets.Images", copies: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    digits = images.pixels.numpy()[:, 0] / 255
    labels = np.repeat(images.labels.numpy(), copies)
    return np.stack([events(digit, random) for digit in np.repeat(digits, copies, axis=0)]), labels


def main(output: str, copies: int = 2) -> None:
    random = np.random.default_rng(0)
    digits = neurocuda.datasets.load("digits")
    x_train, y_train = part(digits.train, copies, random)
    x_test, y_test = part(digits.test, 1, random)
    np.savez_compressed(output, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    print(f"{output}: {len(x_train)} and {len(x_test)} trains of {TIMESTEPS} timesteps, {x_train.mean():.1%} spikes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: moving_digits.py OUTPUT.npz", file=sys.stderr)
        sys.exit(2)
    main(sys.argv[1])
