"""The environment: this machine's, and others' where only they have the part."""

import hashlib
import json
import os
import platform
import sys
from pathlib import Path

import msgspec
import pytest

from auditkit.manifest.model import Container, Environment, Gpu
from auditkit.provenance.container import detect_container
from auditkit.provenance.environment import record_environment
from auditkit.provenance.hardware import GpuRecord, record_cpu, record_gpus, record_memory
from auditkit.provenance.locks import record_locks
from auditkit.provenance.packages import list_packages


def program(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!{sys.executable}\n{body}\n")
    (folder / name).chmod(0o755)


def nvidia_smi(tmp_path, monkeypatch, body: str) -> None:
    program(tmp_path / "bin", "nvidia-smi", body)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def test_this_machine(tmp_path):
    record = record_environment(tmp_path)
    environment = record.environment
    assert environment.python.version == platform.python_version()
    assert environment.os.system == platform.system()
    assert environment.cpu.cores == len(os.sched_getaffinity(0))
    assert environment.memory_bytes == record_memory() > 2**20
    encoded = msgspec.json.encode(environment)
    assert msgspec.json.decode(encoded, type=Environment) == environment


def test_packages_are_a_sidecar_bound_by_digest(tmp_path):
    record = record_environment(tmp_path)
    packages = record.environment.packages
    content = record.sidecars[packages.list.name]
    assert packages.list.sha256 == hashlib.sha256(content).hexdigest()
    assert packages.list.size == len(content)
    listed = json.loads(content)
    assert len(listed) == packages.count
    assert {"name": "pytest", "version": pytest.__version__} in listed


def distribution(folder: Path, name: str, version: str, **files: str) -> None:
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for file, text in files.items():
        (info / file).write_text(text)


def origin(**document) -> dict[str, str]:
    return {"direct_url.json": json.dumps(document)}


def test_packages_have_origins_without_credentials(tmp_path):
    url = "https://user:token@host.example/team/lib.git"
    vcs = {"vcs": "git", "commit_id": "0" * 40, "requested_revision": "main"}
    distribution(tmp_path, "from-git", "1", **origin(url=url, vcs_info=vcs))
    distribution(tmp_path, "Edited", "2", **origin(url="file:///src", dir_info={"editable": True}))
    distribution(
        tmp_path,
        "wheel",
        "3",
        **origin(url="https://host.example/w.whl", archive_info={"hash": "sha256=ab"}),
    )
    assert list_packages([str(tmp_path)]) == [
        {"name": "Edited", "version": "2", "origin": {"url": "file:///src", "editable": True}},
        {
            "name": "from-git",
            "version": "1",
            "origin": {
                "url": "https://host.example/team/lib.git",
                "vcs": "git",
                "commit": "0" * 40,
            },
        },
        {
            "name": "wheel",
            "version": "3",
            "origin": {"url": "https://host.example/w.whl", "hash": "sha256=ab"},
        },
    ]


@pytest.mark.parametrize("text", ["{", "[]", "1", '{"url": 1}', '{"dir_info": {"editable": true}}'])
def test_an_origin_that_makes_no_sense_is_left_out(tmp_path, text):
    distribution(tmp_path, "odd", "1", **{"direct_url.json": text})
    assert list_packages([str(tmp_path)]) == [{"name": "odd", "version": "1"}]


def test_of_two_distributions_the_importable_one_counts(tmp_path):
    distribution(tmp_path / "first", "some-lib", "1")
    distribution(tmp_path / "second", "Some.Lib", "2")
    found = list_packages([str(tmp_path / "first"), str(tmp_path / "second")])
    assert found == [{"name": "some-lib", "version": "1"}]


def test_a_broken_installation_is_no_package(tmp_path):
    (tmp_path / "broken-1.dist-info").mkdir()
    assert list_packages([str(tmp_path)]) == []


def test_graphics_cards_as_the_driver_reports_them(tmp_path, monkeypatch):
    nvidia_smi(
        tmp_path,
        monkeypatch,
        "import sys\n"
        "assert sys.argv[1:] == ['--query-gpu=name,driver_version,memory.total,uuid',"
        " '--format=csv,noheader,nounits']\n"
        "print('NVIDIA H200, 570.86.15, 143771, GPU-5c1ea9c4')\n"
        "print('NVIDIA GB10, 580.1, [N/A], [N/A]')\n",
    )
    found = record_gpus()
    assert found.warnings == ()
    assert found.gpus == (
        Gpu(
            name="NVIDIA H200",
            driver="570.86.15",
            memory_bytes=143771 * 1024 * 1024,
            uuid="GPU-5c1ea9c4",
        ),
        Gpu(name="NVIDIA GB10", driver="580.1"),
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "print('NVIDIA-SMI has failed', flush=True); raise SystemExit(9)",
            "NVIDIA-SMI has failed",
        ),
        ("raise SystemExit(9)", "exit 9"),
        ("print('No devices were found')", "unexpected answer 'No devices were found'"),
        ("import signal; signal.pause()", "it took longer than 0.2 seconds"),
    ],
)
def test_a_driver_that_fails_is_a_warning(tmp_path, monkeypatch, body, reason):
    nvidia_smi(tmp_path, monkeypatch, body)
    found = record_gpus(seconds=0.2 if "pause" in body else 5)
    assert found.gpus == ()
    assert found.warnings == (f"GPUs are not recorded: nvidia-smi failed ({reason})",)


