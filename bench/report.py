"""Tell what was measured: a page of tables, and plots.

report.py RESULTS FOLDER
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import alarms
import both
import both_changes
import both_costs
import connections
import matplotlib
import numpy as np
import outages
import throughput
import yaml
from scipy.stats import bootstrap
from testbed import PROJECT

matplotlib.use("agg")
from matplotlib import pyplot

Samples = list[dict[str, Any]]
Lines = list[str]

OURS, FASTER, TUTORIAL = "warm", "warm_fast", "tutorial"
DEADTIME = {OURS: 2.0, FASTER: 0.6}  # seconds
LATE = (250, 400, 600, 1000, 1500, 2000)  # milliseconds


def titles() -> dict[str, str]:
    """Of each system, from the inventory that names it."""
    files = (PROJECT / "bench" / "inventory" / "group_vars").glob("*.yml")
    told = {file.stem: yaml.safe_load(file.read_text()) for file in files}
    return {name: words["bench_title"] for name, words in told.items() if "bench_title" in words}


TITLES = titles() | {"direct": "the web servers, asked directly"}


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Lines:
    def line(cells: Sequence[object]) -> str:
        return f"| {' | '.join(map(str, cells))} |"

    return [line(header), line(["---"] * len(header)), *map(line, rows), ""]


def grouped(samples: Samples, *keys: str) -> dict[Any, Samples]:
    found: dict[Any, Samples] = defaultdict(list)
    for sample in samples:
        name = tuple(sample[key] for key in keys)
        found[name if len(keys) > 1 else name[0]].append(sample)
    return found


def values(samples: Samples, key: str) -> list[float]:
    return [sample[key] for sample in samples]


def ratio(above: list[float], below: list[float], digits: int = 1) -> str:
    """The ratio of the medians, with the interval in which it is with 95 % confidence."""
    point = median(above) / median(below)
    if min(len(above), len(below)) < 3:  # noqa: PLR2004
        return f"{point:.{digits}f}"

    def statistic(a: Any, b: Any, axis: int) -> Any:
        return np.median(a, axis=axis) / np.median(b, axis=axis)

    found = bootstrap((above, below), statistic, n_resamples=2000, method="percentile", rng=1)
    low, high = found.confidence_interval
    return f"{point:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def lost(crashes: Samples) -> str:
    return f"{sum(values(crashes, 'lost'))} of {sum(values(crashes, 'held'))}"


# --- the parts ---------------------------------------------------------------------------------------


def tell_outages(samples: Samples) -> Lines:
    systems = grouped(samples, "system")
    longest = values(systems[TUTORIAL], "outage") if TUTORIAL in systems else None
    rows = []
    for name, own in systems.items():
        outage = values(own, "outage")
        more = [median(values(own, key)) for key in ("detection", "scripts", "network")]
        rows.append(
            [
                TITLES[name],
                f"{median(outage):.2f}",
                f"{max(outage):.2f}",
                f"{median(outage) - DEADTIME[name]:.2f}" if name in DEADTIME else "",
                *(f"{seconds:.2f}" for seconds in more),
                ratio(longest, outage) if longest else "",
                f"{sum(values(own, 'broken'))} of {sum(values(own, 'held'))}",
            ]
        )
    rounds = min(len(own) for own in systems.values())
    header = [
        "system",
        "median",
        "worst",
        "above deadtime",
        "missed",
        "address",
        "served",
        "T / it",
        "connections lost",
    ]
    return [
        f"{rounds} rounds, the systems in turns; a client opens a connection every "
        f"{1000 * outages.EVERY:.0f} ms. All in seconds. *Missed*: from the last good answer until the other "
        "node says so. *Address*: from then until it has the address. *Served*: from then until a client is. "
        "The last column: of connections that were open and used.",
        "",
        *table(header, rows),
    ]


def tell_alarms(samples: Samples) -> Lines:
    later = [f"later than {limit} ms" for limit in LATE]
    rows = [
        [
            f"{one['seconds'] / 60:.0f} min",
            f"about {2 * one['seconds'] / alarms.KEEPALIVE:.0f}",
            *(sum(late > limit for late in one["late_ms"]) for limit in LATE),
            max(one["late_ms"], default="none"),
            one["deaths"],
        ]
        for one in samples
    ]
    told = ", ".join(f"`{name} {value}`" for name, value in alarms.TIMERS.items())
    return [
        f"Two directors of ours with {told}, while clients ask and {alarms.BUSY} loops use this machine's "
        "processors. Later: after the heartbeat before. With a `deadtime` below the latest there would have "
        "been a false alarm.",
        "",
        *table(["how long", "heartbeats", *later, "the latest, ms", "deaths"], rows),
    ]


def tell_pools(samples: Samples) -> Lines:
    pools = grouped(samples, "pool")
    first = values(next(iter(pools.values())), "outage")
    rows = [
        [
            name,
            len(own),
            f"{median(values(own, 'outage')):.2f}",
            f"{max(values(own, 'outage')):.2f}",
            ratio(values(own, "outage"), first),
        ]
        for name, own in pools.items()
    ]
    return table(["web servers", "rounds", "median", "worst", "ratio to the first"], rows)


def tell_switches(samples: Samples) -> Lines:
    rows = [
        [
            one["switches"],
            f"{one['failed']} of {one['asked']}",
            f"{one['slowest']:.2f} s",
            f"{one['broken']} of {one['held']}",
        ]
        for one in samples
    ]
    return table(["switches", "requests that failed", "the slowest", "connections that broke"], rows)


def tell_connections(samples: Samples) -> Lines:
    rows, few_rows = [], []
    for name, own in grouped(samples, "tried").items():
        (cost,) = (one for one in own if one["round"] is None)
        crashes = [one for one in own if one["round"] is not None and one["held"] > connections.FEW]
        few = [one for one in own if one["round"] is not None and one["held"] <= connections.FEW]
        kept = [1 - one["lost"] / one["held"] for one in crashes]
        rows.append(
            [
                name,
                len(crashes),
                f"{100 * min(kept, default=0):.1f} %",
                lost(crashes),
                f"{sum(values(crashes, 'young_lost'))} of {sum(values(crashes, 'young'))}",
                f"{cost['sync_packets_per_connection']:.2f}",
                f"{cost['sync_bytes_per_connection']:.0f}",
                f"{cost['cpu_ms_per_request']:.2f}",
                f"{cost['requests_per_second']:.0f}",
            ]
        )
        if few:
            oldest = max((age for one in few for age in one["ages"]), default=None)
            few_rows.append([name, len(few), lost(few), "" if oldest is None else f"{oldest:.1f}"])
    header = ["setting", "crashes", "kept, worst crash", "lost", f"lost, younger than {connections.YOUNG} s"]
    header += ["sync packets", "sync bytes", "director's CPU, ms", "requests/s"]
    return [
        f"{connections.CONNECTIONS} connections, opened over {connections.OVER:.0f} s, one request every "
        f"{connections.EVERY:.0f} s on each; lost is also what another web server answers. The costs are for "
        "each new connection, while as many are opened as can be.",
        "",
        *table(header, rows),
        f"{connections.FEW} connections, opened over {connections.FEW_OVER:.0f} s, and none besides:",
        "",
        *table(["setting", "crashes", "lost", "the oldest of these, s"], few_rows),
    ]


def tell_deaths(samples: Samples) -> Lines:
    rows = [
        [
            fault,
            TITLES[name],
            len(own),
            f"{median(values(own, 'until')):.1f}",
            f"{max(values(own, 'until')):.1f}",
            f"{median(values(own, 'failed')):.0f} of {own[0]['asked']}",
            f"{sum(values(own, 'ended'))} of {sum(values(own, 'held'))}",
            sum(values(own, "hung")),
            max((f"{one['last_end']:.1f}" for one in own if one["ended"]), key=float, default=""),
        ]
        for (fault, name), own in grouped(samples, "fault", "system").items()
    ]
    header = ["fault", "system", "rounds", "last failure, median s", "worst s", "requests failed, median"]
    return table([*header, "connections to it that ended", "that hung", "the last ended after, s"], rows)


def tell_throughput(samples: Samples) -> Lines:
    rows = []
    for (keep_alive, way), own in grouped(samples, "keep_alive", "way").items():
        same = [one for one in samples if one["keep_alive"] == keep_alive]
        rate = {name: values(group, "requests_per_second") for name, group in grouped(same, "way").items()}
        p99 = {name: median(values(group, "p99")) for name, group in grouped(same, "way").items()}
        rows.append(
            [
                "on" if keep_alive else "off",
                TITLES[way],
                len(own),
                f"{median(rate[way]):.0f}",
                ratio(rate[way], rate["direct"]),
                ratio(rate[way], rate["haproxy"]),
                f"{1000 * p99[way]:.1f}",
                f"{1000 * (p99[way] - p99['direct']):+.1f}",
                f"{median(values(own, 'cpu_ms_per_request')):.2f}" if way != "direct" else "",
            ]
        )
    header = ["keep-alive", "way", "rounds", "requests/s", "to direct", "to H", "p99, ms", "added p99, ms"]
    return table([*header, "CPU seconds per 1,000 requests"], rows)


def tell_masses(samples: Samples) -> Lines:
    rows = [
        [
            way,
            len(own),
            f"{median(values(own, 'out')):.1f}",
            f"{max(values(own, 'out')):.1f}",
            f"{median(values(own, 'back')):.1f}",
        ]
        for way, own in grouped(samples, "way").items()
    ]
    return table(
        ["how", "rounds", "the last is out after, median s", "worst s", "all are back after, median s"], rows
    )


def tell_sites(samples: Samples) -> Lines:
    rows = [
        [
            size,
            name,
            f"{median(values(own, 'seconds')):.0f}",
            f"{median(values(own, 'seconds')) / size:.1f}",
            max(values(own, "changed")),
            *(max(one["runs"][group] for one in own) for group in ("webservers", "directors")),
        ]
        for (size, name), own in grouped(samples, "size", "run").items()
    ]
    header = ["web servers", "run", "seconds", "for each web server", "changes"]
    return table([*header, "module runs on a web server", "on a director"], rows)


def tell_both(samples: Samples) -> Lines:
    rows = [
        [
            phase,
            len(own),
            f"{sum(values(own, 'failed'))} of {sum(values(own, 'asked'))}",
            f"{max(values(own, 'slowest')):.2f}",
            f"{sum(values(own, 'broken'))} of {sum(values(own, 'held'))}",
        ]
        for phase, own in grouped(samples, "phase").items()
    ]
    header = ["a director", "rounds", "requests failed", "slowest answer, s", "held connections broken"]
    back = values(samples, "back")
    return [
        f"Either director in turns; a client opens a connection every {1000 * both.EVERY:.0f} ms, and "
        f"{both.HELD} held connections have a request a second each. A director took packets again "
        f"{median(back):.1f} s after it was switched on (median; worst {max(back):.1f} s).",
        "",
        *table(header, rows),
    ]


def tell_both_changes(samples: Samples) -> Lines:
    rows = [
        [
            kind,
            TITLES[name],
            len(own),
            f"{sum(values(own, 'failed'))} of {sum(values(own, 'asked'))}",
            f"{median(values(own, 'failed')):.0f}",
            max(values(own, "failed")),
            sum(values(own, "resets")),
            f"{max(values(own, 'slowest')):.2f}",
        ]
        for (kind, name), own in grouped(samples, "kind", "system").items()
    ]
    header = [
        "a web server",
        "form",
        "rounds",
        "requests failed",
        "of a round, median",
        "worst",
        "resets",
        "slowest, s",
    ]
    return [
        f"A client asks each form every {1000 * both_changes.EVERY:.0f} ms, for {both_changes.SECONDS:.0f} s "
        "and some more; both have the scheduler `mh`.",
        "",
        *table(header, rows),
    ]


ACTIVE, OTHER, DIRECTORS, WEBSERVERS = "active", "other", "directors", "web servers"
# Beside these two roles a sample has the names of the web servers.
ROLES = {ACTIVE: {ACTIVE}, OTHER: {OTHER}, DIRECTORS: {ACTIVE, OTHER}}


class Costs:
    """What each request costs a group of machines: what they use, less what they use when nobody asks."""

    def __init__(self, samples: Samples) -> None:
        found: dict[tuple[str, str], Samples] = grouped(samples, "load", "way")
        # One load after the other, whatever order they were measured in.
        self.found = {
            key: found[key] for key in sorted(found, key=lambda key: [*both_costs.LOADS].index(key[0]))
        }

    @staticmethod
    def used(sample: dict[str, Any], key: str, group: str) -> float:
        chosen = ROLES.get(group, sample[key].keys() - ROLES[DIRECTORS])
        return float(sum(sample[key][role] for role in chosen))

    def in_a_second(self, way: str, key: str, group: str) -> float:
        """When nobody asks."""
        idle = self.found[both_costs.IDLE, way]
        return median([self.used(one, key, group) / float(one["seconds"]) for one in idle])

    def of_requests(self, load: str, way: str, key: str, group: str) -> list[float]:
        idle = self.in_a_second(way, key, group)
        own = self.found[load, way]
        return [(self.used(one, key, group) - idle * one["seconds"]) / one["requests"] for one in own]

    def received(self, load: str, way: str) -> list[str]:
        return [
            f"{median(self.of_requests(load, way, key, group)):.{digits}f}"
            for key, digits in (("rx_packets", 1), ("rx_bytes", 0))
            for group in (WEBSERVERS, DIRECTORS)
        ]

    def processors(self, load: str, way: str) -> list[str]:
        def ms(of_way: str, group: str) -> list[float]:
            return [1000 * seconds for seconds in self.of_requests(load, of_way, "cpu", group)]

        webservers = ms(way, WEBSERVERS)
        to_one = ratio(webservers, ms(both_costs.ONE, WEBSERVERS), 2)
        directors = [f"{median(ms(way, group)):.2f}" for group in (DIRECTORS, ACTIVE, OTHER)]
        return [f"{median(webservers):.2f}", to_one, *directors]

    def fixed(self) -> Iterable[list[str]]:
        for (load, way), own in self.found.items():
            if load in both_costs.FIXED:
                failed = str(sum(values(own, "failed")))
                head = [load, way, str(len(own)), failed]
                yield [*head, *self.processors(load, way), *self.received(load, way)]

    def fastest(self) -> Iterable[list[str]]:
        for (load, way), own in self.found.items():
            if load not in both_costs.FIXED | {both_costs.IDLE}:
                rate = values(own, "requests_per_second")
                to_one = ratio(rate, values(self.found[load, both_costs.ONE], "requests_per_second"), 2)
                failed = str(sum(values(own, "failed")))
                head = [load, way, str(len(own)), failed, f"{median(rate):.0f}", to_one]
                yield [*head, f"{1000 * median(values(own, 'p99')):.1f}", *self.processors(load, way)]

    def idle(self) -> Iterable[list[str]]:
        for (load, way), own in self.found.items():
            if load == both_costs.IDLE:
                groups = (ACTIVE, OTHER, WEBSERVERS)
                used = [f"{1000 * self.in_a_second(way, 'cpu', group):.1f}" for group in groups]
                came = [f"{self.in_a_second(way, 'rx_packets', group):.0f}" for group in groups]
                yield [way, str(len(own)), *used, *came]


def tell_both_costs(samples: Samples) -> Lines:
    told = Costs(samples)
    whose = ("directors' CPU, ms", "of this the active one's", "the other one's")
    processors = ["web servers' CPU, ms", "to *one*", *whose]
    received = [f"{what} to {group}" for what in ("packets", "bytes") for group in (WEBSERVERS, DIRECTORS)]
    each = ("the active director", "the other one", "the web servers")
    idle = [f"CPU of {who}, ms" for who in each] + [f"packets to {who}" for who in each]
    head = ["form", "rounds", "failed"]
    return [
        "*Both*: both directors take every packet. *One*: heartbeat gives the address to one of them. The "
        "scheduler is `mh` where no other is named. For each request, above what is used when nobody asks:",
        "",
        *table(["requests", *head, *processors, *received], told.fixed()),
        f"As many as can be, on {throughput.CONNECTIONS} connections; all machines share two processors:",
        "",
        *table(["requests", *head, "requests/s", "to *one*", "p99, ms", *processors], told.fastest()),
        "In each second in which nobody asks:",
        "",
        *table(["form", "rounds", *idle], told.idle()),
    ]


TOLD: dict[str, tuple[str, Callable[[Samples], Lines]]] = {
    "outages": ("The active node loses its power", tell_outages),
    "alarms": ("How late heartbeats come on a busy machine", tell_alarms),
    "pools": ("Does an outage depend on the pool?", tell_pools),
    "switches": ("A planned switch", tell_switches),
    "connections": (
        "Open connections at a power cut, and what their synchronisation costs",
        tell_connections,
    ),
    "deaths": ("A web server dies", tell_deaths),
    "throughput": ("What the director adds to a request", tell_throughput),
    "masses": ("A tenth of 250 web servers die at once", tell_masses),
    "sites": ("How long `site.yml` takes", tell_sites),
    "both": ("Both directors at once: a director dies", tell_both),
    "both_changes": ("Both directors at once: a web server comes, goes or changes", tell_both_changes),
    "both_costs": ("Both directors at once: what a request costs", tell_both_costs),
}


# --- the plots ---------------------------------------------------------------------------------------


def middle(samples: Samples) -> dict[str, Any]:
    """The round with the median outage."""
    return sorted(samples, key=lambda one: one["outage"])[len(samples) // 2]


def plot(samples: Samples, folder: Path) -> None:
    """Each system's outage on a line of time, and the latency of the requests before, during and after."""
    systems = grouped(samples, "system")
    figure, axes = pyplot.subplots(
        len(systems), 1, figsize=(9, 1.5 * len(systems)), sharex=True, layout="constrained"
    )
    for axis, (name, own) in zip(axes, systems.items(), strict=True):
        answers = middle(own)["answers"]
        for good, colour in ((True, "tab:blue"), (False, "tab:red")):
            chosen = [(start, 1000 * took) for start, took, was_good in answers if was_good == good]
            axis.plot(*zip(*chosen, strict=True), ".", color=colour, markersize=2)
        axis.set_yscale("log")
        axis.set_title(f"{TITLES[name]}: the median round of {len(own)}", fontsize="small", loc="left")
        axis.set_ylabel("ms", fontsize="small")
    axes[-1].set_xlabel("seconds; a blue dot is an answer, a red one a request that failed")
    figure.savefig(folder / "outages.png", dpi=100)


# --- the page ----------------------------------------------------------------------------------------


def page(results: dict[str, Any]) -> Lines:
    lines = []
    for name, part in results["parts"].items():
        title, tell = TOLD[name]
        machine = part["machine"]
        versions = ", ".join(f"{package} {version}" for package, version in machine["versions"].items())
        lines += [f"## {title}", "", *tell(part["samples"])]
        where = f"{machine['processors']}, {machine['guests']}"
        lines += [f"{machine['date']}, {machine['commit']}; {where}; {versions}", ""]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    results = json.loads(options.results.read_text())
    text = "\n".join(page(results))
    (options.folder / "report.md").write_text(text)
    if "outages" in results["parts"]:
        plot(results["parts"]["outages"]["samples"], options.folder)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
