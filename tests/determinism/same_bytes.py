#!/usr/bin/env python3
"""same_bytes.py PROGRAM RECIPE [FOLDER]: one recipe, made in many ways, gives one tree hash.

By 1, 3 and 8 workers; in two shuffled orders; as 4 shards merged, in any order; killed (-9) at 20 random moments or more
and resumed; stopped by its time limit; extended from a smaller order. Several takes per scene too. Each dataset must pass
`worldmill check`, and samples made again must have the same bytes. Exit 1 and a sentence for each breach."""
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SMALL = ["--set", "sensors.cam.camera.resolution=[96, 72]", "--set", "render.max_samples=2",
         "--set", "render.noise=null", "--set", "require.seen.pixels.min=10",
         "--set", "write={coco: {}, kitti: {}, plain: {}, overlay: {}}"]
SCENES = 16
KILLS = 20


class Maker:
    def __init__(self, program, recipe, folder):
        self.program, self.recipe, self.folder = program, recipe, Path(folder)
        self.breaches = []

    def command(self, out, *more, scenes=SCENES, takes=1):
        orders = ["--set", f"order.scenes={scenes}", "--set", f"order.takes={takes}"]
        return [self.program, "make", self.recipe, "-o", str(self.folder / out), *SMALL, *orders, *more]

    def run(self, command, expected=0):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != expected:
            raise SystemExit(f"{' '.join(command)}\nexit {done.returncode}, not {expected}\n{done.stdout}{done.stderr}")
        return done.stdout

    def hash(self, out):
        return self.run([self.program, "check", str(self.folder / out), "--hash"]).strip()

    def make(self, out, *more, **order):
        said = self.run(self.command(out, *more, **order))
        told = re.search(r"tree hash ([0-9a-f]{32})", said).group(1)
        if told != self.hash(out):
            self.breaches.append(f"{out}: make says {told}, the folder is {self.hash(out)}")
        return told

    def same(self, what, got, wanted):
        print(f"  {what}: {'the same' if got == wanted else 'ANOTHER ONE: ' + got}", flush=True)
        if got != wanted:
            self.breaches.append(f"{what}: {got}, not {wanted}")

    def ways(self, wanted):
        for workers in (3, 8):
            self.same(f"{workers} workers", self.make(f"workers{workers}", "--workers", str(workers)), wanted)
        for key in (1, 2):
            self.same(f"shuffled by {key}", self.make(f"shuffled{key}", "--shuffle", str(key)), wanted)
        self.same("4 shards merged", self.shards(), wanted)
        self.make("extended", scenes=SCENES // 2)
        self.same("extended from half", self.make("extended"), wanted)
        self.same("two ranges", self.ranges(), wanted)
        self.same("stopped by the time limit", self.stopped(), wanted)
        self.killed(wanted)

    def shards(self):
        names = [f"shard{i}" for i in (3, 1, 4, 2)]
        for name in names:
            self.make(name, "--shard", f"{name[-1]}/4")
            self.run([self.program, "check", str(self.folder / name)])
        self.run([self.program, "merge", *[str(self.folder / n) for n in names], "-o", str(self.folder / "merged")])
        return self.hash("merged")

    def ranges(self):
        self.make("ranges", "--scenes", f"{SCENES // 2}..{SCENES - 1}")
        return self.make("ranges", "--scenes", f"0..{SCENES // 2 - 1}")

    def stopped(self):
        self.run(self.command("stopped", "--time-limit", "0.001"), expected=4)
        return self.make("stopped")

    def killed(self, wanted):
        """Kills until enough have hit; a dataset that got done in between is compared, and another begun."""
        dice, kills, done = random.Random(), 0, 0
        while kills < KILLS or done == 0:
            out = f"killed{done}"
            run = subprocess.Popen(self.command(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.02, 0.5))
            run.send_signal(signal.SIGKILL)
            if run.wait() == -signal.SIGKILL:
                kills += 1
                if kills < KILLS:
                    continue
            self.same(f"killed {kills} times and resumed", self.make(out), wanted)
            done += 1

    def sound(self, out):
        self.run([self.program, "check", str(self.folder / out), "--remake", "2"])
        print(f"  {out} is sound, and two samples made again have the same bytes", flush=True)


def main():
    program, recipe = sys.argv[1:3]
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(tempfile.mkdtemp(prefix="same_bytes."))
    shutil.rmtree(folder, ignore_errors=True)
    maker = Maker(program, recipe, folder)
    wanted = maker.make("one", "--workers", "1")
    print(f"{recipe}: {wanted} by one worker", flush=True)
    maker.sound("one")
    maker.ways(wanted)
    takes = maker.make("takes1", "--workers", "1", scenes=3, takes=3)
    maker.same("several takes, 3 workers, shuffled",
               maker.make("takes3", "--workers", "3", "--shuffle", "5", scenes=3, takes=3), takes)
    maker.sound("takes3")
    print("\n".join(maker.breaches) or "one tree hash, however it was made")
    return 1 if maker.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
