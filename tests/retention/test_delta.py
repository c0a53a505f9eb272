"""`auditkit retention` on Delta tables: what the table's own properties let go, and when."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from commands import Shell
from delta_tables import NO_DELAY, TABLE, append, commits, delete_rows, vacuum, with_vectors
from deltalake import DeltaTable, write_deltalake

from auditkit.datasets.delta.removal import find_removal
from auditkit.datasets.tree import LocalTree

FILES, LOG = "delta.deletedFileRetentionDuration", "delta.logRetentionDuration"
YEARS = {FILES: "interval 4000 days", LOG: "interval 4000 days"}


@pytest.fixture
def shell(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    shell = Shell(folder, environ)
    assert shell("init", "--project", "churn").code == 0
    return shell


@pytest.fixture
def table(shell):
    """Version 1 of a table, recorded; it has two files."""

    def table(**configuration):
        folder = shell.cwd / "t"
        write_deltalake(folder, TABLE, configuration=configuration)
        append(folder, TABLE.slice(0, 5))
        assert shell("capture", "--dataset", "train=t").code == 0
        return folder

    return table


def row(shell, *arguments):
    done = shell("retention", *arguments, "--json")
    (found,) = done.document["rows"]
    return done.code, found


def day(offset):
    return (datetime.now(UTC) + timedelta(days=offset)).strftime("%Y-%m-%d")


def test_the_newest_version_has_no_date_yet(shell, table):
    table()
    code, found = row(shell)
    assert (code, found["outcome"], found["version"]) == (11, "unknown", "1")
    assert found["setting"] == "none: the newest version"
    assert "VACUUM removes files that were replaced after 7 days" in found["detail"]
    assert "its log after 30 days" in found["detail"]
    (days,) = re.findall(r"'interval (\d+) days'", found["action"])
    assert 3652 <= int(days) <= 3654
    assert "Object Lock" in found["action"]


def test_replaced_files_end_by_the_default_of_a_week(shell, table):
    DeltaTable(table()).optimize.compact()
    code, found = row(shell)
    assert (code, found["outcome"], found["setting"]) == (10, "too-early", FILES)
    assert found["readable_until"][:10] == day(7)
    assert "VACUUM may then remove 2 of its 2 files" in found["detail"]
    shown = shell("retention", "--ics", "dates.ics")
    assert f"{day(7)}      {found['keep_until'][:10]}  TOO EARLY  train @1 of churn" in shown.out
    assert "wrote dates.ics: 1 date\n" in shown.err


def test_the_log_ends_before_the_files_if_they_are_kept(shell, table):
    append(table(**{FILES: YEARS[FILES]}), TABLE.slice(0, 1))
    code, found = row(shell)
    assert (code, found["outcome"], found["setting"]) == (10, "too-early", LOG)
    assert found["readable_until"][:10] == day(30)
    assert "committed on" in found["detail"]


def test_long_settings_remove_nothing_and_still_protect_nothing(shell, table):
    DeltaTable(table(**YEARS)).optimize.compact()
    code, found = row(shell)
    assert (code, found["outcome"]) == (11, "unknown")
    assert found["readable_until"][:10] == day(4000)
    assert row(shell, "--years", "11")[1]["outcome"] == "too-early"


def test_todays_settings_count_not_those_that_were_recorded(shell, table):
    folder = table(**YEARS)
    DeltaTable(folder).optimize.compact()
    DeltaTable(folder).alter.set_table_properties({FILES: "interval 2 days"})
    assert row(shell)[1]["readable_until"][:10] == day(2)


def test_what_vacuum_may_already_remove(shell, table):
    folder = table(**{FILES: "interval 0 days"})
    DeltaTable(folder).optimize.compact()
    code, found = row(shell)
    assert (code, found["outcome"], found["setting"]) == (10, "too-early", FILES)
    assert "VACUUM may remove 2 of its 2 files" in found["detail"]
    assert found["readable_until"] < day(1)


def test_what_vacuum_removed_is_lost(shell, table):
    folder = table()
    DeltaTable(folder).optimize.compact()
    vacuum(folder)
    code, found = row(shell)
    assert (code, found["outcome"], found["readable_until"]) == (10, "lost", None)
    assert found["detail"].startswith("2 of its files are not there any more: ")
    assert "removed by the VACUUM that ended as version 4" in found["detail"]


def test_a_version_whose_log_was_cleaned_up_is_lost(shell, table):
    folder = table(**NO_DELAY)
    append(folder, TABLE)
    DeltaTable(folder).create_checkpoint()
    DeltaTable(folder).cleanup_metadata()
    code, found = row(shell)
    assert (code, found["outcome"]) == (10, "lost")
    assert "version 1" in found["detail"]


def test_a_log_that_is_never_cleaned_up_leaves_it_open(shell, table):
    append(table(**{"delta.enableExpiredLogCleanup": "false"}), TABLE.slice(0, 1))
    code, found = row(shell)
    assert (code, found["readable_until"]) == (11, None)
    assert found["setting"] == "none: no file of it was replaced"


@pytest.mark.parametrize("setting", [FILES, LOG])
def test_a_setting_that_cannot_be_read_is_not_known(shell, table, setting):
    folder = table(**YEARS)
    DeltaTable(folder).optimize.compact()
    lines = commits(folder)[0].read_text().splitlines()
    (head,) = (json.loads(line) for line in lines if "metaData" in line)
    head["metaData"]["configuration"][setting] = "some time"
    with commits(folder)[-1].open("a") as last:
        last.write("\n" + json.dumps(head) + "\n")
    code, found = row(shell)
    assert (code, found["outcome"], found["setting"]) == (11, "unknown", setting)
    assert "cannot be read" in found["detail"]


def test_no_verdict_changes(shell, table):
    DeltaTable(table()).optimize.compact()
    assert shell("verify").code == 0
    assert row(shell)[0] == 10
    assert shell("verify").code == 0


def test_a_vector_that_was_replaced_counts_as_a_file(tmp_path):
    folder = tmp_path / "t"
    with_vectors(folder, TABLE)
    delete_rows(folder, [1, 2, 3])
    (data,) = [each.name for each in folder.glob("*.parquet")]
    found = find_removal(LocalTree(folder), 0, [data])
    assert (found.newest, found.files, found.replaced) == (1, 1, 0)
    vector = "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"
    assert find_removal(LocalTree(folder), 1, [data, vector]).replaced == 0


def test_the_first_file_that_was_replaced_counts(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE.slice(0, 2), partition_by=["day"])
    before = [str(each.relative_to(folder)) for each in folder.rglob("day=*/*.parquet")]
    for number, month in enumerate((1, 2)):
        DeltaTable(folder).delete(f"id = {number}")
        stamp = int(datetime(2026, month, 1, tzinfo=UTC).timestamp() * 1000)
        last = commits(folder)[-1]
        text = re.sub(r'"deletionTimestamp":\d+', f'"deletionTimestamp":{stamp}', last.read_text())
        last.write_text(text)
    found = find_removal(LocalTree(folder), 0, before)
    assert (found.replaced, found.replaced_at) == (2, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_log_that_does_not_tell_when_lets_vacuum_begin_now(shell, table):
    folder = table(**YEARS)
    DeltaTable(folder).optimize.compact()
    DeltaTable(folder).create_checkpoint()
    append(folder, TABLE)
    commits(folder)[2].unlink()
    code, found = row(shell)
    assert (code, found["outcome"], found["setting"]) == (10, "too-early", FILES)
    assert "does not tell any more when" in found["detail"]
