# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options that ldirectord would refuse or ignore."""

from __future__ import annotations

from ansible_collections.haweb.cluster.plugins.module_utils._problems import Kind, Problems
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.service import Service
from ansible_collections.haweb.cluster.plugins.plugin_utils._model.words import called
from ansible_collections.haweb.cluster.plugins.plugin_utils._options import Settled

OPTIONS_NOT_A_DICTIONARY = Kind(
    "options_not_a_dictionary", "found {found}, but they must be a dictionary of option: value"
)
IN_A_SERVICE = Kind("in_a_service", "{name} cannot stand here; move it into the services that need it")
EXTERNAL_WITHOUT_COMMAND = Kind(
    "external_without_command",
    "{type} is external, but {command} is missing, so that ldirectord would run /bin/true and consider "
    "every server healthy; name the command that checks",
)
OPS_WITH_MARK = Kind(
    "ops_with_mark", "ops is yes, but with fwmark ldirectord ignores it; remove ops, or fwmark"
)
INTERVAL_WITHOUT_FORK = Kind(
    "interval_without_fork",
    "{interval} is set, but in a service ldirectord uses it only with fork: true in its options; set "
    "that, or move it into the options as checkinterval",
)
NO_FALLBACK_FOR_MARK = Kind(
    "no_fallback_for_mark",
    "it has a fwmark and no fallback, and ldirectord cannot use the fallback in its options for a firewall "
    "mark; give this service a fallback of its own",
)


def check_service(general: Settled, service: Service, problems: Problems) -> None:
    """Add the problems of a service that ldirectord, with its global options, cannot keep."""
    if service.ops and service.place.mark:
        problems.add(OPS_WITH_MARK)
    if str(service.check.type).startswith("external") and service.check.command is None:
        problems.add(
            EXTERNAL_WITHOUT_COMMAND, type=called(service, "type"), command=called(service, "command")
        )
    if service.check.interval is not None and not general.get("fork"):
        problems.add(INTERVAL_WITHOUT_FORK, interval=called(service, "interval"))
    if service.place.mark and service.fallback is None and "fallback" in general:
        problems.add(NO_FALLBACK_FOR_MARK)
