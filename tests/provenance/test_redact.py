"""Secrets go, everything else stays, and doing it twice changes nothing."""

import math
import string
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.manifest.numbers import to_json
from auditkit.provenance.redact import (
    REDACTED,
    redact_command,
    redact_text,
    redact_url,
    redact_values,
)
from auditkit.provenance.secretnames import is_secret_name

SECRET_NAMES = [
    *("token", "HF_TOKEN", "hf-token", "authToken", "accesstoken", "api_key", "api-key", "APIKey"),
    *("apikey", "password", "dbPassword", "PGPASSWORD", "passwd", "DB_PASS", "MYSQL_PWD"),
    *("AWS_SECRET_ACCESS_KEY", "AWSAccessKeyId", "client_secret", "private-key", "auth"),
    *("Authorization", "credentials", "passphrase", "SECRET_KEY_BASE", "token2"),
]
HARMLESS_NAMES = [
    *("tokenizer", "max_tokens", "max-token", "pad_token", "eos_token_id", "token_dim", "key"),
    *("author", "primary_key", "PWD", "OLDPWD", "keyboard", "lr", "monkey", "compass", "", "_"),
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_names_of_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_names_of_settings(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:token@host/r.git", "https://host/r.git"),
        ("https://token@host/r.git", "https://host/r.git"),
        ("https://a@b@host/r", "https://host/r"),
        ("https://host:8443/r.git", "https://host:8443/r.git"),
        ("https://host/@scope/r@v1", "https://host/@scope/r@v1"),
        ("git@host:team/r.git", "git@host:team/r.git"),
        ("ssh://git@host:22/r.git", "ssh://git@host:22/r.git"),
        ("ssh://git:pw@host/r.git", "ssh://git@host/r.git"),
        ("git+ssh://git:pw@host/r.git", "git+ssh://git@host/r.git"),
        ("https://host/r?private_token=abc&x=1", f"https://host/r?private_token={REDACTED}&x=1"),
        (
            "https://b/o?X-Amz-Signature=ab#sig=2",
            f"https://b/o?X-Amz-Signature={REDACTED}#sig={REDACTED}",
        ),
        ("https://proxy/https://u:p@host/r", "https://proxy/https://host/r"),
        ("/srv/git/r.git", "/srv/git/r.git"),
        ("https://host/[::1", "https://host/[::1"),
    ],
)
def test_urls(url, expected):
    assert redact_url(url) == expected


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ("--token S --lr 0.1", "--token [redacted] --lr 0.1"),
        ("--token=S", "--token=[redacted]"),
        ("-token S", "-token [redacted]"),
        ("--api-key -S1", "--api-key [redacted]"),
        ("--use-auth --epochs 3", "--use-auth --epochs 3"),
        ("--use-auth -v", "--use-auth -v"),
        ("env HF_TOKEN=S python", "env HF_TOKEN=[redacted] python"),
        ("--param db.password=S=S", "--param db.password=[redacted]"),
        ("--param=db.password=S", "--param=db.password=[redacted]"),
        ("+model.api_key=S", "+model.api_key=[redacted]"),
        ("-eTOKEN=S", "-eTOKEN=[redacted]"),
        ("Authorization: Bearer S", "Authorization: [redacted] [redacted]"),
        ("--tokenizer bert --max-tokens 512", "--tokenizer bert --max-tokens 512"),
        ("--password --lr=S", "--password --lr=S"),
        ("TOKEN= x", "TOKEN= x"),
        ("--url=https://u:S@h/x?a=1", "--url=https://h/x?a=1"),
        ("-psecret", "-psecret"),
        ("mysql -u root -pS db", "mysql -u root -p[redacted] db"),
        ("/usr/bin/mysqldump -pS -P 3306", "/usr/bin/mysqldump -p[redacted] -P 3306"),
        ("mysql -p db", "mysql -p db"),
        ("sudo mariadb-admin -pS ping", "sudo mariadb-admin -p[redacted] ping"),
        ("sshpass -p S ssh h -p 22", "sshpass -p [redacted] ssh h -p [redacted]"),
        ("curl -u u:S https://h/x", "curl -u [redacted] https://h/x"),
        ("curl -sSuu:S h", "curl -sSu[redacted] h"),
        ("curl --user u:S --user-agent x", "curl --user [redacted] --user-agent x"),
        ("curl --proxy-user=u:S -U u:S", "curl --proxy-user=[redacted] -U [redacted]"),
        ("curl -o out.csv h", "curl -o out.csv h"),
        ("redis-cli -a S ping", "redis-cli -a [redacted] ping"),
        ("sort -u data.csv", "sort -u data.csv"),
        ("git push -u origin main", "git push -u origin main"),
        ("train.py -p 5 -u 3", "train.py -p 5 -u 3"),
    ],
)
def test_commands(argv, expected):
    assert " ".join(redact_command(argv.split())) == expected


def test_a_header_in_one_word():
    argv = ["curl", "-H", "Authorization: Basic dXNlcjpw", "-H", "X-Api-Key: abc"]
    assert redact_command(argv)[2] == f"Authorization: {REDACTED}"
    assert redact_command(argv)[4] == f"X-Api-Key: {REDACTED}"


