"""Models that are refused: the operator's line holds the word REFUSED, `remedy` is what the message recommends, and
`mended` is the forward() that follows it."""

import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    remedy = ""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(4, 5)
        self.extra = self.make_extra()
        self.better = self.make_better()

    def make_extra(self):
        return nn.Identity()

    def make_better(self):
        return nn.Identity()

    def head(self, x):
        return self.fc(x.mean((2, 3)))

    def mended(self, x):
        return self.head(F.relu(self.better(self.conv(x))))


class SiLU(Base):
    remedy = "use nn.ReLU"

    def make_extra(self):
        return nn.SiLU()

    def make_better(self):
        return nn.ReLU()

    def forward(self, x):
        x = self.extra(self.conv(x))  # REFUSED
        return self.head(x)


class GELU(Base):
    remedy = "use nn.ReLU"

    def forward(self, x):
        x = F.gelu(self.conv(x))  # REFUSED
        return self.head(x)


class LeakyReLU(Base):
    remedy = "use nn.ReLU"

    def make_extra(self):
        return nn.LeakyReLU(0.1)

    def make_better(self):
        return nn.ReLU()

    def forward(self, x):
        x = self.extra(self.conv(x))  # REFUSED
        return self.head(x)


class Sigmoid(Base):
    remedy = "use nn.ReLU in hidden layers"

    def forward(self, x):
        x = torch.sigmoid(self.conv(x))  # REFUSED
        return self.head(x)


class SigmoidAtTheEnd(Base):
    remedy = "leave it out behind the last layer"

    def forward(self, x):
        x = self.head(F.relu(self.conv(x)))
        return x.sigmoid()  # REFUSED


class Clamped(Base):
    remedy = "use nn.ReLU, nn.ReLU6 or clamp(0, c)"

    def forward(self, x):
        x = torch.clamp(self.conv(x), -1, 1)  # REFUSED
        return self.head(x)

    def mended(self, x):
        return self.head(torch.clamp(self.conv(x), 0, 1))


class LayerNorm(Base):
    remedy = "use nn.BatchNorm2d"

    def make_extra(self):
        return nn.LayerNorm([4, 8, 8])

    def make_better(self):
        return nn.BatchNorm2d(4)

    def forward(self, x):
        x = F.relu(self.extra(self.conv(x)))  # REFUSED
        return self.head(x)


class GroupNorm(LayerNorm):
    def make_extra(self):
        return nn.GroupNorm(2, 4)

    def forward(self, x):
        x = F.relu(self.extra(self.conv(x)))  # REFUSED
        return self.head(x)


class Attention(Base):
    remedy = "use a convolutional network"

    def make_extra(self):
        return nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x):
        x = F.relu(self.conv(x)).flatten(2).transpose(1, 2)
        x = self.extra(x, x, x)  # REFUSED
        return self.fc(x[0].mean(1))


class Stack(Base):
    remedy = "torch.cat(tensors, 1)"

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = torch.stack([x, F.relu(self.conv2(x))], 1)  # REFUSED
        return self.head(x[:, 0])

    def mended(self, x):
        x = F.relu(self.conv(x))
        x = torch.cat([x, F.relu(self.conv2(x))], 1)
        return self.head(x[:, :4])


class ConcatAlongRows(Base):
    remedy = "torch.cat(tensors, 1)"

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = torch.cat([x, F.relu(self.conv2(x))], 2)  # REFUSED
        return self.head(x)

    mended = Stack.mended


class DynamicBranch(Base):
    remedy = "the same sequence of calls for every image"

    def forward(self, x):
        x = F.relu(self.conv(x))
        if x.sum() > 0:  # REFUSED
            x = F.relu(self.conv2(x))
        return self.head(x)


class Gate(Base):
    remedy = "leave the gate out"

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x * self.conv2(x)  # REFUSED
        return self.head(F.relu(x))


class SqueezeAndExcitation(Base):
    remedy = "leave the gate out"

    def forward(self, x):
        x = F.relu(self.conv(x))
        weight = F.relu(self.conv2(F.adaptive_avg_pool2d(x, 1)))
        x = torch.mul(x, weight)  # REFUSED
        return self.head(x)


class Divided(Base):
    remedy = "divide by constants only"

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x / (1 + x)  # REFUSED
        return self.head(x)

    def mended(self, x):
        return self.head(F.relu(self.conv(x)) / 2)


class SoftmaxBetween(Base):
    remedy = "leave it out"

    def forward(self, x):
        x = F.softmax(self.conv(x), dim=1)  # REFUSED
        return self.head(x)


