"""From a PyTorch model to a verified spiking network in a minute, on the digits that come with the package."""

# %% The data and a small residual network
import torch
from torch.utils.data import DataLoader

import neurocuda

torch.manual_seed(0)
digits = neurocuda.datasets.load("digits")
train_loader = DataLoader(digits.train, batch_size=64, shuffle=True)
test_loader = DataLoader(digits.test, batch_size=64)
model = neurocuda.models.digits_resnet()

# %% Train it as usual
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
for _ in range(8):
    for images, labels in train_loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
print(f"ANN accuracy: {neurocuda.evaluate(model, test_loader):.2%}")

# %% What will conversion make of it?
for finding in neurocuda.doctor(model, input_shape=(1, 8, 8)):
    print(finding)

# %% Convert and look at it
snn = neurocuda.convert(model, train_loader, timesteps=16)
print(snn)
print(f"SNN accuracy: {neurocuda.evaluate(snn, test_loader):.2%}")
print(f"Sparsity:     {neurocuda.measure_sparsity(snn, test_loader):.1%}")

# %% Is every spike the same on every target?
facts = neurocuda.verify(snn, test_loader, targets=("reference", "cpu"), images=50)
print(f"{facts['spikes_compared']:,} spikes compared, {facts['deviations']} deviations")

# %% How many timesteps are needed?
for point in neurocuda.sweep(snn, test_loader, timesteps=(1, 2, 4, 8, 16)):
    print(f"T = {point['timesteps']:2}: {point['accuracy']:.2%}")

# %% Save it
neurocuda.to_nir(snn, "digits_snn.nir")
assert neurocuda.from_nir("digits_snn.nir").program == snn.program
