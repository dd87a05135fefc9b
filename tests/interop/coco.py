#!/usr/bin/env python3
"""coco.py DIR: what COCO's own tools make of a dataset, by pycocotools alone.

For every DIR/NAME/PART/annotations/instances.json:
  * masks decode to the areas and boxes that are written, and encode again to the same text;
  * where a `plain` entry wrote the same pictures, masks equal its instances pixel by pixel;
  * the truth scored against itself has average precision and recall 1 at every overlap, for boxes and for masks.
Exit 1 and a sentence for each breach."""
import contextlib
import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def check_pictures(coco, part, complain):
    for image in coco.dataset["images"]:
        with Image.open(part / "images" / image["file_name"]) as picture:
            if picture.size != (image["width"], image["height"]):
                complain(f"{image['file_name']} is {picture.size}, not what is written")


def check_masks(coco, complain):
    """Each mask against its own area, box and text."""
    for annotation in coco.dataset["annotations"]:
        if "segmentation" not in annotation:
            continue
        text = annotation["segmentation"]
        decoded = coco.annToMask(annotation)
        if decoded.sum() != annotation["area"] or rle.area(text) != annotation["area"]:
            complain(f"annotation {annotation['id']}: area {annotation['area']}, mask {decoded.sum()}")
        if list(rle.toBbox(text)) != annotation["bbox"]:
            complain(f"annotation {annotation['id']}: box {annotation['bbox']}, mask {list(rle.toBbox(text))}")
        if rle.encode(np.asfortranarray(decoded))["counts"].decode() != text["counts"]:
            complain(f"annotation {annotation['id']}: pycocotools writes another text for the same mask")


def check_against_plain(coco, folder, complain):
    """How many masks were held against the instances that `plain` wrote."""
    compared = 0
    for image in coco.dataset["images"]:
        path = folder / "instances" / (Path(image["file_name"]).stem + ".png")
        if not path.exists():
            continue
        with Image.open(path) as picture:
            instances = np.array(picture)
        for annotation in coco.imgToAnns[image["id"]]:
            if "segmentation" not in annotation:
                continue
            compared += 1
            if not np.array_equal(coco.annToMask(annotation) == 1, instances == annotation["instance"]):
                complain(f"annotation {annotation['id']}: its mask is not instance {annotation['instance']} of {path}")
    return compared


def check_scores(coco, kind, complain):
    """Truth against itself; an area range or a category without truth has no score (-1), all else must be 1."""
    truth = [a for a in coco.dataset["annotations"] if a["iscrowd"] == 0]
    keys = ("image_id", "category_id", "bbox" if kind == "bbox" else "segmentation")
    found = coco.loadRes([{**{k: a[k] for k in keys}, "score": 1.0} for a in truth])
    scores = COCOeval(coco, found, kind)
    scores.params.maxDets = [len(truth)]
    scores.evaluate()
    scores.accumulate()
    for k, category in enumerate(scores.params.catIds):
        for a, (low, high) in enumerate(scores.params.areaRng):
            there = any(t["category_id"] == category and low <= t["area"] <= high for t in truth)
            for name in ("precision", "recall"):
                values = scores.eval[name][..., k, a, 0]
                if not np.allclose(values, 1 if there else -1, rtol=0, atol=1e-9):
                    complain(f"{kind}, category {category}, area {scores.params.areaRngLbl[a]}: {name} of the truth "
                             f"against itself is {values.min()}")
    return len(truth)


def check_part(part, plain, complain):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(part / "annotations" / "instances.json")
        check_pictures(coco, part, complain)
        check_masks(coco, complain)
        compared = check_against_plain(coco, plain, complain) if plain.exists() else 0
        scored = 0
        if any(a["iscrowd"] == 0 for a in coco.dataset["annotations"]):
            kinds = ["bbox"] + ["segm"] * all("segmentation" in a for a in coco.dataset["annotations"])
            scored = [check_scores(coco, kind, complain) for kind in kinds][0]
    print(f"{part}: {len(coco.dataset['images'])} pictures, {len(coco.dataset['annotations'])} annotations, "
          f"{compared} masks held against plain's, {scored} scored against themselves")


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: coco.py DIR")
    folder = Path(sys.argv[1])
    parts = sorted(p.parent.parent for p in folder.glob("*/*/annotations/instances.json"))
    if not parts:
        raise SystemExit(f"{folder}: no COCO annotations in it")
    breaches = []
    for part in parts:
        check_part(part, folder / "plain" / part.name, lambda breach, part=part: breaches.append(f"{part}: {breach}"))
    print("\n".join(breaches))
    raise SystemExit(1 if breaches else 0)


if __name__ == "__main__":
    main()
