import pytest

from auditkit.config import load_settings
from auditkit.errors import ConfigError
from auditkit.stores.s3_client import S3Settings


def settings(tmp_path, project, user="", **environ):
    for folder, text in ((tmp_path, project), (tmp_path / "xdg" / "auditkit", user)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "auditkit.toml").write_text(text)
    return load_settings(tmp_path, environ={"XDG_CONFIG_HOME": str(tmp_path / "xdg"), **environ})


def test_nothing_is_set(tmp_path):
    assert settings(tmp_path, "").s3 == S3Settings()


def test_environment_beats_project_beats_user(tmp_path):
    project = """
        [s3]
        endpoint = "https://project.example"
        region = "project-1"
        requester-pays = false
        timeout = 7.5
    """
    user = """
        [s3]
        endpoint = "https://user.example"
        profile = "user"
        requester-pays = true
        attempts = 2
    """
    environ = {"AUDITKIT_S3_ENDPOINT": "https://environment.example", "AUDITKIT_S3_REGION": ""}
    assert settings(tmp_path, project, user, **environ).s3 == S3Settings(
        endpoint="https://environment.example",
        region="project-1",
        profile="user",
        requester_pays=False,
        timeout=7.5,
        attempts=2,
    )


@pytest.mark.parametrize(
    "wrong", ["attempts = 0", "attempts = 1000", "timeout = 0", "secret-key = 'x'", "endpoint = 1"]
)
def test_wrong_settings_are_errors(tmp_path, wrong):
    with pytest.raises(ConfigError):
        settings(tmp_path, f"[s3]\n{wrong}\n")
