#!/usr/bin/env python3
"""bench/collisions.py [PROGRAM] [SCENES] [SAMPLES] [WIDTH HEIGHT]: recipes/collisions.yaml, SCENES takes (500) of it.

Looks at what was made: whether each first impact that the events tell has its window, whole but for the take's ends, and
none is missed; how much of the time went into simulation and detection; how much of the light was saved against
rendering the takes whole. SAMPLES per pixel (none: as the recipe says, to its noise) and a smaller picture make
it faster, and the share of simulation larger: a number counts only with what it was measured for. The line of JSON is for
bench/history.jsonl: `python3 bench/collisions.py >> bench/history.jsonl`."""
import datetime
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tabletop import ROOT, processor

BEFORE, AFTER, RUN = 1_000_000_000, 500_000_000, 4_000_000_000  # [ns], as the recipe has them


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def first_impacts(folder):
    first = {}
    for event in lines(folder / "events.jsonl"):
        if event["name"] == "impact":
            slot = event["scene"], event["take"]
            first[slot] = min(first.get(slot, event["begin_ns"]), event["begin_ns"])
    return first


def missed(folder, first):
    """Takes whose first impact has no window from BEFORE it to AFTER it."""
    windows = {}
    for sequence in lines(folder / "sequences.jsonl"):
        windows.setdefault((sequence["scene"], sequence["take"]), []).append(sequence)
    return [slot for slot, at in first.items()
            if not any(w["begin_ns"] <= max(at - BEFORE, 0) and w["end_ns"] >= min(at + AFTER, RUN)
                       for w in windows.get(slot, []))]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/bin/worldmill")
    scenes = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    folder = Path(tempfile.mkdtemp(prefix="collisions."))
    command = [program, "make", str(ROOT / "recipes/collisions.yaml"), "-o", str(folder), "--json",
               "--set", f"order.scenes={scenes}"]
    if len(sys.argv) > 3:
        command += ["--set", f"render.max_samples={sys.argv[3]}", "--set", "render.noise=null"]
    size = [int(x) for x in sys.argv[4:6]] or [640, 480]
    command += ["--set", f"sensors.cam.camera.resolution={size}"]
    summary = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    first = first_impacts(folder)
    rows = lines(folder / "run.jsonl")
    lost = missed(folder, first)
    print(json.dumps({
        "date": datetime.date.today().isoformat(), "bench": "collisions", "machine": processor(),
        "takes": summary["slots"], "unfilled": summary["unfilled"], "with_impact": len(first), "windows_missed": len(lost),
        "samples_per_pixel": sys.argv[3] if len(sys.argv) > 3 else "to the noise",
        "size": size, "pictures": summary["samples"], "of": summary["whole_takes"],
        "light_saved": round(1 - summary["samples"] / summary["whole_takes"], 4),
        "simulation_share": round(sum(r["simulate"] for r in rows) / sum(r["seconds"] for r in rows), 4),
        "simulation_s_per_take": round(sum(r["simulate"] for r in rows) / len(rows), 3),
        "tree_hash": summary["tree_hash"]}))
    if lost:
        sys.exit(f"no window for the first impacts of {lost}")


if __name__ == "__main__":
    main()
