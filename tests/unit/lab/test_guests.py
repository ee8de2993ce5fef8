"""The guests among the processes of this machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from haweb_lab.guests import Process, grouped, guests, memory_of, processes, state_of
from testbed.lab_sample import LAB, running

HOME = "uml_dir=/run/haweb/test/uml/"


def kernel(pid: int, group: int, name: str, home: str = HOME) -> Process:
    return Process(pid, group, "S", ("linux.uml", f"umid={name}", home))


def test_a_guest_is_its_kernel_first_and_the_rest_of_its_group() -> None:
    helper, stranger = Process(7, 30, "S", ("helper",)), Process(8, 8, "S", ("sshd",))
    found = grouped([helper, stranger, kernel(31, 30, "web1"), kernel(30, 30, "web1")], HOME)
    assert {name: [one.pid for one in members] for name, members in found.items()} == {"web1": [30, 7, 31]}


def test_guests_of_other_labs_do_not_count() -> None:
    other = kernel(40, 40, "web1", "uml_dir=/run/haweb/test2/uml/")
    assert grouped([other], HOME) == {}


def test_a_lab_that_never_ran_has_no_guests() -> None:
    assert guests(LAB) == {}


@pytest.mark.parametrize(("state", "expected"), [("S", "running"), ("R", "running"), ("T", "frozen")])
def test_state(state: str, expected: str) -> None:
    assert state_of(running(web1=state), "web1") == expected
    assert state_of(running(web1=state), "web2") == "off"


def test_processes_are_read_with_their_group_and_arguments() -> None:
    mine = next(process for process in processes() if process.pid == os.getpid())
    assert (mine.group, mine.state) == (os.getpgrp(), "R")
    with subprocess.Popen([sys.executable, "-c", "input()", "a b"], stdin=subprocess.PIPE) as child:
        found = {process.pid: process for process in processes()}
        assert found[child.pid].arguments[1:4] == ("-c", "input()", "a b")


def test_memory_is_that_of_the_nameless_file() -> None:
    program = (
        "import os; os.write(os.open('/dev/shm', os.O_TMPFILE | os.O_RDWR), b'x' * 8192); print(); input()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe) as child:
        assert child.stdout
        child.stdout.readline()
        assert memory_of(Process(child.pid, child.pid, "S", ())) == 8192  # noqa: PLR2004
