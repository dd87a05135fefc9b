#!/usr/bin/env python3
"""bench/usd.py [--rounds N] [--only NAME...] [--folder DIR] [--history]: OpenUSD stages, ours beside OpenUSD's own library.

Both sides do the same with the same stage, in turn, each time in a fresh process: open it (all payloads loaded), walk
every prim (those of instances too; path and type), read the default value of every authored attribute, and for a
PointInstancer compute every instance's transform. Of each round ours / theirs is taken, and the median of the rounds
counts, so that a busy machine shows on both sides. The judge is usd-core of tools/requirements.txt, through its Python
binding: of its walking and reading what the binding costs is taken off, measured in the same process as calls that do
nothing but cross it (a call and a wrapped object for each prim and each value). OpenUSD composes on all cores, we on one.
Memory is what the process grew by after its library was loaded and warm, at its most.

Stages are made once in DIR (0.3 GB; numpy's default_rng(7), so that every making gives the same values). Both sides must
find the same numbers of prims and values. Exits 1 when ours takes more than half of their time where a target says so,
or more memory. --history prints a line for bench/history.jsonl at the end."""
import argparse
import datetime
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "build/release/bin/usd_bench"
PYTHON = ROOT / ".venv/bin/python"
TARGET = 0.5  # of their time
# What is timed of each stage, and what the stage is.
STAGES = {
    "mesh_200mb.usda": (("open",), "199 MB of text: 16 meshes"),
    "mesh_200mb.usdc": (("open", "read"), "the same as crate, arrays mapped"),
    "refs_100k.usda": (("open", "walk", "read"), "10,000 references to 1,000 layers: 100,101 prims"),
    "refs_100k_inst.usda": (("open", "walk", "read"), "the same, instanceable"),
    "chains_inherit.usda": (("open",), "400 prims inherit a chain of 64 classes: 28,144 prims"),
    "chains_variant.usda": (("open",), "200 prims with 12 variant sets within each other"),
    "chains_ref.usda": (("open",), "200 prims reference a chain of 60 layers: 12,200 prims"),
    "sublayers_50.usda": (("open",), "50 sublayers with opinions on 2,000 prims"),
    "instancer_1m.usdc": (("transforms",), "a point instancer of 1,000,000"),
}


# ---- stages -----------------------------------------------------------------------------------------------------------


def grid(stage, path, n, rng):
    """A bumpy square of n x n points with normals and texture coordinates."""
    import numpy as np
    from pxr import Sdf, UsdGeom, Vt

    def of(kind, array):
        return kind.FromNumpy(np.ascontiguousarray(array, dtype=np.int32 if kind is Vt.IntArray else np.float32))

    x, y = np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 1, n), indexing="ij")
    points = np.stack([x, y, 0.1 * rng.standard_normal((n, n))], -1).reshape(-1, 3)
    normals = rng.standard_normal((n * n, 3))
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    k = np.arange(n * n).reshape(n, n)
    mesh = UsdGeom.Mesh.Define(stage, path)
    mesh.CreatePointsAttr(of(Vt.Vec3fArray, points))
    mesh.CreateNormalsAttr(of(Vt.Vec3fArray, normals))
    mesh.SetNormalsInterpolation("vertex")
    corners = np.stack([k[:-1, :-1], k[1:, :-1], k[1:, 1:], k[:-1, 1:]], -1).reshape(-1)
    mesh.CreateFaceVertexIndicesAttr(of(Vt.IntArray, corners))
    mesh.CreateFaceVertexCountsAttr(of(Vt.IntArray, np.full((n - 1) ** 2, 4)))
    st = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, "vertex")
    st.Set(of(Vt.Vec2fArray, np.stack([x, y], -1).reshape(-1, 2)))
    mesh.CreateExtentAttr(of(Vt.Vec3fArray, np.stack([points.min(0), points.max(0)])))
    return mesh


