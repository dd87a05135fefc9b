#!/usr/bin/env python3
"""Makes recipes/assets/warehouse: a hall, boxes, a tote and a can as .glb, a shelf as MJCF.

usage: tools/make_warehouse.py [-o DIR] [NAME ...]        NAME: hall, shelf, small_box ... (default: all)

Needs what tools/make_tabletop.py needs, and shares its ways of drawing. The files are in the repository; run it only to
change them. The same versions of numpy and Pillow give the same bytes: those in the repository came from numpy 2.4.6
and Pillow 13.0.0.
"""
import argparse
import sys
from pathlib import Path

from tabletop import gltf, warehouse

FOLDER = Path(__file__).resolve().parent.parent / "recipes" / "assets" / "warehouse"
MODELS = {make.__name__: make for make in warehouse.ALL}


def files_of(name):
    return warehouse.shelf_files() if name == "shelf" else {f"{name}.glb": gltf.glb(MODELS[name]())}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, default=FOLDER)
    parser.add_argument("names", nargs="*", help="only these")
    args = parser.parse_args()
    known = [*MODELS, "shelf"]
    unknown = sorted(set(args.names) - set(known))
    if unknown:
        sys.exit(f"make_warehouse: no such thing: {', '.join(unknown)}; there are {', '.join(known)}")
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.names or known:
        for file, data in files_of(name).items():
            (args.out / file).write_bytes(data)
            print(f"{file:24} {len(data):8} bytes")


if __name__ == "__main__":
    main()
