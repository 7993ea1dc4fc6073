"""A SLURM cluster of one node, this machine: munged, slurmctld and slurmd with every file in one folder.

Its node claims more memory than a small machine has, and a GPU that is none, so that jobs may ask for what they would
ask a large cluster for. The daemons wait long for one another, as tests beside them may take every core;
a requeued job waits no longer than its credentials last, 15 seconds here.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

DAEMONS = ("munged", "slurmctld", "slurmd")
CONFIGURATION = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=15
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
MinJobAge=3600
MessageTimeout=60
TCPTimeout=20
BatchStartTimeout=300
SlurmdTimeout=900
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=64000 Gres=gpu:1
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def needed() -> None:
    """Skip the test where the cluster cannot be started."""
    missing = [name for name in (*DAEMONS, "setpriv") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (Debian: slurm-wlm, munge)")
    if os.geteuid() != 0:
        pytest.skip("needs root, who alone may start the node of a cluster")


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def told(*words: str) -> str:
    """What a command of SLURM says; raises CalledProcessError where it fails."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def until(condition, what: str, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.2)


def jobs(form: str) -> list[str]:
    """A line for each job that the cluster has not forgotten, in a format of squeue."""
    return told("squeue", "--noheader", "--states=all", f"--format={form}").splitlines()


def _write_files(folder: Path) -> None:
    for name in ("state", "spool"):
        (folder / name).mkdir()
    (folder / "munge.key").write_bytes(os.urandom(64))
    (folder / "munge.key").chmod(0o600)
    host = socket.gethostname().split(".")[0]
    said = CONFIGURATION.format(host=host, ports=free_ports(2), folder=folder, cores=max(2, os.cpu_count() or 1))
    (folder / "slurm.conf").write_text(said)
    # The plugin takes SLURM_CONF from the environment of the srun that it starts within a job.
    srun = folder / "bin" / "srun"
    srun.parent.mkdir()
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File=/dev/null\n")


@contextlib.contextmanager
def one_node_cluster(folder: Path) -> Iterator[None]:
    """A cluster while the context lasts; ``SLURM_CONF`` in the environment leads every command to it.

    The daemons die with this process, however it dies.
    """
    needed()
    _write_files(folder)
    files = {"socket": "socket", "key-file": "key", "pid-file": "pid", "seed-file": "seed", "log-file": "log"}
    munge = [f"--{option}={folder / f'munge.{ending}'}" for option, ending in files.items()]
    commands = (
        ["munged", "--foreground", "--force", *munge],
        ["slurmctld", "-D", "-c"],
        ["slurmd", "-D"],
    )
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as daemons:
        patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
        patch.setenv("PATH", str(folder / "bin"), prepend=os.pathsep)
        for command in commands:
            log = daemons.enter_context(open(folder / f"{command[0]}.said", "w"))
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdout=log, stderr=log)
            daemons.callback(process.wait)
            daemons.callback(process.terminate)
            if command[0] == "munged":
                until((folder / "munge.socket").exists, "munged")
        daemons.callback(_cancel_all)
        until(lambda: "idle" in _nodes(), "an idle node")
        yield


def _nodes() -> str:
    return subprocess.run(["sinfo", "--noheader", "--format=%t"], capture_output=True, text=True).stdout


def _cancel_all() -> None:
    subprocess.run(["scancel", "--user=root", "--full"], capture_output=True)
    until(lambda: not told("squeue", "--noheader"), "the end of every job")
