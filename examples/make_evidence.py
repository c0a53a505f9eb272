"""Make `examples/evidence` again: one small real run, with its data, evidence, key and report.

About 2,000 flights of one winter are split, a model is trained on them and the run is captured, in
a Git repository made for the purpose. The private key is made for this one signature and thrown
away with the temporary folder. The evidence lists the packages it finds, so run it in an
environment that holds what visitors install: the wheel with its extra `pdf`, and the dependency
group `example`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

EXAMPLES = Path(__file__).resolve().parent
EVIDENCE = EXAMPLES / "evidence"
PIPELINE = EXAMPLES / "flights" / "pipeline"
MONTHS = {b"1", b"2", b"3"}
EVERY = 40
SIDES = ("train", "validation", "test")
KEPT = (
    "auditkit.toml",
    "auditkit.pub",
    "data/features",
    "evidence",
    "models/model.joblib",
    "report.pdf",
)

CONFIGURATION = """\
project = "flights-sample"

[verify]
key = "auditkit.pub"
"""


def run(project: Path, *command: str) -> None:
    """Run a command in the project with nothing of the user's own auditkit settings."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AUDITKIT_")}
    environment["XDG_CONFIG_HOME"] = str(project.parent / "config")
    subprocess.run(command, cwd=project, env=environment, check=True)


def thin_out(flights: Path) -> None:
    """Keep the header and every 40th flight of the winter months."""
    header, *lines = flights.read_bytes().splitlines(keepends=True)
    winter = [line for line in lines if line.split(b",")[1] in MONTHS]
    flights.write_bytes(header + b"".join(winter[::EVERY]))


def prepare(project: Path, key: Path) -> None:
    """Lay out the pipeline with its configuration and keys, and run all stages but the last."""
    shutil.copytree(PIPELINE, project, ignore=shutil.ignore_patterns("__pycache__"))
    declarations = (EXAMPLES / "flights" / "datasets.toml").read_text()
    (project / "auditkit.toml").write_text(CONFIGURATION + declarations)
    run(project, "auditkit", "keys", "generate", "-o", str(key))
    shutil.copy(key.with_suffix(".pub"), project / "auditkit.pub")
    run(project, "git", "init", "--quiet", "--initial-branch=main")
    run(project, "git", "add", ".")
    identity = ("-c", "user.name=Delay model team", "-c", "user.email=delay-model@example.com")
    run(project, "git", *identity, "commit", "--quiet", "--message", "Predict arrival delays")
    run(project, sys.executable, "fetch.py")
    thin_out(project / "data/raw/flights.csv")
    for stage in ("ingest", "validate", "transform"):
        run(project, sys.executable, f"{stage}.py")


def record(project: Path, key: Path) -> None:
    """Train, capture, verify, and write the report."""
    inputs = [f"--dataset={side}=data/features/{side}" for side in SIDES]
    outputs = ["--output=model=models/model.joblib", "--metrics=metrics.json"]
    options = ["--name=train", f"--key={key}", *inputs, *outputs]
    run(project, sys.executable, "train.py")
    run(project, "auditkit", "capture", *options)
    run(project, "auditkit", "verify", "--repo", ".")
    run(project, "auditkit", "report", "--repo", ".", "-o", "report.pdf")


def publish(project: Path) -> None:
    """Replace what `examples/evidence` holds, except its README."""
    for name in KEPT:
        source, target = project / name, EVIDENCE / name
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def main() -> None:
    """Make the example evidence."""
    with TemporaryDirectory() as folder:
        project, key = Path(folder) / "flights", Path(folder) / "key.pem"
        prepare(project, key)
        record(project, key)
        publish(project)


if __name__ == "__main__":
    main()
