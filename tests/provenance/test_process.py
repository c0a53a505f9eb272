"""The wrapped command, with real processes, signals and a real terminal."""

import os
import pty
import signal
import stat
import subprocess
import sys

import msgspec
import pytest

from auditkit.errors import UsageError
from auditkit.manifest.types import Timestamp
from auditkit.provenance.process import check_command, run_command

WRAPPER = (
    "import sys\n"
    "from auditkit.provenance.process import run_command\n"
    "result = run_command(sys.argv[1:])\n"
    "print(result.exit_code, result.signal, flush=True)\n"
)
COUNTS_INTERRUPTS = (
    "import signal, sys\n"
    "count = 0\n"
    "def interrupted(*_):\n"
    "    global count\n"
    "    count += 1\n"
    "    print('interrupted', flush=True)\n"
    "def stopped(*_):\n"
    "    print('interrupts:', count, flush=True)\n"
    "    sys.exit(7)\n"
    "signal.signal(signal.SIGINT, interrupted)\n"
    "signal.signal(signal.SIGTERM, stopped)\n"
    "print('ready', flush=True)\n"
    "while True: signal.pause()\n"
)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wrapped(code: str, *, before: str = "", **options) -> subprocess.Popen:
    argv = [sys.executable, "-c", before + WRAPPER, *python(code)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, **options)


@pytest.mark.parametrize("code", [0, 1, 77, 255])
def test_the_exit_code_is_the_commands(code):
    result = run_command(python(f"raise SystemExit({code})"))
    assert (result.exit_code, result.signal) == (code, None)


def test_times_are_those_of_a_manifest_and_in_order():
    result = run_command(["true"])
    assert msgspec.convert(result.started_at, Timestamp) <= result.finished_at


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV"])
def test_a_command_that_a_signal_ends(name):
    number = getattr(signal, name)
    result = run_command(python(f"import os; os.kill(os.getpid(), {number:d})"))
    assert (result.exit_code, result.signal) == (128 + number, name)


def test_a_nameless_signal():
    number = signal.SIGRTMIN + 3
    result = run_command(python(f"import os; os.kill(os.getpid(), {number})"))
    assert (result.exit_code, result.signal) == (128 + number, "SIGRTMIN+3")


def test_the_commands_process_id_is_told():
    seen = []
    result = run_command(
        python("import os, signal; signal.pause()"),
        on_start=lambda pid: (seen.append(pid), os.kill(pid, signal.SIGKILL)),
    )
    assert result.signal == "SIGKILL"
    assert len(seen) == 1


def test_a_failing_callback_leaves_no_command_behind():
    seen = []

    def fail(pid):
        seen.append(pid)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run_command(python("import signal; signal.pause()"), on_start=fail)
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)


def test_standard_streams_are_the_callers():
    argv = [sys.executable, "-c", WRAPPER, "cat"]
    done = subprocess.run(argv, input=b"through\n", capture_output=True, check=True)
    assert done.stdout == b"through\n0 None\n"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"])
def test_signals_are_passed_on_and_survived(name):
    code = (
        "import signal, sys\n"
        f"signal.signal(signal.{name}, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()\n"
    )
    # Whoever runs the tests may ignore it, as nohup does, and what is ignored is inherited.
    before = f"import signal; signal.signal(signal.{name}, signal.SIG_DFL)\n"
    # In a session of its own there is no terminal that could have sent the signal to both.
    with wrapped(code, before=before, start_new_session=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, name))
        assert process.stdout.readline() == "7 None\n"
    assert process.returncode == 0


def test_what_the_caller_ignores_the_command_ignores():
    code = "import signal; print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, flush=True)"
    before = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    with wrapped(code, before=before) as process:
        assert process.stdout.readline() == "True\n"


@pytest.mark.parametrize("same_group", [True, False])
def test_ctrl_c_comes_from_the_terminal_alone(same_group):
    # A command that leaves the terminal's group gets no Ctrl-C from it: what then reaches it
    # could only come from the wrapper.
    leave = "" if same_group else "import os; os.setpgid(0, 0)\n"
    terminal, inner = pty.openpty()
    before = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    code = leave + COUNTS_INTERRUPTS
    with (
        os.fdopen(terminal, "r+b", buffering=0) as keyboard,
        wrapped(code, before=before, start_new_session=True, stdin=inner) as process,
    ):
        os.close(inner)
        assert process.stdout.readline() == "ready\n"
        keyboard.write(b"\x03")
        assert keyboard.read(2) == b"^C"  # echoed once the signal has been sent
        if same_group:
            assert process.stdout.readline() == "interrupted\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == f"interrupts: {same_group:d}\n"
        assert process.stdout.readline() == "7 None\n"
    assert process.returncode == 0


def test_handlers_are_put_back():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGCHLD)]
    run_command(["true"])
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGCHLD)] == before
    assert signal.set_wakeup_fd(-1) == -1


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "no command was given"),
        (["no-such-program-anywhere"], "command not found"),
        (["./no/such/file"], "command not found"),
        (["nul\0byte"], "command not found"),
    ],
)
def test_what_cannot_be_found(argv, message):
    for call in (check_command, run_command):
        with pytest.raises(UsageError, match=message) as caught:
            call(argv)
        assert caught.value.hint


def test_a_file_that_is_not_executable(tmp_path):
    script = tmp_path / "train.py"
    script.write_text("print()\n")
    with pytest.raises(UsageError, match="not an executable file") as caught:
        run_command([str(script)])
    assert f"python {script}" in caught.value.hint


def test_a_script_without_an_interpreter(tmp_path):
    script = tmp_path / "train"
    script.write_text("print()\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    check_command([str(script)])
    with pytest.raises(UsageError, match="cannot be executed"):
        run_command([str(script)])
