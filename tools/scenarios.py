"""Run Molecule's scenarios: each in its lab, in the right order, with its environment.

This file defines where each scenario runs. A scenario that is missing here is an error.
"""

from __future__ import annotations

import argparse
import os
import random
import shlex
import signal
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

PROJECT = Path(__file__).parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "haweb"

ROLES, LAB = "roles", "lab"
# Where Molecule finds the scenarios of a place, and the options of its run.
GLOBS = {
    ROLES: {"MOLECULE_GLOB": "molecule/roles/*/molecule.yml"},
    LAB: {"MOLECULE_GLOB": "molecule/*/molecule.yml"},
}
MOLECULE = {
    ROLES: ("molecule", "--base-config", ".config/molecule/roles.yml", "test"),
    LAB: ("molecule", "test"),
}
ENGINE = "tools/docker-engine"

ALONE, BESIDE = "alone", "beside-others"
INVENTORY = "HAWEB_LAB_INVENTORY"
RELEASE = "HAWEB_LAB_RELEASE"


@dataclass(frozen=True)
class Lab:
    """Scenarios that share machines, in this order: each begins with the state that the last one has left.

    `alone`: they measure times, which are longer while other machines boot beside them.
    """

    name: str
    scenarios: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    alone: bool = False

    def run(self, some: Iterable[str]) -> Run:
        """Return the command that tests these of its scenarios.

        Labs that run at the same time have names and folders of their own. A second checkout on this
        machine sets MOLECULE_LAB.
        """
        name = f"{os.environ.get('MOLECULE_LAB', 'molecule')}-{self.name}"
        own = {"MOLECULE_LAB": name, "MOLECULE_EPHEMERAL_DIRECTORY": str(CACHE / "molecule" / name)}
        return Run(GLOBS[LAB] | own | self.environment, (*MOLECULE[LAB], *named(some)), self.name, self.alone)


CLUSTER = Lab("cluster", ("cluster", "both", "storm", "tutorial"), alone=True)
LABS = (
    Lab(
        "balancers",
        ("one_balancer", "balancer_pair"),
        {RELEASE: "trixie", INVENTORY: "molecule/shared/inventory/balancers.yml"},
    ),
    Lab(
        "behind",
        ("balancers_behind_directors",),
        {RELEASE: "trixie", INVENTORY: "molecule/balancers_behind_directors/inventory"},
    ),
    # The directors use the kernel of this machine's user-mode-linux: firewall marks need its iptables.
    Lab("layer4", ("layer4",), {"HAWEB_LAB_DIRECTORS_KERNEL_SUITE": ""}, alone=True),
    CLUSTER,
)
# It only creates and removes the lab of the other scenarios: Molecule runs it with them.
DEFAULT = "default"

# The inventory of each form of the cluster that a storm can hit.
FORMS = {"one": "inventory", "both": "molecule/both/inventory"}
SEEDS = 2**15


class ScenarioError(Exception):
    """A sentence: the wrong scenario, and the cure."""


