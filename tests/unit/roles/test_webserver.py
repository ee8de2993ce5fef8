"""When the role webserver considers a document root empty."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.manager import VariableManager

VARS = Path(__file__).parents[3] / "roles" / "webserver" / "vars" / "main.yml"

Look = Callable[[str], list[str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Run the role's own command on a document root, and return its output."""

    inventory = tmp_path / "inventory"
    (inventory / "group_vars").mkdir(parents=True)
    (inventory / "hosts").write_text("node1\n")
    (inventory / "group_vars" / "all.yml").symlink_to(VARS)

    def looker(document_root: str) -> list[str]:
        loader = DataLoader()
        manager = InventoryManager(loader, [str(inventory / "hosts")])
        (host,) = manager.get_hosts()
        variables = VariableManager(loader, manager).get_vars(host=host) | {
            "webserver_document_root": document_root,
            "__webserver_packaged": f"{tmp_path}/root/html",
            "webserver_health_page": "ldirector.html",
            "webserver_health_text": "Test Page",
        }
        argv = Templar(loader=loader, variables=variables).template(variables["__webserver_look"])
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()

    return looker


def test_nothing_is_printed_without_a_document_root(look: Look, tmp_path: Path) -> None:
    assert look(f"{tmp_path}/absent") == []


@pytest.mark.parametrize("end", ["", "/"])
def test_empty(look: Look, root: Path, end: str) -> None:
    assert look(f"{root}{end}") == [str(root)]


def test_page_of_the_directors_from_an_older_version_does_not_count(look: Look, root: Path) -> None:
    (root / "ldirector.html").write_text("Test Page\n")
    assert look(str(root)) == [str(root)]


@pytest.fixture
def packaged(root: Path) -> Path:
    """Create the files of Debian's package."""
    (root / "html").mkdir()
    (root / "html" / "index.html").touch()
    return root / "html"


def test_files_of_the_package_do_not_count(look: Look, root: Path, packaged: Path) -> None:
    assert look(str(root)) == [str(root)]


def test_document_root_of_the_package_is_there(look: Look, packaged: Path) -> None:
    assert look(str(packaged)) == [str(packaged)]


@pytest.mark.usefixtures("packaged")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("html/index.php", ""),
        ("index.php", ""),
        (".htaccess", ""),
        ("folder/index.php", ""),
        ("ldirector.html", "<p>A Test Page of the application</p>\n"),
    ],
)
def test_something_is_there(look: Look, root: Path, name: str, text: str) -> None:
    found = name if name.startswith("html/") else Path(name).parts[0]
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(text)
    assert look(str(root)) == [str(root), str(root / found)]


def test_link_to_a_document_root(look: Look, root: Path) -> None:
    link = root.with_name("link")
    link.symlink_to(root)
    (root / "index.php").touch()
    assert look(str(link)) == [str(link), f"{link}/index.php"]
