"""Printed things: soup can, cereal box, milk carton, hardback book."""
import numpy as np

from .gltf import Material, Model, Part
from .mesh import Mesh, extrude, filleted, grid, lathe, merge, moved, rotation, rounded_box, spline
from .noise import fbm, unit
from .paint import Canvas, flat, jpeg, linear, step, surface, texels, tiled
from .tableware import cut


def soup_can():
    outline = filleted([(0, 0.0022, 0), (0.0295, 0.0022, 0.0006), (0.0310, 0.0, 0.0006), (0.0338, 0.0, 0.0008), (0.0338, 0.0030, 0.0008), (0.0328, 0.0042, 0.0006), (0.0328, 0.0958, 0.0006),
                        (0.0338, 0.0970, 0.0008), (0.0338, 0.1000, 0.0008), (0.0310, 0.1000, 0.0006), (0.0298, 0.0970, 0.0006), (0.0265, 0.0970, 0.0005), (0.0255, 0.0976, 0.0005), (0.0245, 0.0976, 0.0005),
                        (0.0235, 0.0970, 0.0005), (0.0120, 0.0970, 0.0006), (0.0110, 0.0964, 0.0006), (0, 0.0964, 0)], segments=2)
    low, rest = cut(outline, 0.0065)
    label, rest = cut(rest, 0.0935)
    rim, lid = rest[:_rim(rest)], rest[_rim(rest) - 1:]
    c = Canvas(1024, 440, "#c8352b")
    c.box(0, 205, 1024, 440, "#f4ead6")
    c.box(0, 199, 1024, 206, "#d9a441")
    for x in (512, 0, 1024):
        c.text(x, 62, "SOLE", 64, "#f4ead6", "DejaVuSerif-BoldItalic", spread=6)
        c.text(x, 112, "KITCHEN · SINCE 1931", 13, "#f3c978", "DejaVuSans-Bold", spread=3)
        c.text(x, 158, "TOMATO", 42, "#ffffff", "DejaVuSansCondensed-Bold", spread=7)
        c.text(x, 390, "SOUP WITH BASIL", 22, "#7f1d17", "DejaVuSans-Bold", spread=3)
        c.text(x, 416, "net 400 g", 13, "#7f1d17", "DejaVuSans")
        _tomato(c, x, 292)
    for k, words in enumerate(["Ripe tomatoes, basil,", "a little cream, salt.", "Warm gently, stir,", "do not boil."]):
        c.text(256, 248 + 19 * k, words, 14, "#5a3a2a", "DejaVuSerif")
    c.barcode(215, 345, 84, 44, 731931)
    for k, (what, much) in enumerate([("Energy", "62 kcal"), ("Fat", "2.6 g"), ("Sugars", "5.1 g"), ("Protein", "1.2 g"), ("Salt", "0.7 g")]):
        c.text(700, 250 + 22 * k, what, 14, "#5a3a2a", "DejaVuSans", anchor="lm")
        c.text(836, 250 + 22 * k, much, 14, "#5a3a2a", "DejaVuSans", anchor="rm")
        c.line([(700, 261 + 22 * k), (836, 261 + 22 * k)], "#cbb89a", 1)
    c.text(768, 232, "per 100 g", 13, "#7f1d17", "DejaVuSans-Bold")
    print_ = c.pixels() * (1 + 0.015 * tiled(1024, 440, 256, 110, 1, 201))[..., None]
    brushed = 0.30 + 0.10 * tiled(256, 256, 2, 90, 3, 202) + 0.06 * tiled(256, 256, 8, 8, 3, 203)
    tin = Material("Tin", linear("#d5d4cf"), 1.0, 1.0, surface_map=jpeg(surface(brushed, 1.0), 80))
    ring = spline([(0.004, 0, 0), (0.0075, 0, 0.0062), (0.0135, 0, 0.0078), (0.0195, 0, 0.0055), (0.0215, 0, 0), (0.0195, 0, -0.0055), (0.0135, 0, -0.0078), (0.0075, 0, -0.0062)], 26, closed=True)
    tab = torus(ring, 0.0017, 0.0007)
    rivet = lathe(filleted([(0, 0, 0), (0.0030, 0, 0), (0.0030, 0.0016, 0.0008), (0, 0.0018, 0)]), 14)
    pull = merge(moved(tab, (-0.006, 0.0974, 0)), moved(rivet, (-0.0010, 0.0962, 0)))
    return Model("SoupCan", [Part("Body", tin, merge(lathe(low, 44), lathe(rim, 44))), Part("Lid", tin, merge(lathe(lid, 44, planar=True), pull)),
                             Part("Label", Material("Print", roughness=0.35, color_map=jpeg(print_, 78)), lathe(label, 44))], turn=90)