class Transposed(Base):
    remedy = "use nn.Conv2d"

    def make_extra(self):
        return nn.ConvTranspose2d(4, 4, 2, 2)

    def make_better(self):
        return nn.Conv2d(4, 4, 2, 2)

    def forward(self, x):
        x = F.relu(self.extra(F.relu(self.conv(x))))  # REFUSED
        return self.head(x)


class Upsampled(Base):
    remedy = "leave it out"

    def forward(self, x):
        x = F.interpolate(F.relu(self.conv(x)), scale_factor=2)  # REFUSED
        return self.head(x)


class TwoInputs(Base):
    def forward(self, x, y):
        return self.head(F.relu(self.conv(x) + y))


class PartialBatchNorm(Base):
    remedy = "track_running_stats=True"

    def make_extra(self):
        return nn.BatchNorm2d(4, track_running_stats=False)

    def make_better(self):
        return nn.BatchNorm2d(4, track_running_stats=True)

    def forward(self, x):
        x = F.relu(self.extra(self.conv(x)))  # REFUSED
        return self.head(x)


class Subtract(Base):
    remedy = "multiply it by -1, and add"

    def forward(self, x):
        x = self.conv(x)
        return self.head(F.relu(self.conv2(F.relu(x)) - x))  # REFUSED

    def mended(self, x):
        x = self.conv(x)
        return self.head(F.relu(self.conv2(F.relu(x)) + x * -1))


class DropoutLeftOn(Base):
    """F.dropout's own default, also in eval mode."""

    remedy = "training=self.training"

    def forward(self, x):
        x = F.dropout(F.relu(self.conv(x)))  # REFUSED
        return self.head(x)

    def mended(self, x):
        return self.head(F.dropout(F.relu(self.conv(x)), training=self.training))


class OtherAreaAtTheBorder(Base):
    remedy = "use count_include_pad=True"

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)  # REFUSED
        return self.head(x)

    def mended(self, x):
        return self.head(F.avg_pool2d(F.relu(self.conv(x)), 3, 2, 1, count_include_pad=True))


class OtherAreaAtTheEnd(Base):
    remedy = "use ceil_mode=False"

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = F.avg_pool2d(x, 3, ceil_mode=True)  # REFUSED
        return self.head(x)

    def mended(self, x):
        return self.head(F.avg_pool2d(F.relu(self.conv(x)), 3, ceil_mode=False))


class DilatedPool(Base):
    remedy = "use dilation=1"

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = F.max_pool2d(x, 2, dilation=2)  # REFUSED
        return self.head(x)

    def mended(self, x):
        return self.head(F.max_pool2d(F.relu(self.conv(x)), 2, dilation=1))


class Reflected(Base):
    remedy = "pad with zeros"

    def forward(self, x):
        x = F.pad(x, (1, 1, 1, 1), mode="reflect")  # REFUSED
        return self.head(F.relu(self.conv(x)))

    def mended(self, x):
        return self.head(F.relu(self.conv(F.pad(x, (1, 1, 1, 1)))))


class MeanImage(Base):
    remedy = "use one value per channel"

    def make_extra(self):
        return nn.ParameterList([torch.rand(1, 3, 8, 8)])

    def forward(self, x):
        x = x - self.extra[0]  # REFUSED
        return self.head(F.relu(self.conv(x)))

    def mended(self, x):
        return self.head(F.relu(self.conv(x - self.extra[0].mean((2, 3), keepdim=True))))


class MeanOfChannels(Base):
    remedy = "pool over (2, 3)"

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x.mean(1, keepdim=True)  # REFUSED
        return self.head(x.repeat(1, 4, 1, 1))


class BetweenImages(Base):
    remedy = "keep the first axis for the images"

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x.reshape(1, -1, 8, 8)  # REFUSED
        return self.head(x[:, :4])


class Predictions(Base):
    remedy = "return the logits"

    def forward(self, x):
        x = self.head(F.relu(self.conv(x)))
        return x.argmax(1)  # REFUSED


class PoolOfCurrents(Base):
    """Every operator is known, but the largest of several currents is not linear."""

    def forward(self, x):
        x = F.max_pool2d(self.conv(x), 2)
        return self.head(F.relu(self.conv2(x)))  # REFUSED


LINED = (
    SiLU, GELU, LeakyReLU, Sigmoid, SigmoidAtTheEnd, Clamped, LayerNorm, GroupNorm, Attention, Stack, ConcatAlongRows, DynamicBranch,
    Gate, SqueezeAndExcitation, Divided, SoftmaxBetween, Transposed, Upsampled, PartialBatchNorm, Subtract, DropoutLeftOn,
    OtherAreaAtTheBorder, OtherAreaAtTheEnd, DilatedPool, Reflected, MeanImage, MeanOfChannels, BetweenImages, Predictions,
)  # fmt: skip
