"""One small model per thing that people write: how it is built, and the shape of its images."""

import torch
import torch.nn.functional as F
from torch import nn


class Written(nn.Module):
    """A model whose forward is `body(model, x)`."""

    def __init__(self, body, **parts):
        super().__init__()
        self.body = body
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.body(self, x)


IMAGE = (3, 8, 8)


def conv(inputs=3, outputs=4, kernel=3, **settings):
    return nn.Conv2d(inputs, outputs, kernel, **settings)


def parameter(*shape):
    return nn.Parameter(0.5 + torch.rand(*shape))


def swapped_halves(m, x):
    first, second = torch.split(m.conv(x), [1, 3], 1)
    return m.fc(torch.cat([second, first], 1).relu().flatten(1))


def shuffled(m, x):
    x = m.conv(x).relu()
    x = x.view(x.size(0), 2, 2, x.size(2), x.size(3)).transpose(1, 2).reshape(x.shape)
    return m.fc(x.flatten(1))


def option_a(m, x):
    """He et al. 2016, shortcut A: every second position, channels padded with zeros."""
    x = m.conv(x).relu()
    return m.fc((F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2)) + m.down(x)).relu().flatten(1))


def channels_last(m, x):
    x = m.conv(x).permute(0, 2, 3, 1).relu().permute(0, 3, 1, 2)
    return m.fc(m.conv2(x).permute(0, 2, 3, 1).reshape(x.size(0), -1))


def googlenet_input(m, x):
    parts = [torch.unsqueeze(x[:, i], 1) * (0.2 + 0.1 * i) + 0.1 for i in range(3)]
    return m.conv(torch.cat(parts, 1)).relu().mean((2, 3))


def focus(m, x):
    return m.conv(torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)).amax((2, 3))


def normalised(m, x):
    return m.fc(m.conv(((x - m.mean) / m.stddev) * 2 - 1).relu().flatten(1))


def arithmetic(m, x):
    x = 2 - (0.5 + m.conv(x)) * m.scale
    return m.fc((-torch.add(x, x, alpha=0.5) + torch.rsub(x, 1.0)).relu().flatten(1))


def in_place_arithmetic(m, x):
    y = m.conv(x)
    y.mul_(2).add_(1).sub_(0.5).div_(3.0).clamp_(0, 1)
    return m.fc(y.flatten(1))


def halves_in_place(m, x):
    """What one part becomes, its views are, too; the other part stays."""
    y = m.conv(x)
    first, second = y[:, :1], y[:, 1:]
    again = second.view(second.shape)
    second.relu_()
    second.mul_(2)
    first.add_(1)
    return m.fc(torch.cat([first.flatten(1), second.flatten(1), again.flatten(1)], 1))