def _rim(profile):
    return int(np.argmax(profile[:, 1])) + 3


def torus(ring, width, height, segments=8):
    """A closed tube along a closed ring of points in a horizontal plane."""
    t = np.roll(ring, -1, 0) - np.roll(ring, 1, 0)
    side = np.cross(t, [0, 1, 0])
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    a = np.linspace(0, 2 * np.pi, segments + 1)
    points = ring[:, None] + side[:, None] * (width * np.cos(a))[None, :, None] + np.array([0, 1, 0]) * (height * np.sin(a))[None, :, None]
    points = np.concatenate([points, points[:1]])
    uv = np.stack(np.meshgrid(np.linspace(0, 1, segments + 1), np.linspace(1, 0, len(ring) + 1)), -1)
    m = grid(points, uv, wrap=True)
    a, b, c = (m.points[m.faces[:, k]] for k in range(3))
    if np.sum(np.cross(a, b) * c) < 0:
        m.faces = m.faces[:, ::-1]
    return m


def _tomato(c, x, y):
    c.disc(x, y + 4, 58, "#8f1f18", 50)
    c.disc(x, y, 56, "#d63a2c", 49)
    c.disc(x - 18, y - 16, 17, "#ea6a54", 11)
    for k in range(5):
        a = 2 * np.pi * k / 5 - 0.3
        tip = (x + 34 * np.cos(a), y - 40 + 15 * np.sin(a))
        n = (-np.sin(a) * 6, np.cos(a) * 4)
        c.shape([(x + n[0], y - 40 + n[1]), tip, (x - n[0], y - 40 - n[1])], "#3f7d3a")
    c.line([(x, y - 40), (x + 6, y - 58)], "#3f7d3a", 5)


