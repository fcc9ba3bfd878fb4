"""The core trains with the process's libtorch: what it sets there is put back."""

from contextlib import contextmanager

import torch


@contextmanager
def preserved():
    """Random state, thread count and gradient mode of the caller; the core's own training needs gradients."""
    threads = torch.get_num_threads()
    try:
        with torch.random.fork_rng(), torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def evaluating(model: torch.nn.Module):
    """Eval mode, every module's own mode put back afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield model
    finally:
        for module, training in modes:
            module.training = training
