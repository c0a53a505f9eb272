"""`auditkit retention` on local files: nothing protects them, and what is gone is gone."""

import json

import jsonschema
import pytest
from commands import Shell

from auditkit.resources import schema

ROOT_SCHEMA = json.loads(schema("retention.v1.json").read_text())


@pytest.fixture
def shell(tmp_path):
    folder = tmp_path / "folder"
    (folder / "data").mkdir(parents=True)
    (folder / "data/a.csv").write_text("id\n1\n")
    (folder / "data/b.csv").write_text("id\n2\n")
    (folder / "model.bin").write_bytes(b"weights")
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    shell = Shell(folder, environ)
    assert shell("init", "--project", "churn").code == 0
    assert shell("capture", "--dataset", "train=data", "--output", "model=model.bin").code == 0
    return shell


def asked(shell, *arguments):
    done = shell("retention", *arguments, "--json")
    jsonschema.validate(done.document, ROOT_SCHEMA)
    return done


def by_name(done):
    return {row["dataset"]: row for row in done.document["rows"]}


def test_nothing_protects_local_files(shell):
    done = asked(shell)
    assert (done.code, done.document["status"]) == (11, "indeterminate")
    row = by_name(done)["train"]
    assert (row["outcome"], row["readable_until"]) == ("unknown", None)
    assert row["setting"] == "none: plain local files"
    assert "Object Lock" in row["action"]
    shown = shell("retention")
    assert shown.code == 11
    assert "NOT KNOWN  train of churn" in shown.out
    assert "INDETERMINATE" in shown.out


def test_how_long_is_set_by_flag_file_and_default(shell):
    year = int(by_name(asked(shell))["train"]["keep_until"][:4])
    assert by_name(asked(shell, "--years", "3"))["train"]["keep_until"][:4] == str(year - 7)
    with (shell.cwd / "auditkit.toml").open("a") as file:
        file.write("\n[retention]\nyears = 5\n")
    done = asked(shell)
    assert by_name(done)["train"]["keep_until"][:4] == str(year - 5)
    assert done.document["years"] == 5
    assert shell("retention", "--years", "0").code == 2


@pytest.mark.parametrize("years", ["0", "101", "1.5", "'10'"])
def test_years_that_are_none(shell, years):
    with (shell.cwd / "auditkit.toml").open("a") as file:
        file.write(f"\n[retention]\nyears = {years}\n")
    assert shell("retention").code == 2


def test_what_is_gone_is_lost(shell):
    (shell.cwd / "data/b.csv").unlink()
    done = asked(shell)
    assert (done.code, done.document["rows"][0]["dataset"]) == (10, "train")
    row = by_name(done)["train"]
    assert row["outcome"] == "lost"
    assert row["detail"] == "1 of its files are missing or have another size (b.csv)"
    (shell.cwd / "model.bin").unlink()
    row = by_name(asked(shell))["model"]
    assert (row["outcome"], "not there any more" in row["detail"]) == ("lost", True)


def test_another_size_is_lost_and_another_byte_is_for_verify(shell):
    (shell.cwd / "model.bin").write_bytes(b"WEIGHTS")
    assert by_name(asked(shell))["model"]["outcome"] == "unknown"
    (shell.cwd / "model.bin").write_bytes(b"weights and more")
    assert by_name(asked(shell))["model"]["outcome"] == "lost"
    (shell.cwd / "model.bin").unlink()
    (shell.cwd / "model.bin").mkdir()
    (shell.cwd / "model.bin/x").write_text("x")
    assert "a folder lies where a file" in by_name(asked(shell))["model"]["detail"]


def test_data_that_moved(shell, tmp_path):
    (shell.cwd / "data").rename(tmp_path / "moved")
    assert by_name(asked(shell))["train"]["outcome"] == "lost"
    moved = asked(shell, "--data", f"train={tmp_path}/moved")
    assert by_name(moved)["train"]["outcome"] == "unknown"
    assert list(by_name(asked(shell, "--only", "model"))) == ["model"]
    assert shell("retention", "--only", "absent").code == 2


def test_it_changes_no_verdict(shell):
    assert shell("verify").code == 0
    assert shell("retention").code == 11
    assert shell("verify").code == 0


