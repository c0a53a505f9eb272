"""What is read of `.dvc` files, `dvc.lock` and `dvc.yaml`, and what is refused."""

import pytest

from auditkit.datasets.dvc.listing import CloudVersion, ListedFile, listing_md5, parse_listing
from auditkit.datasets.dvc.paths import join
from auditkit.datasets.dvc.pipeline import is_metric, stage_folders
from auditkit.datasets.dvc.pointers import Origin, parse_lock, parse_pointer
from auditkit.errors import PointerError, UnsafePathError

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
OTHER = "0cc175b9c0f1b6a831c399e269772661"


def parse(text, path="data/raw.dvc"):
    return parse_pointer(text.encode(), path)


def lock(stage):
    text = f"schema: '2.0'\nstages:\n  train:\n    cmd: x\n{stage}"
    return parse_lock(text.encode(), "sub/dvc.lock", lambda _: ".")["train"]


def test_a_file_and_a_folder_of_dvc_3():
    (file,) = parse(f"outs:\n- {{md5: {MD5}, size: 8, hash: md5, path: a.csv}}\n")
    assert (file.path, file.md5, file.shown_md5, file.size) == ("data/a.csv", MD5, MD5, 8)
    assert (file.is_folder, file.algorithm, file.files) == (False, "md5", None)
    (folder,) = parse(f"outs:\n- {{md5: {MD5}.dir, size: 8, nfiles: 3, hash: md5, path: raw}}\n")
    assert (folder.md5, folder.shown_md5, folder.count) == (MD5, f"{MD5}.dir", 3)
    assert folder.is_folder


def test_an_entry_without_a_hash_is_of_dvc_2():
    (file,) = parse(f"outs:\n- {{md5: {MD5}, path: a.csv}}\n")
    assert file.algorithm == "md5-dos2unix"


def test_a_working_folder_moves_paths():
    (file,) = parse(f"wdir: ../other\nouts:\n- {{md5: {MD5}, path: ./x/../a.csv}}\n")
    assert file.path == "other/a.csv"


def test_imports_say_where_data_came_from():
    (file,) = parse(f"""
md5: {OTHER}
frozen: true
deps:
- path: data.csv
  repo: {{url: 'https://user:secret@example.org/r.git', rev: v1, rev_lock: '{"a" * 40}'}}
outs:
- {{md5: {MD5}, hash: md5, path: data.csv}}
""")
    assert file.origin == Origin("data.csv", "https://user:secret@example.org/r.git", "a" * 40)
    (file,) = parse(f"""
deps:
- {{path: s3://bucket/data.csv, etag: '"123-4"', size: 8}}
outs:
- {{md5: {MD5}, hash: md5, path: data.csv}}
""")
    assert file.origin == Origin("s3://bucket/data.csv")


def test_cloud_versioned_files_and_folders():
    (file,) = parse(f"""
outs:
- md5: {MD5}
  hash: md5
  path: a.csv
  cloud: {{store: {{etag: e, version_id: v1}}}}
""")
    assert file.cloud == CloudVersion("store", "v1")
    (folder,) = parse(f"""
outs:
- hash: md5
  path: raw
  files:
  - {{relpath: b, md5: {OTHER}, size: 1, cloud: {{store: {{version_id: v2}}}}}}
  - {{relpath: a, md5: {MD5}, size: 0}}
""")
    assert folder.files == (
        ListedFile("a", MD5, 0),
        ListedFile("b", OTHER, 1, CloudVersion("store", "v2")),
    )
    assert folder.is_folder
    assert folder.md5 == listing_md5([("a", MD5), ("b", OTHER)])


def test_an_md5_of_digits_only_may_stand_without_quotes():
    (file,) = parse("outs:\n- {md5: 12345678901234567890123456789012, hash: md5, path: a}\n")
    assert file.md5 == "12345678901234567890123456789012"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "is no map"),
        ("outs: 1", "no list of maps"),
        ("outs: [1]", "no list of maps"),
        ("outs: [{md5: x}]", "has no path"),
        (f"outs: [{{md5: {MD5}, path: 7}}]", "path is not text"),
        ("outs: [{md5: x, path: a}]", "MD5 is none"),
        ("outs: [{md5: 0123, path: a}]", "MD5 is none"),
        ("outs: [{md5: true, path: a}]", "MD5 is none"),
        ("outs: [{md5: ../../../../etc/passwd.dir, path: a}]", "MD5 is none"),
        (f"outs: [{{md5: {MD5.upper()}, path: a}}]", "MD5 is none"),
        (f"outs: [{{md5: {MD5}, hash: sha1, path: a}}]", "of kind 'sha1'"),
        (f"outs: [{{md5: {MD5}, size: -1, path: a}}]", "size is no count"),
        (f"outs: [{{md5: {MD5}, size: true, path: a}}]", "size is no count"),
        (f"outs: [{{md5: {MD5}, path: a, cloud: {{s: 1}}}}]", "cloud version is no map"),
        (f"outs: [{{path: a, files: [{{md5: {MD5}, relpath: ../x}}]}}]", "listed path"),
        (f"outs: [{{path: a, files: [{{md5: {MD5}, relpath: /x}}]}}]", "listed path"),
        (f"outs: [{{path: a, files: [{{md5: {MD5}}}]}}]", "listed path"),
        ("outs: [{path: a, files: [{relpath: x}, {relpath: x}]}]", "path twice"),
        ("outs: &a [*a]", "cannot be read"),
        ("outs: []\nouts: []", "cannot be read"),
        ("!!python/object/apply:os.system [id]", "cannot be read"),
        ("a: " + "[" * 100, "cannot be read"),
        ("\0", "cannot be read"),
        ("\ud800", "cannot be read"),
    ],
)
def test_what_is_no_pointer(text, message):
    with pytest.raises(PointerError, match=message):
        parse_pointer(text.encode("utf-8", "surrogatepass"), "a.dvc")


