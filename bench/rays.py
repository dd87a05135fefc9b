#!/usr/bin/env python3
"""bench/rays.py PEERS [ROUNDS]: rays a second of Surfaces as a share of bare Embree's, on the same scenes.

PEERS is where the peers were built (export_scenes, rays). Each round runs both, one after the other, on one thread, for
two scenes of two million instanced triangles; the median of the rounds' ratios counts. Bare Embree is shown by its
robust trees, which ours are, and by its faster ones, each in packets of 8."""
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZE = ["3", "640", "360"]


def ours(scene):
    said = subprocess.run([ROOT / "build/release/bin/rays", scene, *SIZE], capture_output=True, text=True, check=True).stdout
    return {m[1]: (float(m[2]), float(m[3])) for m in re.finditer(r"(\w+): ([\d.]+) Mrays/s, \d+ rays, ([\d.]+)% hit", said)}


def bare(peers, name):
    said = subprocess.run([peers / "rays", name, *SIZE, "1"], capture_output=True, text=True, check=True).stdout
    speeds = {}
    for kind, title in (("primary", "primary (8x8 tiles)"), ("bounce", "bounce 1 (cosine)")):
        table = said[said.index(f"## {title}, threads=1"):]
        row = {form: float(re.search(rf"^{form} 8 +[\d.]+ +([\d.]+)", table, re.M)[1]) for form in ("robust", "instanced")}
        speeds[kind] = (row, float(re.search(r"([\d.]+)% hit", table)[1]))
    return speeds


def main():
    peers, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([peers / "export_scenes", folder], check=True, stdout=subprocess.DEVNULL)
        for name in ("warehouse", "urban"):
            runs = [(ours(Path(folder) / f"{name}.gltf"), bare(peers, name)) for _ in range(rounds)]
            for kind in ("primary", "bounce"):
                shares = {form: statistics.median(o[kind][0] / b[kind][0][form] for o, b in runs)
                          for form in ("robust", "instanced")}
                (speed, met), (_, met_bare) = runs[0][0][kind], runs[0][1][kind]
                print(f"{name} {kind}: {speed:.2f} Mrays/s, {shares['robust']:.0%} of bare robust packets of 8, "
                      f"{shares['instanced']:.0%} of bare fast ones; {met:.1f} % and {met_bare:.1f} % hit something")


if __name__ == "__main__":
    main()
