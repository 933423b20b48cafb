"""Starts one command under limits and without a network, and dies with the program that asked.

Run as `python -I -S confine.py name=value ... -- command ...`. It stays as a small guard between
the two: when its parent is gone it kills the whole group, so that no grandchild is left either.
"""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
MB = 1024 * 1024
CANNOT_START = 127


def main(arguments: list[str]) -> None:
    cut = arguments.index("--")
    options = {name: int(value) for name, _, value in (a.partition("=") for a in arguments[:cut])}
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # a worker's blocked signals are not ours
    os.umask(0o077)
    os.nice(10)
    leave_network()
    guard = os.getpid()
    child = os.fork()
    if child == 0:
        start(arguments[cut + 1 :], options, guard)
    leave(watch(child, options["parent"]))


def start(command: list[str], options: dict[str, int], guard: int) -> None:
    """Never returns: becomes the command, or ends with CANNOT_START."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if os.getppid() != guard:
        os._exit(CANNOT_START)
    for name in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores both, and exec would keep that
        signal.signal(name, signal.SIG_DFL)
    limit(resource.RLIMIT_AS, options["memory_mb"] * MB)
    limit(resource.RLIMIT_CPU, options["cpu_s"], grace=2)  # first SIGXCPU, which tells why
    limit(resource.RLIMIT_FSIZE, options["file_mb"] * MB)
    limit(resource.RLIMIT_NOFILE, options["open_files"])
    limit(resource.RLIMIT_CORE, 0)
    try:
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(CANNOT_START)


def limit(which: int, value: int, *, grace: int = 0) -> None:
    _, hard = resource.getrlimit(which)
    most = value + grace if hard == resource.RLIM_INFINITY else min(value + grace, hard)
    with suppress(ValueError, OSError):  # macOS knows no limit of the address space
        resource.setrlimit(which, (min(value, most), most))


def watch(child: int, parent: int) -> int:
    """The child's wait status. Kills the group, itself included, once the parent is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the command answers it, the guard waits
    told = {signal.SIGCHLD, signal.SIGUSR1}
    signal.pthread_sigmask(signal.SIG_BLOCK, told)
    prctl(PR_SET_PDEATHSIG, signal.SIGUSR1)
    while True:
        if os.getppid() != parent:
            os.killpg(0, signal.SIGKILL)
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        pause(told)


def pause(told: set[signal.Signals]) -> None:
    """Until one of the signals comes, or for a moment where the system can't say."""
    if hasattr(signal, "sigtimedwait"):
        signal.sigtimedwait(told, 1.0)
    else:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        signal.sigwait({*told, signal.SIGALRM})


def leave(status: int) -> None:
    """End as the command ended, by the same signal if by one."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))


def leave_network() -> None:
    """Into an empty network namespace, where the kernel lets us."""
    if sys.platform != "linux":
        return
    uid, gid = os.getuid(), os.getgid()
    if uid == 0 and unshare(CLONE_NEWNET):
        return
    if unshare(CLONE_NEWUSER | CLONE_NEWNET):
        # Without a map the user would be nobody, and files of its own unreadable.
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with suppress(OSError), open(f"/proc/self/{name}", "w") as file:
                file.write(text)


def unshare(flags: int) -> bool:
    return bool(ctypes.CDLL(None).unshare(flags) == 0)


def prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, int(value), 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