def cereal_box():
    w, h, d = 0.190, 0.272, 0.064
    c = Canvas(1024, 1024, "#1d2350")
    # front 0..520 x 0..744, back mirrored layout to its right, sides in the last column, top and bottom below
    for x in (0, 520):
        _cereal_front(c, x, 504 if x else 520)
    _cereal_side(c, 0, 744)
    c.box(744, 744, 1024, 1024, "#141a40")
    c.text(884, 880, "ORBITS", 44, "#f6c445", "DejaVuSans-Bold", spread=4)
    c.text(884, 930, "push here to open", 15, "#b7c0ee", "DejaVuSans")
    front, back = (0, 0, 520 / 1024, 744 / 1024), (520 / 1024, 0, 1, 744 / 1024)
    top = (744 / 1024, 840 / 1024, 1, 964 / 1024)
    mesh = rounded_box((w, h, d), 0.0016, 2, {"+z": front, "-z": back, "+y": top, "-y": top, "+x": front, "-x": front}, fill=8)
    # the sides lie on their backs in the picture: their u runs down the strip
    side = np.repeat(np.arange(6), len(mesh.points) // 6)
    for k in (0, 1):
        s = side == k
        uv = (mesh.uv[s] - [front[0], front[1]]) / [front[2], front[3]]
        mesh.uv[s] = np.stack([uv[:, 1] * 740 / 1024, (746 + 276 * (1 - uv[:, 0])) / 1024], 1)
    x, y = np.clip(mesh.points[:, 0] / (w / 2 - 0.002), -1, 1), np.clip(mesh.points[:, 1] / (h / 2 - 0.002), -1, 1)
    mesh.points[:, 2] += np.sign(mesh.points[:, 2]) * 0.0022 * (1 - x**2) * (1 - y**2) * (np.abs(mesh.points[:, 2]) > d / 2 - 0.001)  # card bulges
    mesh = moved(mesh, (0, h / 2, 0))
    paint = c.pixels() * (1 + 0.012 * tiled(1024, 1024, 256, 256, 1, 211))[..., None]
    rough = 0.36 + 0.05 * tiled(128, 128, 8, 8, 4, 212)
    return Model("CerealBox", [Part("Body", Material("Card", roughness=1.0, color_map=jpeg(paint, 76), surface_map=jpeg(surface(rough), 75)), mesh)], crease=30)


def _cereal_front(c, x, w):
    m = x + w / 2
    c.box(x, 0, x + w, 744, "#1d2350")
    for k in range(90):
        a, b, s = unit(k, 1, x), unit(k, 2, x), unit(k, 3)
        c.disc(x + 4 + a * (w - 8), 6 + b * 520, 0.8 + 1.8 * s**4, "#dfe4ff")
    c.disc(x + w * 0.83, 120, 46, "#e2603f")
    c.disc(x + w * 0.83 - 10, 108, 32, "#ee7d52")
    orbit = [(m + 228 * np.cos(a), 560 + 52 * np.sin(a) - 40 * np.cos(a)) for a in np.linspace(0, 2 * np.pi, 90)]
    c.line(orbit, "#3fb0ac", 3)
    c.box(x, 628, x + w, 744, "#e2603f")
    for k in sorted(range(110), key=lambda q: -np.sqrt(unit(q, 6)) * np.sin(np.pi * unit(q, 5))):
        a, r = np.pi * unit(k, 5), 165 * np.sqrt(unit(k, 6))
        px, py = m + r * np.cos(a), 612 - r * np.sin(a) * 0.62
        c.disc(px, py, 17, "#a9682a")
        c.disc(px - 1.5, py - 2, 15.5, "#e0a14e")
        c.disc(px, py, 6, "#8a4f1d")
    c.shape([(m - 178, 618), (m + 178, 618), (m + 130, 690), (m + 80, 712), (m - 80, 712), (m - 130, 690)], "#3fb0ac")
    c.shape([(m - 178, 618), (m - 120, 618), (m - 70, 712), (m - 80, 712), (m - 130, 690)], "#6fd0c6")
    c.text(m + 4, 196, "ORBITS", 108 if w > 510 else 104, "#0e1233", "DejaVuSans-Bold")
    c.text(m, 190, "ORBITS", 108 if w > 510 else 104, "#f6c445", "DejaVuSans-Bold")
    c.text(m, 262, "honey oat rings", 34, "#ffffff", "DejaVuSerif-BoldItalic")
    c.box(x + 26, 40, x + 170, 78, "#3fb0ac", 19)
    c.text(x + 98, 59, "WHOLE GRAIN", 15, "#ffffff", "DejaVuSans-Bold", spread=1)
    c.disc(x + 92, 356, 58, "#e2603f")
    c.text(x + 92, 342, "NEW", 30, "#ffffff")
    c.text(x + 92, 372, "crunch", 20, "#ffe08a", "DejaVuSans-Bold")
    c.text(x + w - 24, 728, "375 g", 20, "#ffffff", "DejaVuSans-Bold", anchor="rm")


def _cereal_side(c, x, y):
    c.box(x, y, x + 744, y + 280, "#141a40")
    c.box(x, y + 118, x + 744, y + 162, "#e2603f")
    c.text(x + 372, y + 60, "ORBITS", 60, "#f6c445", "DejaVuSans-Bold", spread=10)
    c.text(x + 372, y + 140, "eleven rings to the spoon, zero gravity", 22, "#ffffff", "DejaVuSerif-Italic")
    for k in range(6):
        c.disc(x + 60 + 125 * k, y + 220, 34, "#a9682a")
        c.disc(x + 58 + 125 * k, y + 218, 31, "#e0a14e")
        c.disc(x + 60 + 125 * k, y + 220, 13, "#141a40")


def milk_carton():
    a, wall, ridge, top = 0.035, 0.150, 0.188, 0.205
    e, t = 0.0012, 0.0018

    def ring(y, hx, hz):
        r = min(e, hx * 0.4, hz * 0.4)
        corners = filleted([(hx, hz, r), (-hx, hz, r), (-hx, -hz, r), (hx, -hz, r)], closed=True, segments=3)
        sides = []
        for k in range(4):  # each flat in equal steps, so that the gable's ends can fold
            a0, a1 = corners[4 * k + 3], corners[(4 * k + 4) % 16]
            sides += [corners[4 * k:4 * k + 4], a0 + (a1 - a0) * (np.arange(1, 8) / 8)[:, None]]
        line = np.concatenate(sides)
        return np.stack([line[:, 0], np.full(len(line), y), -line[:, 1]], 1)
    rings = [ring(0.0, a - e, a - e), ring(0.0004, a - 0.0004, a - 0.0004), ring(0.0014, a, a), ring(0.05, a, a), ring(0.10, a, a), ring(wall - 0.0006, a, a), ring(wall + 0.0006, a, a - 0.0005),
             *[ring(wall + f * (ridge - wall), a, a + f * (t - a)) for f in (0.2, 0.4, 0.6, 0.8)], ring(ridge, a, t), ring(ridge + 0.0008, a, t), ring(top - 0.0003, a, t), ring(top, a - 0.0003, t - 0.0004)]
    n = len(rings[0])
    points = np.stack([np.concatenate([r, r[:1]]) for r in rings])
    points = np.concatenate([np.broadcast_to([[[0, 0, 0]]], (1, n + 1, 3)), points, np.broadcast_to([[[0, top, 0]]], (1, n + 1, 3))])
    # the ends of the gable are folded in: their middle is pulled towards the axis
    for row in range(len(points)):
        y = points[row, :, 1]
        fold = 0.020 * np.clip((y - wall) / (ridge - wall), 0, 1) * (y < top + 1)
        middle = 1 - np.abs(points[row, :, 2]) / np.maximum(np.abs(points[row, :, 2]).max(), 1e-9)
        points[row, :, 0] -= np.sign(points[row, :, 0]) * fold * middle * (y > wall) * (y < ridge + 0.0001)
    body = grid(points, np.zeros(points.shape[:2] + (2,)), wrap=True)
    # texture: four sides next to each other, 0.25 each, upwards
    body = _box_unwrapped(body, a, top)
    c = Canvas(1024, 768, "#f7f5ee")
    for k in range(4):
        _milk_panel(c, 256 * k, k)
    paper = c.pixels() * (1 + 0.010 * tiled(1024, 768, 256, 192, 1, 221))[..., None]
    cap = lathe(filleted([(0, 0, 0), (0.0125, 0, 0.0), (0.0125, 0.009, 0.0012), (0, 0.0095, 0)], segments=4), 40, shape=lambda g, q: 1 + 0.02 * np.sign(np.sin(40 * g)) * (q[..., 0] > 0.0124) * (q[..., 1] < 0.0078))
    slope = np.degrees(np.arctan2(ridge - wall, a - t))
    cap = moved(cap, (0, wall + 0.5 * (ridge - wall) + 0.000, 0.5 * a + 0.0005), turn=rotation((1, 0, 0), 90 - (90 - slope)))
    cap = moved(cap, (0, -0.0015, -0.0015))
    plastic = Material("Plastic", linear("#1f6fb5"), roughness=0.32, color_map=jpeg(flat(64, 64, "#ffffff"), 80))
    return Model("MilkCarton", [Part("Body", Material("Card", roughness=0.40, color_map=jpeg(paper, 76)), body), Part("Cap", plastic, cap)], crease=28)


def _box_unwrapped(mesh, half, top):
    """Each triangle is seen from the side that it faces; four sides in a row, u to the right."""
    p = mesh.points[mesh.faces]
    n = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
    sideways = np.arctan2(n[:, 0], n[:, 2] + 1e-12)  # 0: front (+z), 90 degrees: right (+x)
    k = np.round(sideways / (np.pi / 2)).astype(int) % 4
    right = np.array([[1, 0, 0], [0, 0, -1], [-1, 0, 0], [0, 0, 1]], float)[k]
    s = np.einsum("fij,fj->fi", p, right) / (2 * half) + 0.5
    u = (k[:, None] + np.clip(s, 0.0, 1.0)) / 4
    v = 1 - np.clip(p[..., 1] / top, 0, 1)
    return Mesh(p.reshape(-1, 3), np.stack([u, v], -1).reshape(-1, 2), np.arange(3 * len(p)).reshape(-1, 3))


def _milk_panel(c, x, k):
    m = x + 128
    c.box(x, 0, x + 256, 768, "#f7f5ee")
    c.box(x, 0, x + 256, 205, "#1f6fb5")
    hills = [(x + 256 * t, 560 + 26 * np.sin(2 * np.pi * (t + k) * 1.0) + 10 * np.sin(4 * np.pi * t + 1)) for t in np.linspace(0, 1, 40)]
    c.shape(hills + [(x + 256, 768), (x, 768)], "#7fb85a")
    near = [(x + 256 * t, 640 + 18 * np.sin(2 * np.pi * t + 2.2)) for t in np.linspace(0, 1, 40)]
    c.shape(near + [(x + 256, 768), (x, 768)], "#4f9a4b")
    if k % 2 == 0:
        c.text(m, 270, "ALMA", 62, "#1f6fb5", "DejaVuSerif-Bold", spread=4)
        c.text(m, 326, "whole milk", 28, "#3b4a57", "DejaVuSerif-Italic")
        c.disc(m, 440, 62, "#ffffff")
        c.ring(m, 440, 62, "#1f6fb5", 5)
        _cow(c, m, 440)
        c.text(m, 715, "3.5 % fat  ·  1 litre", 17, "#ffffff", "DejaVuSans-Bold")
    else:
        c.text(m, 262, "From small herds", 20, "#1f6fb5", "DejaVuSerif-Bold")
        for j, words in enumerate(["on open meadows.", "Pasteurised and", "homogenised. Keep", "below eight degrees", "and shake well."]):
            c.text(m, 298 + 24 * j, words, 17, "#3b4a57", "DejaVuSerif")
        c.barcode(x + 78, 440, 100, 56, 400417 + k)
        c.text(m, 715, "please recycle", 16, "#ffffff", "DejaVuSans")
    if k == 2:
        c.text(m, 120, "ALMA", 40, "#f7f5ee", "DejaVuSerif-Bold", spread=4)


def _cow(c, x, y):
    c.disc(x, y + 6, 30, "#f2efe8", 34)
    c.ring(x, y + 4, 1, "#333333", 1)
    c.disc(x - 14, y - 8, 14, "#3a332e", 19)
    c.disc(x + 36, y - 20, 14, "#3a332e", 8)
    c.disc(x - 36, y - 20, 14, "#3a332e", 8)
    c.disc(x, y + 28, 25, "#eeb3a8", 17)
    c.disc(x - 9, y + 28, 4, "#9a5b52", 5)
    c.disc(x + 9, y + 28, 4, "#9a5b52", 5)
    c.disc(x - 13, y - 6, 5, "#ffffff")
    c.disc(x - 13, y - 6, 3, "#111111")
    c.disc(x + 13, y - 6, 3.6, "#111111")


# The cover is grey cloth with a shining print, so that one factor colours it.
CLOTH, SPINE, SHADE, FOIL = "#828282", "#6c6c6c", "#666666", "#fffaf0"


def book():
    w, h, thick, board = 0.148, 0.210, 0.030, 0.0026
    c = Canvas(1024, 660, CLOTH)
    _cover(c, 0)
    c.box(462, 0, 562, 660, SPINE)
    _spine(c, 512)
    c.box(562, 0, 1024, 660, CLOTH)
    c.ring(793, 330, 60, FOIL, 3)
    c.text(793, 330, "W", 60, FOIL, "DejaVuSerif-Bold")
    weave = 1 + 0.05 * tiled(1024, 660, 256, 3, 1, 231) + 0.05 * tiled(1024, 660, 3, 165, 1, 232) + 0.04 * tiled(1024, 660, 9, 6, 4, 233)
    print_ = c.pixels()
    foil = step(0.72, 0.9, print_[..., 0])
    cloth = print_ * np.where(foil > 0.5, 1.0, weave)[..., None]
    shine = jpeg(surface(0.72 - 0.40 * foil, 0.9 * foil)[::2, ::2], 78)
    front, back, spine = (0, 0, 462 / 1024, 1), (562 / 1024, 0, 1, 1), (462 / 1024, 0, 562 / 1024, 1)
    edge = (0.004, 0.004, 0.02, 0.02)
    # lying: the front looks up, the spine to -x, the head of the page to -z
    plate = {k: edge for k in ("+x", "-x", "+z", "-z", "+y", "-y")}
    upper = moved(rounded_box((w, board, h), 0.0011, 3, {**plate, "+y": front}), (0, thick - board / 2, 0))
    lower = moved(rounded_box((w, board, h), 0.0011, 3, {**plate, "-y": back}), (0, board / 2, 0))
    a = np.linspace(-1, 1, 13)
    bulge, inner = 0.0065, 0.0040
    outer = np.stack([-w / 2 + 0.0006 - bulge * (1 - a**2), thick / 2 + (thick / 2 - 0.0002) * a], 1)[::-1]
    back_of = np.stack([-w / 2 + 0.0006 + 0.0022 - inner * (1 - a**2), thick / 2 + (thick / 2 - 0.0002) * a], 1)
    outline = np.concatenate([outer, back_of])
    back_strip = extrude(outline, h, 0.0003, 1)
    v = back_strip.points
    back_strip.uv = np.stack([spine[0] + (spine[2] - spine[0]) * np.clip(v[:, 1] / thick, 0.02, 0.98), np.clip(0.5 + v[:, 2] / h, 0.004, 0.996)], 1)
    b = np.linspace(-1, 1, 9)
    fore = np.stack([w / 2 - 0.0045 - 0.0030 * (1 - b**2), thick / 2 + (thick / 2 - board + 0.0003) * b], 1)
    near = np.stack([-w / 2 + 0.0020 - 0.0030 * (1 - b**2), thick / 2 + (thick / 2 - board + 0.0003) * b], 1)[::-1]
    pages = extrude(np.concatenate([fore, near]), h - 0.007, 0)
    q = pages.points
    pages.uv = np.stack([np.clip(0.5 + (q[:, 0] + q[:, 2]) / 0.8, 0, 1), np.clip(1 - q[:, 1] / thick, 0, 1)], 1)
    u, y = texels(512, 256)
    leaf = fbm(np.stack([u * 5, y * 130], -1), 2, 236, period=[5, 130])
    paper = flat(512, 256, "#efe4cc") * (1 + 0.15 * leaf + 0.03 * tiled(512, 256, 4, 2, 3, 237))[..., None]
    return Model("Book", [Part("Cover", Material("Cloth", linear("#43a094"), 1.0, 1.0, color_map=jpeg(cloth, 74), surface_map=shine), merge(upper, lower, back_strip)),
                          Part("Pages", Material("Paper", roughness=0.85, color_map=jpeg(paper, 75)), pages)], crease=35)


def _cover(c, x):
    gold, m = FOIL, x + 231
    for r in (14, 22):
        c.line([(x + r, r), (x + 462 - r, r), (x + 462 - r, 660 - r), (x + r, 660 - r), (x + r, r)], gold, 2)
    c.text(m, 110, "THE LITTLE", 34, gold, "DejaVuSerif", spread=6)
    c.text(m, 162, "ATLAS", 62, gold, "DejaVuSerif-Bold", spread=8)
    c.text(m, 212, "of invented worlds", 24, gold, "DejaVuSerif-Italic")
    c.disc(m, 390, 112, SHADE)
    c.ring(m, 390, 112, gold, 4)
    for k in (0.25, 0.6, 0.9):
        pts = [(m + 112 * k * np.cos(t), 390 + 110 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 60)]
        c.line(pts, gold, 1.6)
    for k in (-0.6, -0.3, 0, 0.3, 0.6):
        r = 112 * np.sqrt(1 - k * k)
        c.line([(m - r, 390 + 112 * k), (m + r, 390 + 112 * k)], gold, 1.6)
    pts = [(m + 150 * np.cos(t) * 1.0, 390 + 40 * np.sin(t) - 34 * np.cos(t)) for t in np.linspace(0, 2 * np.pi, 80)]
    c.line(pts, FOIL, 4)
    c.disc(m + 120, 390 - 44, 11, FOIL)
    c.text(m, 590, "E. M. HOLLIS", 26, gold, "DejaVuSerif", spread=4)


def _spine(c, x):
    """Letters run down the spine: drawn flat, then turned."""
    strip = Canvas(660, 100, SPINE, c.fine)
    strip.text(330, 50, "THE LITTLE ATLAS", 34, FOIL, "DejaVuSerif-Bold", spread=3)
    strip.line([(40, 50), (110, 50)], FOIL, 3)
    strip.line([(550, 50), (620, 50)], FOIL, 3)
    turned = strip.image.transpose(4)  # clockwise by a quarter
    c.image.paste(turned, (round((x - 50) * c.fine), 0))


ALL = [soup_can, cereal_box, milk_carton, book]
