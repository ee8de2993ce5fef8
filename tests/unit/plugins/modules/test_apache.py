# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules, files and ports of Apache in one run, with an Apache that only prints where it would listen."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.haweb.cluster.plugins.module_utils._apache_listen import DEBIANS_PORTS
from ansible_collections.haweb.cluster.plugins.modules import apache

Run = Callable[..., dict[str, Any]]

# It reads the files that the one it is given names, and all enabled sites.
APACHE = r"""#!/bin/sh
cd {etc}
while [ "$1" != -f ]; do shift; done
if grep -q NoSuch sites-enabled/*; then echo "Invalid command 'NoSuch'" >&2; exit 1; fi
files=$(sed -n 's/^Include //p; s/^IncludeOptional "\(conf.*\)"/\1/p' "$2" | tr -d '"')
files="$files $(ls sites-enabled/*.conf)"
for file in $files; do
  echo "# In file: {etc}/$file"
  grep ^Listen "$file"
done >{etc}/dump
if grep ^Listen {etc}/dump | sort | uniq -d | grep .; then
  echo "Cannot define multiple Listeners" >&2
  exit 1
fi
cat {etc}/dump
"""
A2ENMOD = """#!/bin/sh
echo "$*" >>{etc}/calls
shift
for name; do
  [ -e {etc}/mods-available/$name.load ] || {{ echo "ERROR: Module $name does not exist!"; exit 1; }}
  ln -s ../mods-available/$name.load {etc}/mods-enabled/$name.load
done
"""
HEAD = "#\n# Ours\n#\n"
SHOP = "Listen 8080\n"


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with Debian's package as it comes."""
    etc = tmp_path / "apache2"
    for name in ("conf", "mods", "sites"):
        (etc / f"{name}-available").mkdir(parents=True)
        (etc / f"{name}-enabled").mkdir()
    for name in ("headers", "ssl"):
        (etc / f"mods-available/{name}.load").touch()
    (etc / "apache2.conf").write_text("Include ports.conf\nIncludeOptional conf-enabled/*.conf\n")
    (etc / "ports.conf").write_text(DEBIANS_PORTS)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("apache2ctl", APACHE), ("a2enmod", A2ENMOD)):
        (programs / name).write_text(text.format(etc=etc))
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr(apache, "ETC", etc)
    return etc


def listens(etc: Path) -> list[str]:
    path = etc / "conf-enabled/shop-listen.conf"
    return [line for line in path.read_text().splitlines() if "Listen " in line] if path.exists() else []


@pytest.fixture
def shop(run: Run, etc: Path) -> Callable[..., dict[str, Any]]:
    def runner(*listen: str, **more: Any) -> dict[str, Any]:
        return run(apache, name="shop", head=HEAD, listen=listen, **more)

    return runner


@pytest.mark.parametrize(
    ("listen", "written"),
    [
        ([], []),
        (["80"], []),
        (["8080"], ["Listen 8080"]),
        (["80", "8443 https"], ["Listen 8443 https"]),
    ],
)
def test_only_missing_lines_are_written(shop: Run, etc: Path, listen: list[str], written: list[str]) -> None:
    paths = [str(etc / "conf-available/shop-listen.conf"), str(etc / "conf-enabled/shop-listen.conf")]
    rehearsed, answer = shop(*listen, check_mode=True), shop(*listen)
    assert rehearsed["written"] == answer["written"] == (paths if written else [])
    assert rehearsed["diff"] == answer["diff"]
    assert listens(etc) == written
    assert (etc / "ports.conf").read_text() == DEBIANS_PORTS
    assert not shop(*listen)["changed"]


def test_port_that_leaves_and_the_last_one(shop: Run, etc: Path) -> None:
    shop("8080", "8081")
    shop("8081")
    assert listens(etc) == ["Listen 8081"]
    assert len(shop()["written"]) == 2  # noqa: PLR2004
    assert list((etc / "conf-enabled").iterdir()) == list((etc / "conf-available").iterdir()) == []
    assert not shop()["changed"]


