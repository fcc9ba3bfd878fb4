"""Where outputs go: links, special files, the command's own inputs, modes, and what is left behind."""

import os
import shutil
import socket
import stat
import subprocess

import pytest

from conftest import BINARY, assert_empty, assert_refused, run

NETWORK = ["--random-network", "resnet20", "--images", "1", "--repeats", "1", "-T", "1", "--threads", "1"]


def inspect(model, output):
    return run("inspect", model, "--json", output)


def test_a_link_is_followed(models, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "answer.json").write_text("old")
    (tmp_path / "link.json").symlink_to("store/answer.json")
    assert inspect(models / "snn.nir", tmp_path / "link.json").returncode == 0
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "store" / "answer.json").read_text().startswith("{")


def test_names_of_the_other_kind_of_file_are_refused(models, tmp_path):
    assert_refused(run("convert", models / "ann.onnx", "--data", "digits", "-o", tmp_path / "snn.onnx"), "snn.onnx", ".nir")
    assert_refused(run("train", "--arch", "mlp", "--data", "digits", "-o", tmp_path / "ann.nir"), "ann.nir", ".onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", ["/dev/stdout", "/dev/null", "/dev/full", "/proc/self/fd/1"])
def test_special_files_are_refused(models, output):
    result = inspect(models / "snn.nir", output)
    assert_refused(result, output, "give a file name")
    assert os.path.exists(output) and result.stdout == ""


def test_pipes_and_sockets_stay(models, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name in ("pipe", "socket"):
            assert_refused(inspect(models / "snn.nir", tmp_path / name), name, "give a file name")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode) and stat.S_ISSOCK((tmp_path / "socket").stat().st_mode)


def commands(folder):
    """Every subcommand that reads a file and writes one, with {} for the output."""
    ann, snn, settings = folder / "ann.onnx", folder / "snn.nir", folder / "settings.json"
    return {
        "inspect": ["inspect", snn, "--json", "{}"],
        "doctor": ["doctor", ann, "--json", "{}"],
        "eval": ["eval", snn, "--data", "digits", "--json", "{}"],
        "verify": ["verify", snn, "--data", "digits", "--json", "{}"],
        "sweep": ["sweep", snn, "--data", "digits", "--json", "{}"],
        "bench": ["bench", snn, "--json", "{}"],
        "convert": ["convert", ann, "--data", "digits", "-o", "{}"],
        "convert calibrated": ["convert", ann, "--data", "digits", "--calibrated", snn, "-o", folder / "new.nir", "--save-calibrated", "{}"],
        "train": ["train", "--arch", "digits_resnet", "--data", "digits", "--settings", settings, "-o", "{}"],
        "verify against": ["verify", ann, "--against", snn, "--data", "digits", "--json", "{}"],
    }


@pytest.mark.parametrize("name", commands(BINARY.parent))
def test_no_command_replaces_its_input(models, tmp_path, name):
    for file in ("ann.onnx", "snn.nir"):
        shutil.copy(models / file, tmp_path / file)
    (tmp_path / "settings.json").write_text("{}")
    inputs = {"doctor": "ann.onnx", "convert": "ann.onnx", "train": "settings.json"}
    victim = tmp_path / inputs.get(name, "snn.nir")
    before = victim.read_bytes()
    (tmp_path / "link").symlink_to(victim.name)
    os.link(victim, tmp_path / "hard")
    (tmp_path / "folder").mkdir()
    for spelling in (victim, f"{tmp_path}/folder/../{victim.name}", tmp_path / "link", tmp_path / "hard"):
        arguments = [str(part).format(spelling) for part in commands(tmp_path)[name]]
        assert_refused(run(*arguments), spelling, victim, "another name")
    assert victim.read_bytes() == before and (tmp_path / "link").is_symlink()


def test_no_file_of_the_data_is_replaced(models, tmp_path):
    images = tmp_path / "test_batch.bin"
    images.write_bytes(bytes(3073))
    assert_refused(run("eval", models / "snn.nir", "--data", tmp_path, "--json", images), images, tmp_path, "another place")
    assert images.read_bytes() == bytes(3073)


def test_two_outputs_through_a_link(models, tmp_path):
    (tmp_path / "link.nir").symlink_to("snn.nir")
    result = run("convert", models / "ann.onnx", "--data", "digits", "-o", tmp_path / "snn.nir", "--json", tmp_path / "link.nir")
    assert_refused(result, "link.nir", "two outputs")


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_modes(models, tmp_path, umask):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text("old")
    old.chmod(0o600)
    for path in (old, new):
        subprocess.run([BINARY, "inspect", models / "snn.nir", "--json", path], check=True, umask=umask, stdout=subprocess.DEVNULL)
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert stat.S_IMODE(new.stat().st_mode) == 0o666 & ~umask


def test_nothing_is_left_beside_a_trained_network(models):
    assert not [path.name for path in models.iterdir() if "resume" in path.name or path.name.endswith(".tmp")]


@pytest.mark.parametrize("arguments", [["--help"], ["backends"], ["settings"], ["bench", *NETWORK]])
def test_lost_standard_output(arguments):
    with open("/dev/full", "w") as full:
        result = subprocess.run([BINARY, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    result.stdout = ""
    assert_refused(result, "standard output", "No space left on device")


def test_closed_standard_output(models, tmp_path):
    """Closed, its number would go to the next file that is opened, and the text into that."""
    command = f"{BINARY} inspect {models / 'snn.nir'} --json {tmp_path / 'answer.json'} >&-"
    result = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True)
    result.stdout = ""
    assert_refused(result, "standard output")
    assert (tmp_path / "answer.json").read_text().startswith("{")


def test_lost_standard_error_changes_nothing(models, tmp_path):
    with open("/dev/full", "w") as full:
        for arguments, status in [(["inspect", models / "snn.nir"], 0), (["inspect", tmp_path / "none.nir"], 2)]:
            assert subprocess.run([BINARY, *arguments], stdout=subprocess.DEVNULL, stderr=full).returncode == status
    assert_empty(tmp_path)
