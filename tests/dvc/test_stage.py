"""`capture --dvc-stage`: what a pipeline's stage was run with, and what it wrote."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from dvcproject import Dvc, copy_project, git, make_project, only_one
from dvctrial import Trial

PIPELINE = """
vars: [{folder: models}]
stages:
  train:
    cmd: python train.py
    deps: [data/raw, src, train.py]
    params: [train.lr, train.mode, epochs, conf.json: [seed]]
    outs: ["${folder}"]
    metrics: [metrics.json: {cache: false}]
  score:
    foreach: [x, y]
    do:
      wdir: scores
      cmd: echo '{"auc":0.${item}1}' | tr xy 12 > ${item}.json
      metrics: ["${item}.json"]
  outside:
    cmd: cat /etc/hostname > host.txt
    deps: [/etc/hostname]
    outs: [host.txt]
"""
TRAIN = """
import json, pathlib
pathlib.Path("models").mkdir(exist_ok=True)
pathlib.Path("models/model.bin").write_bytes(b"weights")
pathlib.Path("metrics.json").write_text(json.dumps({"auc": 0.9, "loss": {"train": 1.5}}))
"""
NOT_RECORDED = "not what DVC recorded in dvc.lock; what was read is recorded"
PARAMS = "train: {lr: 1e-05, mode: 'no', at: '1:30'}\nepochs: 3\n"


@pytest.fixture(scope="session")
def piped(dvc: Dvc, shared: Path) -> Path:
    """A project whose pipeline DVC has run."""
    with only_one(shared / "lock"):
        project = shared / "piped" / "project"
        if not project.exists():
            make_project(dvc, project, project.parent / "remote")
            (project / "src").mkdir()
            (project / "scores").mkdir()
            (project / "src/model.py").write_text("LAYERS = 2\n")
            (project / "train.py").write_text(TRAIN)
            (project / "params.yaml").write_text(PARAMS)
            (project / "conf.json").write_text('{"seed": 7, "unused": 1}')
            (project / "dvc.yaml").write_text(PIPELINE)
            dvc(project, "repro -q")
            git(project, "add", "-A")
            git(project, "commit", "-q", "-m", "run")
    return project


@pytest.fixture
def project(piped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dvc: Dvc) -> Path:
    for name, value in dvc.environ.items():
        if name != "PATH":
            monkeypatch.setenv(name, value)
    return copy_project(piped, tmp_path / "work")


def by_name(found):
    return {each["name"]: each for each in found.predicate["datasets"]}


def test_a_stage_is_recorded_whole(trial: Trial):
    found = trial.capture("--dvc-stage", "train")
    datasets = by_name(found)
    assert {name: each["role"] for name, each in datasets.items()} == {
        "raw": "input",
        "src": "input",
        "train.py": "input",
        "models": "output",
        "metrics.json": "output",
    }
    for each in datasets.values():
        assert each["format"] == "dvc"
        assert (each["dvc"]["pointer"], each["dvc"]["stage"]) == ("dvc.lock", "train")
        assert each["dvc"]["agrees"] is True
    assert found.predicate["parameters"] == {
        "train": {"lr": 1e-05, "mode": "no"},
        "epochs": 3,
        "seed": 7,
    }
    assert found.predicate["metrics"] == {"auc": 0.9, "loss": {"train": 1.5}}
    assert found.predicate["capture"]["options"] == {"dvc-stage": "train"}
    assert found.warnings == []
    assert trial.verify().code == 0


def test_what_changed_since_the_stage_was_run_is_said(trial: Trial):
    (trial.root / "train.py").write_text(TRAIN + "# edited\n")
    (trial.root / "src/new.py").write_text("")
    found = trial.capture("--dvc-stage", "train")
    assert found.warnings == [
        f"data set 'src': its files are {NOT_RECORDED}",
        f"data set 'train.py': 1 file (train.py) is {NOT_RECORDED}",
    ]
    code = found.predicate["code"]
    assert code["dirty"] is True
    assert "train.py" in code["patch"]["files"]


def test_flags_come_on_top_of_a_stage(trial: Trial):
    (trial.root / "more.yaml").write_text("epochs: 9\n")
    options = ["--params", "more.yaml", "--param", "seed=8", "--metric", "auc=0.5"]
    options += ["--dataset", "raw=files:data/raw", "--dataset", "extra=files:conf.json"]
    found = trial.capture("--dvc-stage", "train", *options)
    datasets = by_name(found)
    assert (datasets["raw"]["format"], datasets["extra"]["format"]) == ("files", "files")
    assert "dvc" in datasets["src"]
    assert found.predicate["parameters"]["epochs"] == 9
    assert found.predicate["parameters"]["seed"] == 8
    assert found.predicate["metrics"]["auc"] == 0.5


def test_one_of_many_stages_in_a_folder_of_its_own(trial: Trial):
    found = trial.capture("--dvc-stage", "dvc.yaml:score@x")
    assert found.dataset["location"] == "scores/x.json"
    assert found.predicate["metrics"] == {"auc": 0.11}
    assert trial.verify().code == 0


def test_a_pipeline_in_another_folder(trial: Trial):
    done = trial.shell("capture", "--dvc-stage", "../dvc.yaml:score@y", cwd=trial.root / "src")
    assert done.code == 0, done.err


def test_what_lies_outside_is_named_and_not_recorded(trial: Trial):
    found = trial.capture("--dvc-stage", "outside")
    assert list(by_name(found)) == ["host.txt"]
    assert found.warnings == [
        "stage 'outside' names /etc/hostname, which lies outside the DVC project and is not recorded"
    ]


def test_outputs_that_were_not_checked_out_come_from_the_cache(trial: Trial):
    shutil.rmtree(trial.root / "models")
    found = trial.capture("--dvc-stage", "train")
    assert by_name(found)["models"]["dvc"]["readFrom"] == {"cache": 1}
    assert trial.verify().code == 0


def test_a_later_run_of_the_stage_is_another_version(trial: Trial, dvc: Dvc):
    found = trial.capture("--dvc-stage", "train")
    assert by_name(found)["models"]["dvc"]["md5"].endswith(".dir")
    (trial.root / "train.py").write_text(TRAIN.replace("weights", "WEIGHTS"))
    dvc(trial.root, "repro -q train")
    done = trial.shell("verify", "--key", "auditkit.pub", "--json")
    conditions = {
        each["name"]: (each["condition"], each.get("note"))
        for each in done.document["targets"][0]["datasets"]
    }
    assert conditions["models"] == (
        "intact",
        "read from DVC's cache; the workspace has another version",
    )
    assert conditions["raw"] == ("intact", None)
    assert conditions["train.py"][0] == "altered"
    assert done.code == 10


def test_an_output_of_a_stage_is_found_by_its_path(trial: Trial):
    found = trial.capture("--dataset", "model=dvc:models@HEAD")
    assert (found.dvc["pointer"], found.dvc["stage"]) == ("dvc.lock", "train")
    assert trial.verify().code == 0
    trial.capture("--dvc-stage", "train")
    done = trial.shell("verify", "metrics.json", "--key", "auditkit.pub", "--json")
    assert done.code == 0
    assert "is output 'metrics.json'" in done.document["targets"][0]["source"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("absent", "dvc.lock has no stage 'absent'"),
        ("src/dvc.yaml:train", "dvc.lock has no stage 'train'"),
        ("a/b", "names no stage"),
        ("other.yaml:train", "names no stage"),
        ("", "names no stage"),
        ("/tmp/dvc.yaml:train", "lies in no DVC project"),
    ],
)
def test_what_is_no_stage(trial: Trial, text, message):
    done = trial.shell("capture", "--dvc-stage", text)
    assert (done.code, message in done.err) == (2, True), done.err


def test_names_that_are_in_two_files_stay_apart(trial: Trial):
    lock = trial.root / "dvc.lock"
    text = lock.read_text()
    lock.write_text(text.replace("seed: 7", "epochs: 7"))
    found = trial.capture("--dvc-stage", "train")
    assert found.predicate["parameters"] == {
        "params.yaml": {"train": {"lr": 1e-05, "mode": "no"}, "epochs": 3},
        "conf.json": {"epochs": 7},
    }


def test_two_files_of_one_name_are_named_by_their_paths(trial: Trial, dvc: Dvc):
    (trial.root / "dvc.yaml").write_text(
        "stages: {copy: {cmd: cp train.py src/train.py, deps: [train.py], outs: [src/train.py]}}"
    )
    dvc(trial.root, "repro -q copy")
    found = trial.capture("--dvc-stage", "copy")
    assert list(by_name(found)) == ["train.py", "src_train.py"]


def test_a_dry_run_shows_what_would_be_read(trial: Trial):
    done = trial.shell("capture", "--dvc-stage", "train", "--dry-run", "--json")
    assert json.loads(done.out)["files"] == 8
    assert hashlib.md5(b"weights").hexdigest() not in done.out
