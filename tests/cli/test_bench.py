from conftest import assert_refused, run, run_json

KEYS = {"memory_bytes", "images_per_second", "milliseconds_per_image", "synops_per_second", "density", "threads", "isa"}


def test_snn(models, tmp_path):
    document = run_json(tmp_path, "bench", models / "snn.nir", "--data", "digits", "--images", 16, "--repeats", 3)
    assert KEYS <= document.keys()
    assert document["images_per_second"] > 0 and 0 < document["density"] < 1
    assert abs(document["images_per_second"] * document["milliseconds_per_image"] - 1000) < 1e-6


def test_random_network_fires_at_the_density_asked_for(tmp_path):
    document = run_json(tmp_path, "bench", "--random-network", "resnet20", "--density", 0.06, "-T", 8, "--images", 4,
                        "--repeats", 1, "--threads", 2)
    assert KEYS <= document.keys()
    assert 0.03 < document["density"] < 0.12
    assert document["threads"] == 2 and document["timesteps"] == 8


def test_needs_one_network(models):
    assert_refused(run("bench"), "--random-network")
    assert_refused(run("bench", models / "snn.nir", "--random-network", "resnet20"), "--random-network")


def test_a_file_has_the_density_that_it_has(models):
    assert_refused(run("bench", models / "snn.nir", "--density", 0.1), "--density", "--random-network")


def test_unknown_random_network():
    assert_refused(run("bench", "--random-network", "alexnet", "-T", 2), "alexnet")