def make_references(folder, rng):
    from pxr import Gf, Sdf, Usd, UsdGeom, UsdShade, Vt

    for i in range(1000):
        stage = Usd.Stage.CreateNew(str(folder / f"assets/a{i:04}.usdc"))
        stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/A").GetPrim())
        material = UsdShade.Material.Define(stage, "/A/Mat")
        shader = UsdShade.Shader.Define(stage, "/A/Mat/S")
        shader.CreateIdAttr("UsdPreviewSurface")
        shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*rng.random(3)))
        material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
        for k in range(7):
            mesh = grid(stage, f"/A/M{k}", 6, rng)
            mesh.AddTranslateOp().Set(Gf.Vec3d(k, 0, 0))
            UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(material)
        stage.Save()
    for name, instanceable in (("refs_100k.usda", False), ("refs_100k_inst.usda", True)):
        layer = Sdf.Layer.CreateNew(str(folder / name))
        with Sdf.ChangeBlock():
            Sdf.CreatePrimInLayer(layer, "/W").specifier = Sdf.SpecifierDef
            for n in range(10000):
                if n % 100 == 0:
                    group = Sdf.PrimSpec(layer.GetPrimAtPath("/W"), f"G{n // 100:02}", Sdf.SpecifierDef, "Xform")
                prim = Sdf.PrimSpec(group, f"P{n % 100:02}", Sdf.SpecifierDef, "Xform")
                prim.referenceList.Prepend(Sdf.Reference(f"assets/a{n % 1000:04}.usdc"))
                if instanceable:
                    prim.instanceable = True
                types = Sdf.ValueTypeNames
                move = Sdf.AttributeSpec(prim, "xformOp:translate", types.Double3)
                move.default = Gf.Vec3d(n % 100 * 10, n // 100 * 10, 0)
                order = Sdf.AttributeSpec(prim, "xformOpOrder", types.TokenArray, Sdf.VariabilityUniform)
                order.default = Vt.TokenArray(["xformOp:translate"])
        layer.Save()


def make_meshes(folder, rng):
    from pxr import Usd

    stage = Usd.Stage.CreateNew(str(folder / "mesh_200mb.usda"))
    for k in range(16):
        grid(stage, f"/M{k:02}", 307, rng)
    stage.Save()
    stage.GetRootLayer().Export(str(folder / "mesh_200mb.usdc"))


def make_instancer(folder, rng):
    import numpy as np
    from pxr import Usd, UsdGeom, Vt

    stage = Usd.Stage.CreateNew(str(folder / "instancer_1m.usdc"))
    instancer = UsdGeom.PointInstancer.Define(stage, "/I")
    n = 1000000
    for k in range(8):
        grid(stage, f"/I/P{k}", 6, rng)
        instancer.CreatePrototypesRel().AddTarget(f"/I/P{k}")
    turns = rng.standard_normal((n, 4))
    turns /= np.linalg.norm(turns, axis=1)[:, None]
    instancer.CreateProtoIndicesAttr(Vt.IntArray.FromNumpy(rng.integers(0, 8, n).astype(np.int32)))
    instancer.CreatePositionsAttr(Vt.Vec3fArray.FromNumpy((rng.random((n, 3)) * 1000).astype(np.float32)))
    instancer.CreateOrientationsAttr(Vt.QuathArray.FromNumpy(turns.astype(np.float16)))
    instancer.CreateScalesAttr(Vt.Vec3fArray.FromNumpy((0.5 + rng.random((n, 3))).astype(np.float32)))
    stage.Save()


def make_chains(folder, _):
    from pxr import Sdf

    define, types = Sdf.SpecifierDef, Sdf.ValueTypeNames

    def number(prim, name, value):
        Sdf.AttributeSpec(prim, name, types.Double).default = float(value)

    layer = Sdf.Layer.CreateNew(str(folder / "chains_inherit.usda"))
    with Sdf.ChangeBlock():
        for k in range(64):
            cls = Sdf.PrimSpec(layer, f"_c{k:02}", Sdf.SpecifierClass, "Xform")
            if k:
                cls.inheritPathList.Prepend(f"/_c{k - 1:02}")
            number(cls, f"v{k:02}", k)
            number(cls, "all", k)
            Sdf.PrimSpec(cls, f"kid{k:02}", define, "Xform")
        for i in range(400):
            Sdf.PrimSpec(layer, f"p{i:03}", define, "Xform").inheritPathList.Prepend("/_c63")
    layer.Save()
    layer = Sdf.Layer.CreateNew(str(folder / "chains_variant.usda"))
    with Sdf.ChangeBlock():
        for i in range(200):
            prim = Sdf.PrimSpec(layer, f"p{i:03}", define, "Xform")
            for k in range(12):
                prim.variantSelections[f"s{k:02}"] = f"v{(i + k) % 3}"
            at = prim
            for k in range(12):
                at.variantSetNameList.prependedItems = [f"s{k:02}"]
                variants = Sdf.VariantSetSpec(at, f"s{k:02}")
                for v in range(3):
                    variant = Sdf.VariantSpec(variants, f"v{v}").primSpec
                    Sdf.AttributeSpec(variant, f"a{k:02}", types.Int).default = v
                    Sdf.PrimSpec(variant, f"k{k:02}_{v}", define, "Scope")
                    if v == (i + k) % 3:
                        chosen = variant
                at = chosen
    layer.Save()
    for k in range(60):
        layer = Sdf.Layer.CreateNew(str(folder / f"assets/chain{k:02}.usda"))
        prim = Sdf.PrimSpec(layer, "A", define, "Xform")
        layer.defaultPrim = "A"
        number(prim, f"v{k:02}", k)
        Sdf.PrimSpec(prim, f"kid{k:02}", define, "Xform")
        if k:
            prim.referenceList.Prepend(Sdf.Reference(f"./chain{k - 1:02}.usda"))
        layer.Save()
    layer = Sdf.Layer.CreateNew(str(folder / "chains_ref.usda"))
    with Sdf.ChangeBlock():
        for i in range(200):
            prim = Sdf.PrimSpec(layer, f"p{i:03}", define, "Xform")
            prim.referenceList.Prepend(Sdf.Reference("assets/chain59.usda"))
    layer.Save()
    top = Sdf.Layer.CreateNew(str(folder / "sublayers_50.usda"))
    for k in range(50):
        layer = Sdf.Layer.CreateNew(str(folder / f"assets/sub{k:02}.usda"))
        with Sdf.ChangeBlock():
            for i in range(2000):
                last = k == 49
                prim = Sdf.PrimSpec(layer, f"p{i:04}", define if last else Sdf.SpecifierOver, "Xform" if last else "")
                number(prim, f"s{k % 8}", k)
        layer.Save()
        top.subLayerPaths.append(f"assets/sub{k:02}.usda")
    top.Save()


def make(folder):
    import numpy as np

    (folder / "assets").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    for step in (make_references, make_meshes, make_instancer, make_chains):
        step(folder, rng)
    (folder / "made").write_text("all stages are here\n")


# ---- the judge --------------------------------------------------------------------------------------------------------


def memory():
    """The most that this process has held [MiB]."""
    return int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def judge(file):
    """What our usd_bench does, by OpenUSD: the same line of JSON."""
    from pxr import Usd, UsdGeom

    warm = Usd.Stage.CreateInMemory()
    warm.DefinePrim("/warm", "Mesh").GetAttributes()
    base = memory()
    started = time.process_time()
    laps = [time.perf_counter()]

    def lap():
        laps.append(time.perf_counter())
        return laps[-1] - laps[-2]

    stage = Usd.Stage.Open(file)
    said = {"open": lap()}
    prims = []
    for prim in Usd.PrimRange(stage.GetPseudoRoot(), Usd.TraverseInstanceProxies(Usd.PrimAllPrimsPredicate)):
        prim.GetPath(), prim.GetTypeName()
        prims.append(prim)
    said["walk"] = lap()
    for prim in prims:
        prim.GetPrim(), prim.IsValid()
    said["walk"] -= lap()
    values, attributes = 0, []
    for prim in prims:
        for attribute in prim.GetAuthoredAttributes():
            if attribute.Get() is not None:
                values += 1
            attributes.append(attribute)
    said["read"] = lap()
    for attribute in attributes:
        attribute.GetPrim(), attribute.IsValid()
    said["read"] -= lap()
    said["transforms"] = None
    if instancer := UsdGeom.PointInstancer.Get(stage, "/I"):
        lap()
        instancer.ComputeInstanceTransformsAtTime(0, 0)
        said["transforms"] = lap()
    said |= {"prims": len(prims) - 1, "values": values, "processor": time.process_time() - started}
    said |= {"memory": memory(), "base": base, "version": "%d.%02d" % Usd.GetVersion()[1:]}
    print(json.dumps(said), flush=True)


# ---- both -------------------------------------------------------------------------------------------------------------


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench/usd.py: {command[0]} {command[-1]} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(file, timed, rounds):
    """The medians of the rounds: {what: (ours, theirs, ours / theirs)}."""
    pairs = []
    for _ in range(rounds):
        pairs.append((run(PROGRAM, file), run(PYTHON, __file__, "--judge", file)))
        ours, theirs = pairs[-1]
        for what in ("prims", "values"):
            if ours[what] != theirs[what]:
                sys.exit(f"bench/usd.py: {file.name}: we find {ours[what]} {what}, OpenUSD {theirs[what]}")
        for side in pairs[-1]:
            side["growth"] = side["memory"] - side["base"]
    return {what: tuple(statistics.median(v) for v in zip(*((o[what], t[what], o[what] / max(t[what], 1e-9)) for o, t in pairs)))
            for what in (*timed, "growth")}


def machine():
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{len(names)} x {names[0]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=list(STAGES))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "worldmill-usd-bench")
    parser.add_argument("--history", action="store_true")
    parser.add_argument("--judge", help=argparse.SUPPRESS)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.judge:
        return judge(a.judge)
    if a.make:
        return make(a.make)
    if not PYTHON.exists() or subprocess.run([PYTHON, "-c", "import pxr, numpy"], capture_output=True).returncode:
        print("bench/usd.py: skipped: usd-core is not in .venv; run tools/venv.sh tools/requirements.txt", file=sys.stderr)
        return 0
    if not PROGRAM.exists():
        print(f"bench/usd.py: {PROGRAM} is not built: cmake --preset release -D WM_BENCHES=ON; ninja -C build/release usd_bench",
              file=sys.stderr)
        return 2
    if not (a.folder / "made").exists():
        subprocess.run([PYTHON, __file__, "--make", a.folder], check=True)
    wrong, row = 0, {}
    for name in a.only:
        timed, what = STAGES[name]
        found = compare(a.folder / name, timed, a.rounds)
        print(f"{name}: {what}")
        for kind, (ours, theirs, ratio) in found.items():
            growth = kind == "growth"
            good = ratio <= (1 if growth else TARGET)
            wrong += not good
            values = f"{ours:7.1f} MiB, theirs {theirs:7.1f} MiB" if growth else f"{ours:8.4f} s, theirs {theirs:8.4f} s"
            print(f"  {'memory' if growth else kind:10} {values}: {ratio:.2f}{'' if good else '  above the target'}", flush=True)
            row[f"{name}:{kind}"] = [round(ours, 4), round(theirs, 4), round(ratio, 3)]
    if a.history:
        print(json.dumps({"date": datetime.date.today().isoformat(), "bench": "usd", "machine": machine(), "rounds": a.rounds,
                          "ours_theirs_ratio": row}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
