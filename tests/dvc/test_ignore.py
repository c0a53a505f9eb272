"""`.dvcignore` leaves out what DVC itself leaves out."""

import json
from pathlib import Path

from auditkit.datasets.dvc.ignore import IgnoreRules
from auditkit.datasets.location import list_folder

FILES = (
    "a.csv",
    "a.tmp",
    "keep.tmp",
    "sub/a.tmp",
    "sub/keep.tmp",
    "sub/b.log",
    "sub/deep/b.log",
    "sub/deep/c.log",
    "logs/x.txt",
    "logs/keep.tmp",
    "sub/logs/x.txt",
    "top.txt",
    "sub/top.txt",
    "only/here/x.dat",
    "other/here/x.dat",
    "two/three/four/y.dat",
    "#hash",
    "!bang",
    "sp ace ",
    ".hidden",
    ".git/config",
    "inner/.dvc/config",
    "inner/data.csv",
)
RULES = {
    ".dvcignore": "# comment\n*.tmp\n!keep.tmp\nlogs/\n/data/top.txt\nonly/**/x.dat\n"
    "two/**\n\\#hash\n\\!bang\n\n",
    "data/.dvcignore": "/top.txt\n!a.tmp\n*.log\n",
    "data/sub/.dvcignore": "!b.log\n/deep/c.log\n",
}
LISTED = """
import json
from dvc.fs import localfs
from dvc.repo import Repo
found = Repo(".").dvcignore.find(localfs, localfs.abspath("data"))
print(json.dumps([localfs.relpath(path, "data") for path in found]))
"""


def test_the_same_files_as_dvc(project, dvc):
    for name in FILES:
        path = project / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    for name, text in RULES.items():
        (project / name).write_text(text)
    rules = IgnoreRules(project, "data")
    listed = list_folder(Path(project / "data"), (rules,), collect=False)
    mine = [part.path for part in listed.parts]
    theirs = json.loads(dvc.python(project, LISTED))
    assert sorted(mine) == sorted(theirs)
    assert {"keep.tmp", "a.tmp", "sub/b.log"} <= set(mine)
    assert not {"logs/keep.tmp", "sub/deep/c.log", "top.txt", "inner/data.csv"} & set(mine)