def test_port_that_the_user_takes_over(shop: Run, etc: Path) -> None:
    """Both lines are on the disk, which Apache itself would refuse."""
    shop("8080")
    (etc / "sites-enabled/blog.conf").write_text("Listen 8080\n")
    shop("8080")
    assert listens(etc) == []


def test_own_file_is_known_where_apache_reads_it_by_other_words(shop: Run, etc: Path) -> None:
    shop("8080")
    with (etc / "apache2.conf").open("a") as file:
        file.write('IncludeOptional "conf-enabled/shop-listen.conf"\n')
    assert not shop("8080")["changed"]


OLDER = f"{HEAD}Listen 8080\nListen 443 https\n"


@pytest.mark.parametrize("check_mode", [False, True])
def test_ports_of_an_older_version(shop: Run, etc: Path, check_mode: bool) -> None:
    (etc / "ports.conf").write_text(OLDER)
    (etc / "apache2.conf").chmod(0o644)
    answer = shop("8080", check_mode=check_mode)
    assert answer["written"][-1] == str(etc / "ports.conf")
    assert answer["diff"][-1]["after"] == DEBIANS_PORTS
    assert (etc / "ports.conf").read_text() == (OLDER if check_mode else DEBIANS_PORTS)
    assert listens(etc) == ([] if check_mode else ["Listen 8080"])
    assert check_mode or not shop("8080")["changed"]


def test_single_address_in_the_way(shop: Run, etc: Path) -> None:
    (etc / "sites-enabled/blog.conf").write_text("Listen 192.0.2.1:8080\n")
    assert "has `Listen 192.0.2.1:8080`" in shop("8080")["msg"]
    assert listens(etc) == []


def test_port_that_apache_does_not_take(shop: Run, etc: Path) -> None:
    """The files are not written either."""
    path = etc / "sites-available/shop.conf"
    answer = shop("99999", files=[{"path": str(path), "content": SHOP, "mode": "0644"}])
    assert answer["msg"].startswith(f"{os.uname().nodename}: Apache cannot listen on '99999'. ")
    assert not path.exists()


def test_files_are_judged_with_the_ports(shop: Run, etc: Path) -> None:
    """The site is enabled before Apache is asked: its own Listen counts."""
    site = {"path": str(etc / "sites-available/shop.conf"), "content": SHOP, "mode": "0644"}
    link = {"path": str(etc / "sites-enabled/shop.conf"), "link": "../sites-available/shop.conf"}
    assert shop("8080", files=[site, link])["written"] == [site["path"], link["path"]]
    assert listens(etc) == []
    site["content"] = "NoSuch x\n"
    answer = shop("8080", files=[site, link])
    assert "Apache refuses its configuration: Invalid command 'NoSuch' Mend it" in answer["msg"]


@pytest.mark.parametrize("check_mode", [False, True])
def test_modules_that_are_not_enabled(shop: Run, etc: Path, check_mode: bool) -> None:
    (etc / "mods-enabled/headers.load").symlink_to("../mods-available/headers.load")
    answer = shop(modules=["headers", "ssl"], check_mode=check_mode)
    assert answer["written"] == ["ssl"]
    assert (etc / "calls").exists() != check_mode
    assert check_mode or (etc / "calls").read_text() == "--quiet ssl\n"
    assert check_mode or not shop(modules=["headers", "ssl"])["changed"]


@pytest.mark.usefixtures("etc")
def test_module_that_does_not_exist(shop: Run) -> None:
    assert "a2enmod nothing failed: ERROR: Module nothing does not exist!" in shop(modules=["nothing"])["msg"]


@pytest.mark.parametrize(
    ("listen", "files"), [(["80"], 0), (["80", "443 https"], 0), (["443"], 2), (["8080"], 2)]
)
def test_check_mode_without_the_package(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listen: list[str], files: int
) -> None:
    monkeypatch.setattr(apache, "ETC", tmp_path / "nowhere")
    answer = run(apache, check_mode=True, name="shop", listen=listen, modules=["ssl"])
    assert len(answer["written"]) == files + 1
    assert not (tmp_path / "nowhere").exists()
