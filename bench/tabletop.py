#!/usr/bin/env python3
"""bench/tabletop.py [PROGRAM] [SCENES]: the tabletop recipe at 16 samples per pixel, 640 x 480.

Prints frames per second, what share of the light's time the labels take (label rays, silhouettes, annotators; without
encoding and disk), and the tree hash of what was rendered: a number counts only with the hash that it was measured for.
Then the same share with twenty objects in each scene, and the time from start to the first sample on disk, at one
sample per pixel. The line of JSON is for bench/history.jsonl: `python3 bench/tabletop.py >> bench/history.jsonl`."""
import datetime
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


TWENTY = [o for name, count in {"cup": 4, "pack": 4, "fruit": 5, "toy": 3, "ware": 1, "book": 1, "small": 2}.items()
          for o in ("--set", f"scene.add.{name}.count={count}")]


def make(program, out, scenes, samples, *more):
    command = [program, "make", str(ROOT / "recipes/tabletop.yaml"), "-o", str(out), "--scenes", f"0..{scenes - 1}",
               "--set", f"render.max_samples={samples}", "--set", "render.noise=null", *more]
    began = time.monotonic()
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return time.monotonic() - began, re.search(r"tree hash ([0-9a-f]{32})", said).group(1)


def labels_over_light(out):
    rows = [json.loads(line) for line in (out / "run.jsonl").read_text().splitlines()]
    return round(sum(r["labels"] for r in rows) / sum(r["light"] for r in rows), 4)


def processor():
    return re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[1]


def first_sample(program, folder):
    """From start to sealed, one scene: the median of five."""
    times = []
    for i in range(5):
        seconds, _ = make(program, folder / f"first{i}", 1, 1)
        times.append(seconds)
    return statistics.median(times)


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/bin/worldmill")
    scenes = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    folder = Path(tempfile.mkdtemp(prefix="tabletop."))
    seconds, tree_hash = make(program, folder / "frames", scenes, 16)
    make(program, folder / "twenty", 4, 16, *TWENTY)
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    result = {"date": datetime.date.today().isoformat(), "bench": "tabletop", "version": version,
              "machine": f"{os.cpu_count()} x {processor()}", "frames": scenes, "samples_per_pixel": 16, "frames_per_second": round(scenes / seconds, 3),
              "labels_over_light": labels_over_light(folder / "frames"),
              "labels_over_light_of_20_objects": labels_over_light(folder / "twenty"),
              "first_sample_s": round(first_sample(program, folder), 3),
              "tree_hash": tree_hash}
    shutil.rmtree(folder)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
