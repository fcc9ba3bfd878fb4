"""One table of settings, seen from everywhere: whatever is added to it must show up in all of these without another line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import neurocuda
from neurocuda.core import _core

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("NEUROCUDA_BIN", ROOT / "build" / "bin")) / "neurocuda"
TABLES = {"convert": _core.conversion_settings(), "train": _core.training_settings()}
FIELDS = [pytest.param(name, field, id=f"{name}-{field['name']}") for name, table in TABLES.items() for field in table["fields"]]
CONVERT = [pytest.param(field, id=field["name"]) for field in TABLES["convert"]["fields"]]


def help_of(subcommand):
    return subprocess.run([BINARY, subcommand, "--help"], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def helps():
    return {name: help_of(name) for name in TABLES}


@pytest.fixture(scope="module")
def report(trained, loaders):
    return neurocuda.convert(trained, list(loaders[0])[:2], timesteps=2, epochs=0, tune="none").conversion


def outside(field):
    """A value that the field does not take."""
    if field["type"] in ("int", "float"):
        return field["low"] - 1
    return {"bool": "maybe", "str": 7, "list": "many"}[field["type"]]


@pytest.mark.skipif(not BINARY.exists(), reason="the program is not built")
@pytest.mark.parametrize("subcommand, field", FIELDS)
def test_the_command_line_has_its_common_fields(helps, subcommand, field):
    option = "--" + field["name"].replace("_", "-")
    words = helps[subcommand].split()
    assert (option in [word.split(",")[-1] for word in words]) == (field["level"] == "common")
    if field["level"] == "common":
        assert field["doc"][1:] in helps[subcommand]


@pytest.mark.skipif(not BINARY.exists(), reason="the program is not built")
@pytest.mark.parametrize("subcommand", TABLES)
def test_the_settings_subcommand_lists_all(tmp_path, subcommand):
    subprocess.run([BINARY, "settings", subcommand, "--json", tmp_path / "table.json"], check=True, capture_output=True)
    assert json.loads((tmp_path / "table.json").read_text()) == TABLES[subcommand]


@pytest.mark.parametrize("field", CONVERT)
def test_convert_takes_every_field_and_reports_it(report, field):
    assert field["name"] in report.settings
    assert json.loads(report.program.settings)[field["name"]] == report.settings[field["name"]]


@pytest.mark.parametrize("field", CONVERT)
def test_convert_refuses_what_is_out_of_range(trained, loaders, field):
    if field["name"] in ("calibration_images", "device", "seed"):
        pytest.skip("an argument of its own")
    with pytest.raises(neurocuda.UserError, match=field["name"]):
        neurocuda.convert(trained, list(loaders[0])[:1], **{field["name"]: outside(field)})


@pytest.mark.parametrize("gone", [g["name"] for g in TABLES["convert"]["gone"]])
def test_gone_keywords_are_answered(trained, loaders, gone):
    with pytest.raises(neurocuda.UserError, match=f"{gone}.*gone"):
        neurocuda.convert(trained, loaders[0], **{gone: 1})


def test_a_misspelt_keyword_is_answered_with_the_nearest(trained, loaders):
    with pytest.raises(neurocuda.UserError, match="did you mean percentile"):
        neurocuda.convert(trained, loaders[0], procentile=99)


def test_recipes_and_the_keywords_that_win_over_them(trained, loaders):
    batches = list(loaders[0])[:2]
    snn = neurocuda.convert(trained, batches, timesteps=2, epochs=0, tune="none", recipe="few-images", held_out=0.3)
    assert snn.settings["label_weight"] == 0.3 and snn.settings["held_out"] == 0.3
    with pytest.raises(neurocuda.UserError, match="few-images"):
        neurocuda.convert(trained, batches, recipe="none such")


def test_settings_of_a_network_make_it_again(trained, loaders, tmp_path):
    batches = list(loaders[0])[:6]
    first = neurocuda.convert(trained, batches, timesteps=3, epochs=1, tune_epochs=1, levels=5, seed=4, rate_matching=2.5, threads=1)
    neurocuda.to_nir(first, tmp_path / "first.nir")
    loaded = neurocuda.from_nir(tmp_path / "first.nir")
    again = neurocuda.convert(trained, batches, **loaded.settings)
    neurocuda.to_nir(again, tmp_path / "again.nir")
    assert (tmp_path / "again.nir").read_bytes() == (tmp_path / "first.nir").read_bytes()


def test_what_is_made_from_the_tables_is_up_to_date():
    script = ROOT / "scripts" / "generate-settings.py"
    result = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
