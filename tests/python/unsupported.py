"""Models that are refused: the operator's line holds the word REFUSED."""

import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(4, 5)
        self.extra = self.make_extra()

    def make_extra(self):
        return nn.Identity()

    def head(self, x):
        return self.fc(x.mean((2, 3)))


class SiLU(Base):
    def make_extra(self):
        return nn.SiLU()

    def forward(self, x):
        x = self.extra(self.conv(x))  # REFUSED
        return self.head(x)


class GELU(Base):
    def forward(self, x):
        x = F.gelu(self.conv(x))  # REFUSED
        return self.head(x)


class Sigmoid(Base):
    def forward(self, x):
        x = torch.sigmoid(self.conv(x))  # REFUSED
        return self.head(x)


class LayerNorm(Base):
    def make_extra(self):
        return nn.LayerNorm([4, 8, 8])

    def forward(self, x):
        x = F.relu(self.extra(self.conv(x)))  # REFUSED
        return self.head(x)


class Attention(Base):
    def make_extra(self):
        return nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x):
        x = F.relu(self.conv(x)).flatten(2).transpose(1, 2)  # REFUSED
        return self.fc(self.extra(x, x, x)[0].mean(1))


class Concat(Base):
    def forward(self, x):
        x = F.relu(self.conv(x))
        x = torch.cat([x, F.relu(self.conv2(x))], 1)  # REFUSED
        return self.head(x[:, :4])


class DynamicBranch(Base):
    def forward(self, x):
        x = F.relu(self.conv(x))
        if x.sum() > 0:  # REFUSED
            x = F.relu(self.conv2(x))
        return self.head(x)


class Gate(Base):
    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x * self.conv2(x)  # REFUSED
        return self.head(F.relu(x))


class Softmax(Base):
    def forward(self, x):
        x = self.head(F.relu(self.conv(x)))
        return F.softmax(x, dim=1)  # REFUSED


class Transposed(Base):
    def make_extra(self):
        return nn.ConvTranspose2d(4, 4, 2, 2)

    def forward(self, x):
        x = F.relu(self.extra(F.relu(self.conv(x))))  # REFUSED
        return self.head(x)


class TwoInputs(Base):
    def forward(self, x, y):
        return self.head(F.relu(self.conv(x) + y))


class PartialBatchNorm(Base):
    def make_extra(self):
        return nn.BatchNorm2d(4, track_running_stats=False)

    def forward(self, x):
        x = F.relu(self.extra(self.conv(x)))  # REFUSED
        return self.head(x)


class Subtract(Base):
    def forward(self, x):
        x = self.conv(x)
        return self.head(F.relu(self.conv2(F.relu(x)) - x))  # REFUSED


class PreActivation(Base):
    """Every operator is known, but a sum of currents is read twice."""

    def forward(self, x):
        x = self.conv(x)  # REFUSED
        return self.head(F.relu(x + self.conv2(F.relu(x))))


LINED = (
    SiLU, GELU, Sigmoid, LayerNorm, Attention, Concat, DynamicBranch, Gate, Softmax, Transposed, PartialBatchNorm, Subtract,
)  # fmt: skip
