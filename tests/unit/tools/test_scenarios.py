"""The commands of Molecule for each scenario, their order and their environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenarios import (
    CACHE,
    PROJECT,
    Run,
    ScenarioError,
    Scenarios,
    execute,
    found,
    lab_runs,
    options,
    plan,
    roles_runs,
    storm_runs,
)

SCENARIOS = Scenarios(("heartbeat", "webserver"))
IN_CONTAINERS = "tools/docker-engine molecule --base-config .config/molecule/roles.yml test"
ROLES = f"MOLECULE_GLOB='molecule/roles/*/molecule.yml' {IN_CONTAINERS}"


def lab(name: str) -> str:
    return (
        f"MOLECULE_GLOB='molecule/*/molecule.yml' MOLECULE_LAB=checkout-{name} "
        f"MOLECULE_EPHEMERAL_DIRECTORY={CACHE}/molecule/checkout-{name}"
    )


CLUSTER = lab("cluster")
BALANCERS = (
    f"{lab('balancers')} HAWEB_LAB_RELEASE=trixie "
    "HAWEB_LAB_INVENTORY=molecule/shared/inventory/balancers.yml molecule test"
)


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLECULE_LAB", "checkout")


def planned(*arguments: str) -> list[str]:
    return [str(run) for run in plan(options(arguments), SCENARIOS)]


@pytest.mark.parametrize(
    ("arguments", "commands"),
    [
        (["roles"], [f"{ROLES} --all"]),
        (["roles", "webserver"], [f"{ROLES} --scenario-name webserver"]),
        (
            ["lab"],
            [
                f"{BALANCERS} --scenario-name one_balancer --scenario-name balancer_pair",
                f"{lab('behind')} HAWEB_LAB_RELEASE=trixie "
                "HAWEB_LAB_INVENTORY=molecule/balancers_behind_directors/inventory molecule test "
                "--scenario-name balancers_behind_directors",
                f"{lab('layer4')} HAWEB_LAB_DIRECTORS_KERNEL_SUITE='' molecule test --scenario-name layer4",
                f"{CLUSTER} molecule test --scenario-name cluster --scenario-name both --scenario-name storm "
                "--scenario-name tutorial",
            ],
        ),
        (["lab", "both"], [f"{CLUSTER} molecule test --scenario-name both"]),
        (["lab", "both", "one_balancer", "--only=alone"], [f"{CLUSTER} molecule test --scenario-name both"]),
        (
            ["lab", "both", "one_balancer", "--only=beside-others"],
            [f"{BALANCERS} --scenario-name one_balancer"],
        ),
        (["lab", "one_balancer"], [f"{BALANCERS} --scenario-name one_balancer"]),
        (
            ["storm", "--seed=7"],
            [
                f"{CLUSTER} HAWEB_LAB_INVENTORY=inventory HAWEB_STORM_SEED=7 HAWEB_STORM_FAULTS=100 "
                "molecule test --scenario-name storm"
            ],
        ),
        (
            ["storm", "--seed=0", "--faults=3", "--active=both"],
            [
                f"{CLUSTER} HAWEB_LAB_INVENTORY=molecule/both/inventory HAWEB_STORM_SEED=0 "
                "HAWEB_STORM_FAULTS=3 molecule test --scenario-name storm"
            ],
        ),
    ],
    ids=" ".join,
)
def test_commands(arguments: list[str], commands: list[str]) -> None:
    assert planned(*arguments) == commands


def test_scenarios_keep_their_order_however_they_are_named() -> None:
    assert lab_runs(SCENARIOS, ["layer4", "storm", "cluster"])[-1].command[2:] == (
        "--scenario-name",
        "cluster",
        "--scenario-name",
        "storm",
    )


def test_storm_without_a_seed_has_one_of_its_own() -> None:
    assert len({planned("storm")[0] for _ in range(10)}) > 1


@pytest.mark.parametrize(
    ("names", "places"),
    [([], ["roles", "lab"]), (["heartbeat"], ["roles"]), (["cluster"], ["lab"])],
)
def test_where_a_scenario_runs(names: list[str], places: list[str]) -> None:
    assert SCENARIOS.where(names) == places


def test_unknown_scenario_is_a_sentence_with_all_names() -> None:
    with pytest.raises(
        ScenarioError, match=r"no scenario clutser\. In containers: .* a lab: one_balancer balancer_pair "
    ):
        SCENARIOS.where(["clutser"])


def test_scenario_of_another_place_is_a_sentence_with_the_cure() -> None:
    with pytest.raises(ScenarioError, match="`make lab S=cluster`"):
        roles_runs(SCENARIOS, ["cluster"])
    with pytest.raises(ScenarioError, match="`make roles S=heartbeat`"):
        lab_runs(SCENARIOS, ["cluster", "heartbeat"])


def test_unknown_form_is_a_sentence_with_all_forms() -> None:
    with pytest.raises(ScenarioError, match=r"ACTIVE=none is no form .* There are: one both\."):
        storm_runs(1, 1, "none")


def test_first_failure_ends_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    log = str(tmp_path / "log")
    record = 'echo "$WORD" >> "$0"; exit "$1"'
    runs = [
        Run({"WORD": word}, ("sh", "-c", record, log, code), word)
        for word, code in (("first", "0"), ("second", "3"), ("third", "0"))
    ]
    with pytest.raises(SystemExit, match=r"^3$"):
        execute(runs)
    assert Path(log).read_text() == "first\nsecond\n"


# Each waits for the other: one after the other they would wait for the whole time.
MEET = 'touch "$0"; for i in $(seq 100); do [ -e "$1" ] && exit "$2"; sleep 0.1; done; exit 9'


@pytest.mark.parametrize("code", [0, 4])
def test_runs_that_need_not_be_alone_come_first_and_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], code: int
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    one, two, timed = (str(tmp_path / name) for name in ("one", "two", "timed"))
    runs = [
        Run({}, ("touch", timed), "timed"),
        Run({}, ("sh", "-c", f"echo hello; {MEET}", one, two, "0"), "one", alone=False),
        Run({}, ("sh", "-c", MEET, two, one, str(code)), "two", alone=False),
    ]
    if code:
        with pytest.raises(SystemExit, match=f"^{code}$"):
            execute(runs)
    else:
        execute(runs)
    assert Path(timed).exists() == (code == 0)
    out, err = capfd.readouterr()
    assert out == "one: hello\n"
    assert err == ("== The scenarios of two have failed.\n" if code else "")


# --- the files of the project ---


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with only the names of this one's scenarios."""
    for path in PROJECT.glob("molecule/**/molecule.yml"):
        copy = tmp_path / path.relative_to(PROJECT)
        copy.parent.mkdir(parents=True)
        copy.touch()
    return tmp_path


def test_every_scenario_of_this_project_has_a_place(project: Path) -> None:
    assert found(project) == found(PROJECT)
    assert {"heartbeat", "webserver"} < set(found(PROJECT).in_containers)


def test_forgotten_scenario_is_an_error(project: Path) -> None:
    (project / "molecule" / "new").mkdir()
    (project / "molecule" / "new" / "molecule.yml").touch()
    with pytest.raises(ScenarioError, match="No lab runs the scenario new: add it to LABS"):
        found(project)


def test_scenario_that_does_not_exist_any_more_is_an_error(project: Path) -> None:
    (project / "molecule" / "layer4" / "molecule.yml").unlink()
    with pytest.raises(ScenarioError, match=r"no molecule/layer4/molecule.yml: remove layer4"):
        found(project)