def test_what_is_not_authenticated_is_not_looked_at(shell):
    (folder,) = (shell.cwd / "evidence").iterdir()
    bundle = folder / "manifest.sigstore.json"
    document = json.loads(bundle.read_text())
    signature = document["dsseEnvelope"]["signatures"][0]
    signature["sig"] = "A" + signature["sig"][1:] if signature["sig"][0] != "A" else "B"
    bundle.write_text(json.dumps(document))
    done = asked(shell)
    assert (done.code, done.document["rows"]) == (10, [])
    (unchecked,) = done.document["unchecked"]
    assert unchecked["status"] == "failed"
    assert "not looked at: evidence/" in shell("retention").out


def test_without_a_key_nothing_is_looked_at(shell):
    (shell.cwd / "auditkit.toml").unlink()
    done = asked(shell)
    assert (done.code, done.document["unchecked"][0]["status"]) == (11, "indeterminate")


def test_evidence_in_a_pack(shell):
    assert shell("pack").code == 0
    done = asked(shell, "evidence.zip")
    assert (done.code, set(by_name(done))) == (11, {"train", "model"})


def test_a_report_has_what_the_stores_said_if_they_are_to_be_asked(shell):
    with (shell.cwd / "auditkit.toml").open("a") as file:
        file.write("\n[retention]\nyears = 5\n")
    assert shell("report", "-o", "plain.json").code == 0
    assert json.loads((shell.cwd / "plain.json").read_text())["runs"][0]["retention"] is None
    assert shell("report", "--retention", "-o", "asked.json").code == 0
    found = json.loads((shell.cwd / "asked.json").read_text())["runs"][0]["retention"]
    assert found["years"] == 5
    assert [row["outcome"] for row in found["rows"]] == ["unknown", "unknown"]
    (shell.cwd / "model.bin").unlink()
    shell("report", "--retention", "--only", "train", "-o", "asked.html")
    page = (shell.cwd / "asked.html").read_text()
    assert "Until when the recorded data can be read" in page
    assert "none: plain local files" in page


def test_what_was_lawfully_deleted_need_not_be_kept(shell):
    for path in (shell.cwd / "data").iterdir():
        path.unlink()
    said = ("--reason", "request 17", "--name", "Ada Lane", "--role", "data protection officer")
    done = shell("attest-erasure", "churn/latest", "train", *said)
    assert done.code == 0, done.err
    rows = by_name(asked(shell))
    assert (rows["train"]["outcome"], rows["train"]["setting"]) == ("erased", "erasure")
    assert "request 17" in rows["train"]["detail"]
    done = asked(shell, "--only", "train")
    assert (done.code, done.document["status"]) == (0, "passed")
    assert "ERASED     train of churn" in shell("retention").out
    assert rows["model"]["outcome"] == "unknown"
    (shell.cwd / "model.bin").unlink()
    assert by_name(asked(shell))["model"]["outcome"] == "lost"


def test_an_erasure_of_what_is_still_there_excuses_nothing(shell):
    (shell.cwd / "model.bin").rename(shell.cwd / "kept")
    said = ("--reason", "request 17", "--name", "Ada Lane", "--role", "data protection officer")
    assert shell("attest-erasure", "churn/latest", "model", *said).code == 0
    (shell.cwd / "kept").rename(shell.cwd / "model.bin")
    assert by_name(asked(shell))["model"]["outcome"] == "unknown"


def test_no_evidence(shell, tmp_path):
    assert shell("retention", str(tmp_path / "absent")).code == 2
    for path in (shell.cwd / "evidence").iterdir():
        path.rename(tmp_path / path.name)
    assert shell("retention").code == 3


def test_a_missing_inventory_leaves_it_open(shell):
    (folder,) = (shell.cwd / "evidence").iterdir()
    (folder / "train.inventory.parquet").unlink()
    row = by_name(asked(shell))["train"]
    assert (row["outcome"], row["setting"]) == ("unknown", "evidence")


def test_the_calendar_has_what_has_a_date(shell):
    done = shell("retention", "--ics", "dates.ics", "--json")
    assert done.code == 11
    assert "wrote dates.ics: 0 dates" in done.err
    data = (shell.cwd / "dates.ics").read_bytes()
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert shell("retention", "--ics", "absent/dates.ics").code == 1