@dataclass(frozen=True)
class Scenarios:
    """The names of all scenarios, by the place where they run."""

    in_containers: tuple[str, ...]
    in_a_lab: tuple[str, ...] = tuple(name for lab in LABS for name in lab.scenarios)

    def where(self, names: Collection[str]) -> list[str]:
        """Return the places where these scenarios run; without names, all places."""
        self.check(names)
        places = {ROLES: self.in_containers, LAB: self.in_a_lab}
        return [place for place, there in places.items() if not names or set(names) & set(there)]

    def check(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in (*self.in_containers, *self.in_a_lab):
                raise ScenarioError(
                    f"There is no scenario {name}. In containers: {' '.join(self.in_containers)}. "
                    f"In a lab: {' '.join(self.in_a_lab)}."
                )


@dataclass(frozen=True)
class Run:
    """One command, what it needs in its environment, and whether others may run beside it."""

    environment: dict[str, str]
    command: tuple[str, ...]
    name: str
    alone: bool = True

    def __str__(self) -> str:
        words = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        return " ".join([*words, shlex.join(self.command)])


def found(project: Path) -> Scenarios:
    """Return the scenarios of the project, and check that each has a place."""
    in_containers, others = (
        sorted(path.parent.name for path in project.glob(glob["MOLECULE_GLOB"])) for glob in GLOBS.values()
    )
    scenarios = Scenarios(tuple(in_containers))
    if forgotten := set(others) - {DEFAULT, *scenarios.in_a_lab}:
        raise ScenarioError(
            f"No lab runs the scenario {' '.join(sorted(forgotten))}: add it to LABS in tools/scenarios.py."
        )
    if missing := set(scenarios.in_a_lab) - set(others):
        raise ScenarioError(
            f"There is no molecule/{sorted(missing)[0]}/molecule.yml: remove {' '.join(sorted(missing))} "
            "from LABS in tools/scenarios.py."
        )
    return scenarios


def named(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from ("--scenario-name", name)


def roles_runs(scenarios: Scenarios, names: Collection[str]) -> list[Run]:
    """Each role in containers: all roles, or these."""
    require(ROLES, scenarios, names)
    which = named(name for name in scenarios.in_containers if name in names) if names else ("--all",)
    return [Run(GLOBS[ROLES], (ENGINE, *MOLECULE[ROLES], *which), ROLES)]


def lab_runs(scenarios: Scenarios, names: Collection[str]) -> list[Run]:
    """The cluster on virtual machines. Molecule runs the scenarios of one lab together."""
    require(LAB, scenarios, names)
    chosen = [(lab, [name for name in lab.scenarios if not names or name in names]) for lab in LABS]
    return [lab.run(some) for lab, some in chosen if some]


def require(place: str, scenarios: Scenarios, names: Iterable[str]) -> None:
    for name in names:
        if (other := scenarios.where([name])) != [place]:
            raise ScenarioError(f"The scenario {name} runs by `make {other[0]} S={name}`.")


def storm_runs(seed: int, faults: int, active: str) -> list[Run]:
    """Random faults in one form of the cluster."""
    if active not in FORMS:
        raise ScenarioError(f"ACTIVE={active} is no form of the cluster. There are: {' '.join(FORMS)}.")
    environment = {
        INVENTORY: FORMS[active],
        "HAWEB_STORM_SEED": str(seed),
        "HAWEB_STORM_FAULTS": str(faults),
    }
    return [replace(CLUSTER, environment=environment).run(["storm"])]


def run_alone(run: Run) -> int:
    """Run the command, and return its exit code."""
    return subprocess.run(run.command, cwd=PROJECT, env=os.environ | run.environment, check=False).returncode


def run_beside_others(run: Run) -> int:
    """Run the command, begin each line of its output with the run's name, and return its exit code."""
    with subprocess.Popen(
        run.command,
        cwd=PROJECT,
        env=os.environ | run.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(f"{run.name}: {line}", end="", flush=True)
    return process.returncode


def execute(runs: Sequence[Run]) -> None:
    """Run first, at the same time, what can run beside others; then the rest one by one. End at a failure."""
    # An interrupt is for the command, which still has to remove its machines.
    signal.signal(signal.SIGINT, lambda *_: None)
    together = [run for run in runs if not run.alone]
    if len(together) > 1:
        with ThreadPoolExecutor(len(together)) as threads:
            end_at_failure(zip(together, threads.map(run_beside_others, together), strict=True))
    else:
        end_at_failure((run, run_alone(run)) for run in together)
    end_at_failure((run, run_alone(run)) for run in runs if run.alone)


def end_at_failure(codes: Iterable[tuple[Run, int]]) -> None:
    for run, code in codes:
        if code:
            print(f"== The scenarios of {run.name} have failed.", file=sys.stderr, flush=True)
            sys.exit(code if code > 0 else 128 - code)


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dry-run", action="store_true", help="print the commands, run nothing")
    commands = parser.add_subparsers(dest="do", required=True)
    for do, text in (
        (ROLES, "each role alone in containers"),
        (LAB, "the cluster in the lab"),
        ("where", f"print whether scenarios are for `{ROLES}` or `{LAB}`"),
    ):
        command = commands.add_parser(do, help=text)
        command.add_argument("names", nargs="*", metavar="SCENARIO", help="only this one")
        if do == LAB:
            command.add_argument("--only", choices=(ALONE, BESIDE), help="only the labs that run so")
    storm = commands.add_parser("storm", help="faults at random")
    storm.add_argument("--seed", type=int, help="default: a random one")
    storm.add_argument("--faults", type=int, default=100, help="how many; default: %(default)s")
    storm.add_argument("--active", default="one", help=f"{' or '.join(FORMS)}; default: %(default)s")
    return parser.parse_args(arguments)


def plan(chosen: argparse.Namespace, scenarios: Scenarios) -> list[Run]:
    match chosen.do:
        case "roles":
            return roles_runs(scenarios, chosen.names)
        case "lab":
            runs = lab_runs(scenarios, chosen.names)
            return [run for run in runs if chosen.only in (None, ALONE if run.alone else BESIDE)]
        case _:
            seed = random.randrange(SEEDS) if chosen.seed is None else chosen.seed
            return storm_runs(seed, chosen.faults, chosen.active)


def main() -> None:
    chosen = options()
    try:
        scenarios = found(PROJECT)
        if chosen.do == "where":
            print(*scenarios.where(chosen.names))
            return
        runs = plan(chosen, scenarios)
    except ScenarioError as error:
        sys.exit(str(error))
    if chosen.dry_run:
        print(*runs, sep="\n")
    else:
        execute(runs)


if __name__ == "__main__":
    main()
