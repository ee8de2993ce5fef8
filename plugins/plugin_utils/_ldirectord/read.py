# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the parts of ldirectord.cf: the services, and ldirectord's global options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Problem, Problems, kind_of
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.options import (
    GLOBAL_OPTIONS,
    LDIRECTORD,
    TIMEOUTS,
    VIRTUAL_LINES,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._ldirectord.problems import (
    IN_A_SERVICE,
    OPTIONS_NOT_A_DICTIONARY,
    check_service,
)
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.read import read_services
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.service import Service
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Settled, settle


@dataclass(frozen=True)
class Config:
    """The content of ldirectord.cf; it is complete only without problems."""

    options: Settled
    services: tuple[Service, ...]
    problems: tuple[Problem, ...]


def read(services: object, options: object) -> Config:
    problems = Problems("ldirectord's options")
    general = _read_options(options, problems)
    found = read_services(
        services, LDIRECTORD, partial(check_service, general), problems.about("The services")
    )
    return Config(general, found, tuple(problems.found))


def _read_options(options: object, problems: Problems) -> Settled:
    given = {} if options is None else options
    if not isinstance(given, Mapping):
        problems.add(OPTIONS_NOT_A_DICTIONARY, found=kind_of(options))
        return {}
    in_a_service = {option.name for option in VIRTUAL_LINES}
    for name in given:
        if name in GLOBAL_OPTIONS:
            continue
        if name in in_a_service:
            problems.add(IN_A_SERVICE, name=name)
        else:
            problems.add_unknown(name, GLOBAL_OPTIONS)
    context = {"has_timeout": any(given.get(name) is not None for name in TIMEOUTS)}
    return settle(GLOBAL_OPTIONS.values(), given, context, problems)
