"""ResNet-18 on CIFAR-10: train, convert, compile, evaluate, export, sweep.

    python resnet18_cifar10.py --data DIR            # the official binary layout (data_batch_1.bin, ...)
    python resnet18_cifar10.py --data torchvision    # downloads, where torchvision is installed
    python resnet18_cifar10.py --data DIR --epochs 1 --subset 2000    # a rehearsal
"""

import argparse

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset, random_split

import neurocuda


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="./data", help="folder with CIFAR-10 in the binary layout, or 'torchvision'")
    parser.add_argument("--epochs", type=int, default=200, help="of training the ANN")
    parser.add_argument("--subset", type=int, default=0, help="use that many training and test images; 0: all")
    parser.add_argument("--timesteps", type=int, default=32)
    parser.add_argument("--calibration-epochs", type=int, default=5)
    parser.add_argument("--sweep", type=int, nargs="*", default=[8, 16, 32, 64], help="timesteps to convert for; none to skip")
    parser.add_argument("--output", default="resnet18_cifar10_snn.nir")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def load_data(source: str):
    """(training set with random crop and flip, test set), both normalised."""
    if source != "torchvision":
        splits = neurocuda.datasets.load(source, crop_padding=4, flip=True)
        return splits.train, splits.test
    import torchvision
    from torchvision import transforms

    normalise = [transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))]
    augment = [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()]
    cifar = torchvision.datasets.CIFAR10
    train = cifar("./data", train=True, download=True, transform=transforms.Compose(augment + normalise))
    return train, cifar("./data", train=False, download=True, transform=transforms.Compose(normalise))


def make_loaders(arguments: argparse.Namespace):
    """Training, calibration (a tenth of the training set) and test."""
    train, test = load_data(arguments.data)
    if arguments.subset:
        train = Subset(train, range(min(arguments.subset, len(train))))
        test = Subset(test, range(min(arguments.subset, len(test))))
    held = len(train) // 10
    train, calibration = random_split(train, [len(train) - held, held], torch.Generator().manual_seed(0))
    return (
        DataLoader(train, batch_size=128, shuffle=True, num_workers=2),
        DataLoader(calibration, batch_size=64, shuffle=True, num_workers=2),
        DataLoader(test, batch_size=64, num_workers=2),
    )


def train_ann(model: nn.Module, loader: DataLoader, epochs: int, device: str) -> None:
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, 0.1, epochs=max(1, epochs), steps_per_epoch=len(loader))
    model.train()
    for epoch in range(epochs):
        for images, labels in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images.to(device)), labels.to(device))
            loss.backward()
            optimizer.step()
            scheduler.step()
        print(f"epoch {epoch + 1}/{epochs}: loss {loss.item():.3f}", flush=True)


def try_targets(snn: "neurocuda.SNN", loader: DataLoader) -> None:
    """Every target of this build; those that are missing say how to get them."""
    for backend in neurocuda.backends():
        if backend["target"] == "reference":
            continue  # the scalar yardstick: far too slow for a whole test set
        try:
            neurocuda.compile(snn, target=backend["target"])
        except neurocuda.BackendUnavailable as missing:
            print(f"{backend['target']}: {missing}")
            continue
        facts = neurocuda.report(snn, loader)
        print(f"{snn.target}: accuracy {facts['accuracy']:.2%}, sparsity {facts['sparsity']:.1%}, {facts['images_per_second']:.0f} images/s")
    neurocuda.compile(snn, target="cpu")


def main() -> None:
    arguments = parse_arguments()
    torch.manual_seed(0)
    train_loader, cal_loader, test_loader = make_loaders(arguments)
    model = neurocuda.models.resnet18_cifar().to(arguments.device)
    train_ann(model, train_loader, arguments.epochs, arguments.device)
    ann_accuracy = neurocuda.evaluate(model, test_loader, device=arguments.device)
    print(f"ANN accuracy: {ann_accuracy:.2%}")

    settings = {"device": arguments.device, "epochs": arguments.calibration_epochs, "verbose": True}
    snn = neurocuda.convert(model, cal_loader, timesteps=arguments.timesteps, **settings)
    try_targets(snn, test_loader)
    print(f"gap to the ANN: {100 * (ann_accuracy - neurocuda.evaluate(snn, test_loader)):.2f} points")
    neurocuda.to_nir(snn, arguments.output)
    for timesteps in arguments.sweep:
        snn_t = neurocuda.convert(model, cal_loader, timesteps=timesteps, **settings)
        print(f"T={timesteps}: {neurocuda.evaluate(snn_t, test_loader):.2%}")


if __name__ == "__main__":
    main()
