"""Ctrl-C around code that would lose it."""

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def interrupts_deferred() -> Iterator[None]:
    """Holds back the first SIGINT until the end of the block; a second one goes through at once.

    For imports of libraries with handlers that swallow KeyboardInterrupt: torch.fx imports torch._dynamo at its first
    trace, a second or more, in which an interrupt got lost or came out as a circular import. Nothing on threads other
    than the main one, which Python sends no signals, and where a handler that is not Python's stands.
    """
    previous = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(previous):
        yield
        return
    held = False

    def hold(number: int, frame) -> None:
        nonlocal held
        if held:
            previous(number, frame)
        held = True

    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
        if held:
            signal.raise_signal(signal.SIGINT)
