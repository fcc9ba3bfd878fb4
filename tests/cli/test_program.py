"""The program as a whole: help, version, the table of subcommands, bad use."""

import pytest

from conftest import assert_refused, run

SUBCOMMANDS = ["demo", "train", "doctor", "convert", "eval", "verify", "sweep", "inspect", "bench", "backends"]


def test_help_lists_every_subcommand():
    result = run("--help")
    assert result.returncode == 0
    for subcommand in SUBCOMMANDS:
        assert subcommand in result.stdout


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_every_subcommand_has_help_and_the_common_options(subcommand):
    result = run(subcommand, "--help")
    assert result.returncode == 0
    for option in ["--seed", "--threads", "--json"]:
        assert option in result.stdout


def test_version():
    result = run("--version")
    assert result.returncode == 0
    assert result.stdout.strip()[0].isdigit()


def test_no_subcommand():
    assert_refused(run(), "subcommand")


def test_unknown_subcommand():
    assert_refused(run("fly"), "fly")


def test_unknown_option():
    assert_refused(run("backends", "--colour", "red"), "--colour", "neurocuda backends --help")


def test_missing_argument():
    assert_refused(run("eval", "--data", "digits"), "MODEL")


def test_option_that_is_no_number():
    assert_refused(run("backends", "--threads", "many"), "--threads", "many")
