"""Digests of text are those that DVC itself computes for data of DVC 2."""

import json

from auditkit.datasets.companion import start_companion

CASES = {
    "text": b"a\r\nb\r\n",
    "binary": b"a\0\r\n",
    "empty": b"",
    "latin": b"\xe4\r\n" * 200,
    "thirty percent": b"\xff" * 153 + b"x" * 359 + b"\r\n",
    "a little more": b"\xff" * 154 + b"x" * 358 + b"\r\n",
    "across chunks": b"x" * (2**20 - 1) + b"\r\n" + b"y\r\n",
    "text after binary": b"\0" * 2**20 + b"z\r\n",
    "binary after text": b"z\r\n" * 2**19 + b"\0\r\n",
}
COMPUTED = """
import json, os
from dvc_data.hashfile.hash import file_md5
print(json.dumps({name: file_md5(name, name="md5-dos2unix") for name in os.listdir()}))
"""


def test_the_same_digests_as_dvc(dvc, tmp_path):
    for name, data in CASES.items():
        (tmp_path / name).write_bytes(data)
    theirs = json.loads(dvc.python(tmp_path, COMPUTED))
    assert theirs.keys() == CASES.keys()
    for name, data in CASES.items():
        digest = start_companion("md5-dos2unix")
        digest.update(data)
        assert digest.digest().hex() == theirs[name], name
