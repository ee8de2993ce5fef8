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
import connections
import matplotlib
import numpy as np
import outages
import yaml
from scipy.stats import bootstrap

matplotlib.use("agg")
from matplotlib import pyplot

PROJECT = Path(__file__).parents[1]
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


def ratio(above: list[float], below: list[float]) -> str:
    """The ratio of the medians, with the interval in which it is with 95 % confidence."""
    point = median(above) / median(below)
    if min(len(above), len(below)) < 3:  # noqa: PLR2004
        return f"{point:.1f}"

    def statistic(a: Any, b: Any, axis: int) -> Any:
        return np.median(a, axis=axis) / np.median(b, axis=axis)

    found = bootstrap((above, below), statistic, n_resamples=2000, method="percentile", rng=1)
    low, high = found.confidence_interval
    return f"{point:.1f} ({low:.1f} to {high:.1f})"


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