TOKENS = [
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1_B" * 10,
    "glpat-" + "x-Y_" * 5,
    "AKIA" + "ABCDEFGH01234567",
    "AIza" + "aB3_-" * 7,
    "hf_" + "aB3c" * 8,
    "sk-" + "proj-aB3c" * 4,
    "xoxb-" + "123456789012-abc",
    "pypi-" + "AgEIcHlwaS5vcmcCJ",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIB",
]


@pytest.mark.parametrize("token", TOKENS)
def test_known_shapes_go_wherever_they_stand(token):
    for text in (token, f"see {token} there", f"x={token}=", f"['{token}']", f"{token},{token}"):
        assert token not in redact_text(text)
        assert token not in redact_command([text])[0]
        assert token not in redact_values({"note": [text]})["note"][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{'token': 'a b', 'lr': 1}", "{'token': [redacted], 'lr': 1}"),
        ('{"api_key":"a\\"b","lr":1}', '{"api_key":[redacted],"lr":1}'),
        ("password=''a", "password=[redacted]"),
        ("config={password:a}", "config={password:[redacted]"),
        ("login failed: password=a, user=b", "login failed: password=[redacted] user=b"),
        ("401 for https://u:p@h/x", "401 for https://h/x"),
        ("Bearer abc", "Bearer [redacted]"),
        ("mysql -uroot -p'a b' db; sort -u x", "mysql -uroot -p[redacted] db; sort -u x"),
        (
            "curl -su u:S https://h && mysql -pS",
            "curl -su [redacted] https://h && mysql -p[redacted]",
        ),
        ("curl http://mysql/ --user u:S", "curl http://mysql/ --user [redacted]"),
        ("curl: (6) could not resolve --user", "curl: (6) could not resolve --user"),
        ("no file /data/x.csv: retry in 5 s", "no file /data/x.csv: retry in 5 s"),
        ("shape (3, 4) != (4, 3)", "shape (3, 4) != (4, 3)"),
    ],
)
def test_messages(text, expected):
    assert redact_text(text) == expected


def test_the_message_of_a_failed_command():
    error = subprocess.CalledProcessError(1, ["push", "--token", "abc", "--user", "me"])
    assert "abc" not in redact_text(str(error))
    assert "'--user', 'me'" in redact_text(str(error))
    error = subprocess.CalledProcessError(1, ["curl", "--user", "me:abc", "-Uabc", "h"])
    assert "abc" not in redact_text(str(error))
    error = subprocess.CalledProcessError(1, ["mysql", "-p", "-pabc", "db"])
    assert "abc" not in redact_text(str(error))


def test_nested_values():
    values = {
        "lr": 0.1,
        "tokenizer": "bert",
        "use_auth": True,
        "db": {"password": 1234, "host": "h", "url": "postgresql://u:p@h/d"},
        "credentials": {"user": "u", "keys": ["k"], "none": None, "empty": ""},
    }
    assert redact_values(values) == {
        "lr": 0.1,
        "tokenizer": "bert",
        "use_auth": True,
        "db": {"password": REDACTED, "host": "h", "url": "postgresql://h/d"},
        "credentials": {"user": REDACTED, "keys": [REDACTED], "none": None, "empty": ""},
    }


def test_typed_numbers_are_replaced_whole_or_not_at_all():
    assert redact_values(to_json({"loss": math.nan, "pin_password": 2**60})) == {
        "loss": {"$number": "NaN"},
        "pin_password": REDACTED,
    }


def test_long_and_undecodable_text_fits_a_manifest():
    assert len(redact_text("x" * 100_000)) == 65536
    assert redact_command(["\udce9"]) == ("\ufffd",)
    redact_text("a" * 65536)
    redact_command(["a=" * 30_000])


SECRET = st.text(string.ascii_letters + string.digits + "_-./+=", min_size=8).filter(
    lambda text: not text.startswith("--")
)
PIECES = st.lists(
    st.sampled_from(
        [
            *("--token", "token", "=", ":", " ", '"', "'", "&", "?", "://", "@", "/", "Bearer"),
            *("mysql", "curl", "sshpass", "-p", "-u", "-su", "--user", ";", "'", ","),
            *("password", "ssh", "https", "-", "x", "[redacted]", "-----BEGIN PRIVATE KEY-----"),
            *TOKENS[:4],
        ]
    )
).map("".join)


@given(PIECES | st.text())
def test_redacting_text_twice_is_redacting_it_once(text):
    once = redact_text(text)
    assert redact_text(once) == once
    assert redact_url(redact_url(text)) == redact_url(text)


@given(st.lists(PIECES))
def test_redacting_a_command_twice_is_redacting_it_once(argv):
    once = redact_command(argv)
    assert redact_command(once) == once
    assert len(once) == len(argv)


@given(st.sampled_from(SECRET_NAMES), SECRET, st.lists(PIECES), st.lists(PIECES))
def test_a_named_secret_never_survives(name, secret, before, after):
    marked = f"{secret}-S3CR3T"
    for words in (
        [f"--{name}", marked],
        [f"--{name}={marked}"],
        [f"{name}={marked}"],
        [f"--param={name}={marked}"],
        [f"https://user:{secret.replace('/', '')}-S3CR3T@host/x"],
    ):
        assert "S3CR3T" not in "".join(redact_command([*before, *words, *after]))
    assert "S3CR3T" not in redact_text(f"failed with {name}: {marked} here")
    assert "S3CR3T" not in str(redact_values({"a": [{name: marked}]}))
