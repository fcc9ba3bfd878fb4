"""Which elements of a node a reshaped, permuted, cut or padded value holds, and the windows that bring them there."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Window:
    """One axis of a convolution whose kernel is 1 at `tap` and 0 elsewhere."""

    kernel: int
    tap: int
    stride: int
    padding: int


@dataclass(frozen=True)
class Steps:
    """Along one axis of `size` positions: `count` positions from `begin` on, `step` apart; those outside are zero."""

    begin: int
    step: int
    count: int
    size: int

    @property
    def is_identity(self) -> bool:
        return self.begin == 0 and self.step == 1 and self.count == self.size

    def positions(self) -> np.ndarray:
        """-1 for those outside."""
        at = self.begin + self.step * np.arange(self.count)
        return np.where((at >= 0) & (at < self.size), at, -1)

    def window(self) -> Window:
        """The smallest one with as much padding on both sides: output i reads step i + tap - padding = begin + step i."""
        last = self.begin + self.step * (self.count - 1)
        padding = max(0, -self.begin, last - self.size + 1)
        tap = self.begin + padding
        # One output more would fit if size + 2 padding - kernel reached step * count.
        kernel = max(tap + 1, self.size + 2 * padding - self.step * self.count + 1)
        return Window(kernel, tap, self.step, padding)


@dataclass(frozen=True)
class Gather:
    """Element (c, i, j) is that of channel channels[c] (-1: zero), row rows[i], column columns[j]."""

    channels: np.ndarray
    rows: Steps
    columns: Steps

    def key(self) -> tuple:
        return (self.channels.tobytes(), self.rows, self.columns)


def separate(index: np.ndarray, source: tuple[int, ...]) -> Gather | None:
    """The gather that takes elements `index` (C', H', W) of a (C, H, W) source; None where channels, rows and columns do not
    move independently of one another, or positions are not evenly spaced."""
    _, height, width = source
    channel, row, column = index // (height * width), index // width % height, index % width
    taken = index >= 0
    channels = np.where(taken, channel, -1).max((1, 2))
    rows = _steps(np.where(taken, row, -1).max((0, 2)), height)
    columns = _steps(np.where(taken, column, -1).max((0, 1)), width)
    if rows is None or columns is None:
        return None
    c, i, j = np.ix_(channels, rows.positions(), columns.positions())
    expected = np.where((c >= 0) & (i >= 0) & (j >= 0), (c * height + i) * width + j, -1)
    return Gather(channels, rows, columns) if (expected == index).all() else None


def _steps(positions: np.ndarray, size: int) -> Steps | None:
    count = len(positions)
    known = np.flatnonzero(positions >= 0)
    if not len(known):
        return Steps(0, 1, count, size)
    first = int(known[0])
    if len(known) > 1:
        candidates = [(int(positions[known[1]]) - int(positions[first])) // int(known[1] - first)]
    else:
        candidates = [1, size]
    for step in candidates:
        steps = Steps(int(positions[first]) - step * first, step, count, size)
        if step > 0 and (steps.positions() == positions).all():
            return steps
    return None