@pytest.mark.parametrize(
    "path",
    ["../../x", "a/../../../x", "a\\b", "a\nb", "x/" * 3000 + "x"],
)
def test_no_path_leaves_the_project(path):
    for text in (f"outs: [{{md5: {MD5}, path: {path!r}}}]", f"wdir: {path!r}\nouts: [{{path: x}}]"):
        with pytest.raises(UnsafePathError):
            parse(text.replace("'", '"'))


def test_what_lies_outside_has_no_path_in_the_project():
    for path in ("/etc/passwd", "s3://bucket/key", "ssh://host/key"):
        (found,) = parse(f"outs: [{{md5: {MD5}, path: '{path}'}}]")
        assert (found.path, found.written) == (None, path)
    with pytest.raises(UnsafePathError, match="outside"):
        parse(f"wdir: /etc\nouts: [{{md5: {MD5}, path: passwd}}]")


def test_paths_are_joined_within_the_project():
    assert join("a/b", "..", "c") == "a/c"
    assert join("a", "..") == ""
    assert join("", "./x//y/.") == "x/y"


def test_stages_of_a_lock():
    stage = lock(f"""\
    deps:
    - {{path: ../a.csv, md5: {MD5}, hash: md5}}
    params:
      params.yaml: {{lr: 1e-05, mode: no, nested: {{x: [1]}}}}
    outs:
    - {{path: model, md5: {OTHER}.dir, hash: md5}}
""")
    assert [dep.path for dep in stage.dependencies] == ["a.csv"]
    assert [out.path for out in stage.outputs] == ["sub/model"]
    assert stage.parameters == {"params.yaml": {"lr": 1e-05, "mode": "no", "nested": {"x": [1]}}}


def test_what_is_no_lock():
    for text, message in (
        ("stages: {}", "schema 2.0"),
        ("schema: '2.0'\nstages: []", "stages is no map"),
        ("schema: '2.0'\nstages: {a: 1}", "no map"),
        ("schema: '2.0'\nstages: {a: {params: {f: 1}}}", "params of stage"),
    ):
        with pytest.raises(PointerError, match=message):
            parse_lock(text.encode(), "dvc.lock", lambda _: ".")


PIPELINE = b"""
vars: [{out: models}]
stages:
  train:
    wdir: sub
    cmd: x
    metrics: [m.json, "${out}/m[1].json": {cache: false}]
  each:
    foreach: [a, b]
    do: {cmd: x, metrics: ["${item}.json"], wdir: "${item}"}
  plain: {cmd: x}
"""


def test_folders_and_metrics_of_a_pipeline():
    assert stage_folders(PIPELINE) == {"train": "sub", "each": None, "plain": "."}
    for path in ("m.json", "models/m[1].json"):
        assert is_metric(PIPELINE, "train", path)
    assert is_metric(PIPELINE, "each@a", "a.json")
    for stage, path in (("train", "models/m1.json"), ("plain", "m.json"), ("train", "xm.json")):
        assert not is_metric(PIPELINE, stage, path)


def test_a_stage_whose_folder_is_filled_in_is_left_out():
    stages = parse_lock(
        b"schema: '2.0'\nstages: {'each@a': {cmd: x}, plain: {cmd: x}}",
        "dvc.lock",
        {"plain": "."}.get,
    )
    assert list(stages) == ["plain"]


def test_what_is_no_pipeline():
    for text in (b"stages: []", b"stages: {a: 1}", b"stages: {a: {do: 1}}"):
        with pytest.raises(PointerError):
            stage_folders(text)
    with pytest.raises(PointerError, match="wdir"):
        stage_folders(b"stages: {a: {wdir: 1}}")


LIST = (
    b'[{"md5": "415290769594460e2e485922904f345d", "relpath": "Z.txt"}, '
    b'{"md5": "9dd4e461268c8034f5c8564e155c67a6", "relpath": "sub/\\u00fc x.txt"}, '
    b'{"md5": "e5ebd4c02cefbe7955977c67ada242b7", "relpath": "t.csv"}]'
)
LIST_MD5 = "75f1ee90f5b038016d37356337ac19f3"
"""Written by DVC 3.67: JSON's sort is that of Python text, so `sub` stands before `t.csv`."""


def test_the_list_of_a_folder_is_checked_and_can_be_made_again():
    files = parse_listing(LIST, LIST_MD5)
    assert [file.path for file in files] == ["Z.txt", "sub/ü x.txt", "t.csv"]
    assert listing_md5((file.path, file.md5) for file in files) == LIST_MD5


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[1]",
        b'[{"md5": "x", "relpath": "a"}]',
        b'[{"md5": "%s", "relpath": "../a"}]' % MD5.encode(),
        b'[{"md5": "%s", "relpath": "a"}, {"md5": "%s", "relpath": "a"}]'
        % (MD5.encode(), MD5.encode()),
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_list_of_files(text):
    import hashlib  # noqa: PLC0415

    with pytest.raises(PointerError):
        parse_listing(text, hashlib.md5(text, usedforsecurity=False).hexdigest())


def test_an_altered_list_is_refused():
    with pytest.raises(PointerError, match="was altered"):
        parse_listing(LIST.replace(b"Z", b"Y"), LIST_MD5)