CASES = {
    "cat": lambda: (Written(lambda m, x: m.fc(torch.cat([F.relu(m.a(x)), F.relu(m.b(x))], 1).mean((2, 3))), a=conv(), b=conv(3, 5), fc=nn.Linear(9, 4)), IMAGE),
    "cat_of_vectors": lambda: (Written(lambda m, x: m.fc(torch.concat((m.a(x).flatten(1), m.b(x).mean((2, 3))), -1)), a=conv(), b=conv(3, 5), fc=nn.Linear(149, 4)), IMAGE),
    "cat_with_zeros": lambda: (Written(lambda m, x: m.fc(torch.cat([m.a(x), torch.zeros_like(x[:, :, 2:, 2:]), m.a(x).mul(0)], dim=-3).flatten(1)), a=conv(), fc=nn.Linear(396, 4)), IMAGE),
    "relu6": lambda: (nn.Sequential(conv(), nn.ReLU6(), nn.Flatten(), nn.Linear(144, 5)), IMAGE),
    "capped": lambda: (Written(lambda m, x: m.fc(torch.clamp(F.hardtanh(F.relu6(m.a(x)).clamp(min=0), 0, 3).clamp(max=2), 0, 1.5).flatten(1)), a=conv(), fc=nn.Linear(144, 5)), IMAGE),
    "hardtanh": lambda: (nn.Sequential(conv(), nn.Hardtanh(0, 0.5, inplace=True), conv(4, 4), nn.Threshold(0, 0), nn.Flatten(), nn.Linear(64, 5)), IMAGE),
    "chunk": lambda: (Written(lambda m, x: m.fc(torch.add(*m.a(x).chunk(2, 1)).relu().flatten(1)), a=conv(), fc=nn.Linear(72, 5)), IMAGE),
    "split": lambda: (Written(swapped_halves, conv=conv(), fc=nn.Linear(144, 5)), IMAGE),
    "tensor_split": lambda: (Written(lambda m, x: m.fc(torch.tensor_split(m.a(x), (1, 3), dim=1)[1].relu().flatten(1)), a=conv(), fc=nn.Linear(72, 5)), IMAGE),
    "sliced": lambda: (Written(lambda m, x: m.fc(m.a(x)[:, 1:3].relu().flatten(1)), a=conv(), fc=nn.Linear(72, 5)), IMAGE),
    "sliced_features": lambda: (Written(lambda m, x: m.fc(m.a(x.flatten(1))[:, 2:7].relu()), a=nn.Linear(192, 9), fc=nn.Linear(5, 3)), IMAGE),
    "halves_in_place": lambda: (Written(halves_in_place, conv=conv(), fc=nn.Linear(252, 5)), IMAGE),
    "cropped": lambda: (Written(lambda m, x: m.fc(m.a(x)[:, :, 1:-1, 2:-1].relu().flatten(1)), a=conv(), fc=nn.Linear(48, 5)), IMAGE),
    "one_position": lambda: (Written(lambda m, x: m.fc(m.a(x).relu()[:, :, 0, -1]), a=conv(), fc=nn.Linear(4, 5)), IMAGE),
    "shuffled": lambda: (Written(shuffled, conv=conv(), fc=nn.Linear(144, 5)), IMAGE),
    "channel_shuffle": lambda: (nn.Sequential(conv(), nn.ChannelShuffle(2), nn.ReLU(), conv(4, 4), nn.Flatten(), nn.Linear(64, 3)), IMAGE),
    "ceil_mode": lambda: (nn.Sequential(conv(), nn.ReLU(), nn.MaxPool2d(2, 4, ceil_mode=True), nn.MaxPool2d(2, 2, ceil_mode=True), nn.Flatten(), nn.Linear(4, 5)), IMAGE),
    "ceil_mode_without_effect": lambda: (nn.Sequential(conv(), nn.ReLU(), nn.AvgPool2d(2, ceil_mode=True), nn.Flatten(), nn.Linear(36, 5)), IMAGE),
    "divisor": lambda: (nn.Sequential(conv(), nn.ReLU(), nn.AvgPool2d(2, divisor_override=3), nn.Flatten(), nn.Linear(36, 5)), IMAGE),
    "padded": lambda: (nn.Sequential(nn.ZeroPad2d((0, 1, 2, 0)), conv(stride=2), nn.ConstantPad2d(1, 0.0), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5)), IMAGE),
    "padded_by_a_function": lambda: (Written(lambda m, x: m.fc(F.pad(m.a(F.pad(x, (1, 0, 0, 1))), (0, 0, 0, 0, 1, 2)).relu().flatten(1)), a=conv(), fc=nn.Linear(343, 5)), IMAGE),
    "same_padding": lambda: (nn.Sequential(conv(3, 4, (2, 4), padding="same"), nn.ReLU(), conv(4, 4, 2, padding="same", dilation=3), nn.ReLU(), conv(4, 4, 4, padding="same", dilation=2), nn.Flatten(), nn.Linear(256, 3)), IMAGE),
    "batch_norm_first": lambda: (nn.Sequential(nn.BatchNorm2d(3), conv(), nn.ReLU(), nn.BatchNorm2d(4), nn.MaxPool2d(2), nn.Flatten(), nn.BatchNorm1d(36), nn.Linear(36, 4)), IMAGE),
    "normalised": lambda: (Written(normalised, mean=parameter(3, 1, 1), stddev=parameter(1, 3, 1, 1), conv=conv(), fc=nn.Linear(144, 3)), IMAGE),
    "grey_to_colour": lambda: (Written(lambda m, x: m.fc((x - m.mean).flatten(1)), mean=parameter(1, 3, 1, 1), fc=nn.Linear(192, 3)), (1, 8, 8)),
    "grey_repeated": lambda: (Written(lambda m, x: m.a(x.repeat(1, 3, 1, 1)).mean((2, 3)), a=conv()), (1, 8, 8)),
    "arithmetic": lambda: (Written(arithmetic, conv=conv(), scale=parameter(4, 1, 1), fc=nn.Linear(144, 3)), IMAGE),
    "in_place_arithmetic": lambda: (Written(in_place_arithmetic, conv=conv(), fc=nn.Linear(144, 3)), IMAGE),
    "scaled_features": lambda: (Written(lambda m, x: m.fc(m.a(x).flatten(1) * m.scale), a=conv(), scale=parameter(144), fc=nn.Linear(144, 3)), IMAGE),
    "matmul": lambda: (Written(lambda m, x: F.relu(x.flatten(1) @ m.weight + m.bias) @ m.last, weight=parameter(192, 5), bias=parameter(5), last=parameter(5, 3)), IMAGE),
    "mean_in_two_steps": lambda: (Written(lambda m, x: m.fc(m.a(x).relu().mean(3).mean(2)), a=conv(), fc=nn.Linear(4, 3)), IMAGE),
    "mean_of_a_flat_map": lambda: (Written(lambda m, x: m.fc(m.a(x).relu().flatten(2).mean(2)), a=conv(), fc=nn.Linear(4, 3)), IMAGE),
    "mean_over_last_axes": lambda: (Written(lambda m, x: m.fc(m.a(x).relu().mean((-1, -2), keepdim=True).squeeze(3).squeeze(-1)), a=conv(), fc=nn.Linear(4, 3)), IMAGE),
    "sum_over_the_map": lambda: (Written(lambda m, x: m.fc(m.a(x).relu().sum((2, 3))), a=conv(), fc=nn.Linear(4, 3)), IMAGE),
    "adaptive_max_pool": lambda: (nn.Sequential(conv(), nn.ReLU(), nn.AdaptiveMaxPool2d(2), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 3)), IMAGE),
    "convolution_as_classifier": lambda: (nn.Sequential(conv(), nn.ReLU(), conv(4, 5, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()), IMAGE),
    "channels_last": lambda: (Written(channels_last, conv=conv(), conv2=conv(4, 4), fc=nn.Linear(64, 3)), IMAGE),
    "shortcut_a": lambda: (Written(option_a, conv=conv(padding=1), down=conv(4, 8, stride=2, padding=1), fc=nn.Linear(128, 3)), IMAGE),
    "googlenet_input": lambda: (Written(googlenet_input, conv=conv()), IMAGE),
    "focus": lambda: (Written(focus, conv=conv(12, 4)), IMAGE),
    "keyword_as_name": lambda: (Written(lambda m, x: getattr(m, "class")(x).relu().mean((2, 3)), **{"class": conv()}), IMAGE),
    "length": lambda: (nn.Sequential(nn.Conv1d(3, 4, 3, padding=1), nn.BatchNorm1d(4), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(4, 6, 4, padding="same"), nn.ReLU(), nn.AvgPool1d(2), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(6, 3)), (3, 16)),
    "length_without_channels": lambda: (Written(lambda m, x: m.fc(m.a(x.unsqueeze(1)).relu().mean(-1)), a=nn.Conv1d(1, 4, 3), fc=nn.Linear(4, 3)), (16,)),
    "image_without_channels": lambda: (Written(lambda m, x: m.fc(m.a(x[:, None]).relu().mean((-1, -2))), a=conv(1), fc=nn.Linear(4, 3)), (8, 8)),
    "flat_image": lambda: (Written(lambda m, x: m.fc(m.a(x.view(-1, 1, 8, 8)).relu().mean((-1, -2))), a=conv(1), fc=nn.Linear(4, 3)), (64,)),
    "vectors": lambda: (nn.Sequential(nn.Linear(13, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3)), (13,)),
}  # fmt: skip