def test_a_driver_that_cannot_be_started_is_a_warning(tmp_path, monkeypatch):
    nvidia_smi(tmp_path, monkeypatch, "")
    (tmp_path / "bin" / "nvidia-smi").write_bytes(b"\x7fELF")
    assert "GPUs are not recorded" in record_gpus().warnings[0]


def test_without_the_program_there_are_no_cards_and_no_warning(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert record_gpus() == GpuRecord((), ())


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC 9654\nflags\t: fpu\n", "AMD EPYC 9654"),
        ("processor\t: 0\nModel\t\t: Raspberry Pi 5\n", "Raspberry Pi 5"),
    ],
)
def test_the_processor_by_its_name(tmp_path, text, model):
    (tmp_path / "cpuinfo").write_text(text)
    assert record_cpu(tmp_path / "cpuinfo").model == model


def test_a_nameless_processor_still_has_cores(tmp_path):
    assert record_cpu(tmp_path / "absent").cores >= 1


LOCKS = {
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "requirements.txt": "pip",
    "requirements-dev.txt": "pip",
    "pylock.toml": "pip",
    "conda-lock.yml": "conda",
    "conda-linux-64.lock": "conda",
    "environment.yml": "conda",
}


def test_lock_files_by_digest(tmp_path):
    for name in (*LOCKS, "setup.py", "notes.lock"):
        (tmp_path / name).write_text(name)
    found = record_locks(tmp_path)
    assert {lock.path: lock.tool for lock in found.files} == LOCKS
    assert [lock.path for lock in found.files] == sorted(LOCKS)
    for lock in found.files:
        assert lock.sha256 == hashlib.sha256(lock.path.encode()).hexdigest()


def test_what_cannot_be_read_as_a_lock_file_is_a_warning(tmp_path):
    os.mkfifo(tmp_path / "uv.lock")
    (tmp_path / "poetry.lock").symlink_to("nowhere")
    (tmp_path / "pdm.lock").mkdir()
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "Pipfile.lock").symlink_to("elsewhere")
    found = record_locks(tmp_path)
    assert [lock.path for lock in found.files] == ["Pipfile.lock"]
    assert found.warnings == (
        "lock file pdm.lock is not recorded: not a regular file",
        "lock file poetry.lock is not recorded: cannot be read (No such file or directory)",
        "lock file uv.lock is not recorded: not a regular file",
    )


def test_an_absent_project_has_no_lock_files_and_says_so(tmp_path):
    assert record_locks(tmp_path / "absent").warnings


DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        (
            {"AUDITKIT_IMAGE": f"registry.example/train@{DIGEST}"},
            Container(basis="declared", image=f"registry.example/train@{DIGEST}", digest=DIGEST),
        ),
        (
            {"CI_JOB_IMAGE": "python:3.11", "AUDITKIT_IMAGE_DIGEST": DIGEST},
            Container(basis="declared", image="python:3.11", digest=DIGEST),
        ),
        (
            {"KUBERNETES_SERVICE_HOST": "10.0.0.1"},
            Container(basis="declared", runtime="kubernetes"),
        ),
        (
            {"APPTAINER_CONTAINER": "/images/train.sif"},
            Container(basis="declared", image="/images/train.sif", runtime="apptainer"),
        ),
    ],
)
def test_containers_by_their_variables(tmp_path, environ, expected):
    assert detect_container(environ, tmp_path) == expected


def test_containers_by_their_marker_files(tmp_path):
    (tmp_path / ".dockerenv").touch()
    assert detect_container({}, tmp_path) == Container(basis="declared", runtime="docker")
    (tmp_path / "run").mkdir()
    marker = tmp_path / "run" / ".containerenv"
    marker.write_text('engine="podman-5.4.0"\nimage="docker.io/library/debian:12"\nimageid="ab"\n')
    expected = Container(basis="declared", image="docker.io/library/debian:12", runtime="podman")
    assert detect_container({}, tmp_path) == expected
    marker.write_text('image="unterminated')
    assert detect_container({}, tmp_path) == Container(basis="declared", runtime="podman")


def test_variables_are_recorded_by_name_and_never_with_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("NCCL_DEBUG", "INFO")
    monkeypatch.setenv("NCCL_AUTH_TOKEN", "hush-1")
    monkeypatch.setenv("TEAM_SETTING", "https://user:hush-2@host/x")
    monkeypatch.setenv("TEAM_API_KEY", "hush-3")
    monkeypatch.setenv("UNASKED", "hush-4")
    record = record_environment(tmp_path, allow=["TEAM_*"])
    variables = record.environment.variables
    assert variables["PYTHONHASHSEED"] == "7"
    assert variables["NCCL_DEBUG"] == "INFO"
    assert variables["TEAM_SETTING"] == "https://host/x"
    assert "hush" not in str(record)
    assert [text.split()[2] for text in record.warnings] == ["NCCL_AUTH_TOKEN", "TEAM_API_KEY"]
