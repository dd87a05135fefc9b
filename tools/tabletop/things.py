"""Toys and small things: wooden block, toy car, rubber duck, puzzle cube, tennis ball, pencil, bell, candle, succulent, moka pot, spoon."""
import numpy as np

from .gltf import Material, Model, Part
from .mesh import Mesh, ball, ears, extrude, filleted, grid, inset, lathe, lathe_texels, merge, moved, polygonised, rotation, rounded_box, spline, sweep
from .noise import cells, fbm, unit
from .paint import Canvas, flat, jpeg, linear, mix, normals_on, ramp, rgb, step, surface, texels, tiled
from .tableware import clay, refined
from .wood import BEECH, CEDAR, PINE, WALNUT, wood


# ---------------------------------------------------------------- toys

def wooden_block():
    n, half = 256, 0.0225
    faces = {"+x": ("A", "#c8452f"), "-x": ("K", "#2c6fa6"), "+y": ("M", "#d99a1f"), "-y": ("O", "#3d7f4a"), "+z": ("R", "#3d7f4a"), "-z": ("W", "#c8452f")}
    picture, atlas = np.zeros((2 * n, 3 * n, 3)), {}
    for k, (face, (letter, color)) in enumerate(faces.items()):
        c = Canvas(n, n, "#ffffff")
        c.box(22, 22, n - 22, n - 22, "#000000", 26)
        c.box(32, 32, n - 32, n - 32, "#ffffff", 18)
        c.text(n / 2, n / 2 + 2, letter, 150, "#000000", "DejaVuSerif-Bold")
        ink = 1 - c.pixels()[..., 0]
        u, v = texels(n, n)
        a, b = (u - 0.5) * 2 * half, (0.5 - v) * 2 * half
        rim = np.full_like(a, half)
        at = {"+x": (rim, b, -a), "-x": (-rim, b, a), "+y": (a, rim, -b), "-y": (a, -rim, b), "+z": (a, b, rim), "-z": (-a, b, -rim)}[face]
        base, relief = wood(np.stack(at, -1), BEECH, (0.01, -0.035), seed=3)
        worn = 0.92 - 0.5 * step(0.15, 0.5, fbm(np.stack([u * 9, v * 9], -1), 4, 601 + k)) - 0.25 * (1 - relief)
        x, y = (k % 3) * n, (k // 3) * n
        picture[y:y + n, x:x + n] = mix(base, rgb(color), ink * np.clip(worn, 0, 1))
        atlas[face] = ((x + 1) / (3 * n), (y + 1) / (2 * n), (x + n - 1) / (3 * n), (y + n - 1) / (2 * n))
    mesh = moved(rounded_box((2 * half,) * 3, 0.0032, 5, atlas, fill=2), (0, half, 0))
    return Model("WoodenBlock", [Part("Body", Material("Beech", roughness=0.5, color_map=jpeg(picture, 76)), mesh)], crease=60)


def toy_car():
    body = filleted([(-0.056, 0.010, 0.0045), (0.056, 0.010, 0.0045), (0.058, 0.024, 0.007), (0.036, 0.030, 0.010), (0.022, 0.048, 0.008), (-0.022, 0.049, 0.010),
                     (-0.042, 0.031, 0.010), (-0.058, 0.029, 0.006)], closed=True, segments=4)
    shell = extrude(body, 0.046, 0.0036, 3)
    low, high = body.min(0), body.max(0)
    c = Canvas(512, 192, "#f2f0ea")

    def at(x, y):
        return ((x - low[0]) / (high - low)[0] * 512, (1 - (y - low[1]) / (high - low)[1]) * 192)
    for glass in ([(-0.034, 0.032), (-0.003, 0.032), (-0.003, 0.0435), (-0.021, 0.0435)], [(0.003, 0.032), (0.0285, 0.032), (0.020, 0.0435), (0.003, 0.0435)]):
        c.shape([at(*p) for p in glass], "#26323c")
        c.line([at(*p) for p in glass + glass[:2]], "#26323c", 7)
    c.shape([at(-0.07, 0.0225), at(0.07, 0.0225), at(0.07, 0.0262), at(-0.07, 0.0262)], "#2b3a55")
    x, y = at(0.0, 0.0225)
    c.disc(x, y, 33, "#2b3a55")
    c.disc(x, y, 30, "#ffffff")
    c.text(x, y + 1, "7", 44, "#2b3a55")
    grain, _ = wood(np.stack([texels(512, 192)[0] * 0.116, texels(512, 192)[1] * 0.04, np.zeros((192, 512))], -1), PINE, seed=5)
    paint = c.pixels() * (0.90 + 0.10 * grain.mean(-1, keepdims=True) / grain.mean())
    lacquer = Material("Paint", linear("#d8402c"), roughness=0.28, color_map=jpeg(paint, 86, fine=True))
    tyre = filleted([(0, -0.0060, 0), (0.0100, -0.0060, 0.001), (0.0145, -0.0055, 0.0022), (0.0145, 0.0055, 0.0022), (0.0100, 0.0060, 0.001), (0.0085, 0.0052, 0.0006), (0, 0.0052, 0)], segments=3)
    hub = filleted([(0, 0.0048, 0), (0.0042, 0.0048, 0), (0.0042, 0.0072, 0.0012), (0, 0.0080, 0)], segments=3)
    u, v = texels(256, 256)
    rings, _ = wood(np.stack([np.zeros_like(u), (u - 0.5) * 0.03, (v - 0.5) * 0.03], -1), WALNUT, (0.004, 0.003), seed=2)
    dark = Material("Walnut", roughness=0.45, color_map=jpeg(rings, 80))
    pin = Material("Beech", linear("#d9b68a"), roughness=0.5)
    parts = [Part("Body", lacquer, moved(shell, (0, 0.0, 0)))]
    for name, wx, side in (("FrontLeft", 0.034, -1), ("FrontRight", 0.034, 1), ("RearLeft", -0.034, -1), ("RearRight", -0.034, 1)):
        turn = rotation((1, 0, 0), 90 * side)
        place = (wx, 0.0145, side * 0.0305)
        parts.append(Part("Wheel" + name, dark, moved(lathe(tyre, 30, planar=True), place, turn), "Wheels"))
        parts.append(Part("Hub" + name, pin, moved(lathe(hub, 14), place, turn), "Wheels"))
    axle = [moved(lathe(filleted([(0, -0.030, 0), (0.0022, -0.030, 0), (0.0022, 0.030, 0), (0, 0.030, 0)]), 8), (x, 0.0145, 0), rotation((1, 0, 0), 90)) for x in (0.034, -0.034)]
    parts.append(Part("Axles", pin, merge(*axle), "Wheels"))
    return Model("ToyCar", parts, crease=38)


def smooth_union(a, b, k):
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b + (a - b) * h - k * h * (1 - h)


def ellipsoid(p, middle, radii, turn=None):
    q = p - np.asarray(middle)
    q = q if turn is None else q @ turn
    k0 = np.linalg.norm(q / radii, axis=-1)
    k1 = np.linalg.norm(q / np.square(radii), axis=-1)
    return k0 * (k0 - 1) / np.maximum(k1, 1e-9)


def rubber_duck():
    tilt = rotation((1, 0, 0), 24)

    def duck(p):
        q = np.concatenate([np.abs(p[..., :1]), p[..., 1:]], -1)
        d = ellipsoid(p, (0, 0.026, -0.004), np.array([0.031, 0.027, 0.040]))
        d = smooth_union(d, ellipsoid(p, (0, 0.040, -0.041), np.array([0.013, 0.007, 0.016]), tilt), 0.014)
        d = smooth_union(d, ellipsoid(p, (0, 0.066, 0.017), np.array([0.0225, 0.0222, 0.0232])), 0.011)
        d = smooth_union(d, ellipsoid(q, (0.029, 0.031, -0.010), np.array([0.0065, 0.0125, 0.021]), rotation((1, 0, 0), 18)), 0.004)
        return np.maximum(d, 0.0028 - p[..., 1])  # a flat base
    body = polygonised(duck, (-0.042, -0.002, -0.065), (0.042, 0.096, 0.050), 0.0038)
    p = body.points
    body.uv = np.stack([np.clip(0.5 + p[:, 2] / 0.13, 0, 1), np.clip(1 - p[:, 1] / 0.1, 0, 1)], 1)

    def bill(p):
        d = ellipsoid(p, (0, 0.0640, 0.0400), np.array([0.0125, 0.0034, 0.0120]), rotation((1, 0, 0), -10))
        e = ellipsoid(p, (0, 0.0590, 0.0385), np.array([0.0100, 0.0030, 0.0095]), rotation((1, 0, 0), 10))
        return smooth_union(d, e, 0.0015)
    beak = polygonised(bill, (-0.016, 0.050, 0.024), (0.016, 0.074, 0.056), 0.0019)
    eyes, pupils = [], []
    for side in (-1, 1):
        out = np.array([side * 0.52, 0.22, 0.78])
        out /= np.linalg.norm(out)
        middle = np.array([0, 0.066, 0.017])
        eyes.append(moved(ball(0.0046, 10, 14), middle + out * 0.0202))
        pupils.append(moved(ball(0.0027, 8, 12), middle + out * 0.0202 + np.array([side * 0.42, 0.1, 0.88]) * 0.0026))
    u, v = texels(256, 256)
    c = ramp(np.clip(0.55 + 0.35 * tiled(256, 256, 4, 4, 4, 611), 0, 1), [(0, "#efb51a"), (0.5, "#f6c624"), (1, "#fad03a")])
    del u, v
    rough = 0.30 + 0.08 * tiled(256, 256, 6, 6, 5, 612)
    vinyl = Material("Vinyl", roughness=1.0, color_map=jpeg(c, 80), surface_map=jpeg(surface(rough), 75))
    return Model("RubberDuck", [Part("Body", vinyl, body), Part("Beak", Material("BeakVinyl", linear("#e8641c"), roughness=0.32), beak),
                                Part("Eyes", Material("EyeWhite", linear("#f7f5ef"), roughness=0.25), merge(*eyes)),
                                Part("Pupils", Material("EyeBlack", linear("#15120f"), roughness=0.15), merge(*pupils))], crease=75)


TILE_COLORS = {"White": "#f1efe8", "Yellow": "#f2c51d", "Red": "#c4262e", "Orange": "#ee7a1c", "Blue": "#1f5fb0", "Green": "#2f9650"}


def scrambled(moves):
    """Stickers as (place, outward normal, colour) of a 3 x 3 x 3 cube after quarter turns [(axis, layer, quarters)]."""
    stickers = []
    for k, color in enumerate(TILE_COLORS):
        n = np.zeros(3)
        n[[1, 1, 2, 2, 0, 0][k]] = (1, -1)[k % 2]
        others = [a for a in range(3) if not n[a]]
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                place = n.copy()
                place[others[0]], place[others[1]] = i, j
                stickers.append([place, n, color])
    for axis, layer, quarters in moves:
        turn = np.round(rotation(np.eye(3)[axis], 90 * quarters))
        for s in stickers:
            if s[0][axis] == layer:
                s[0], s[1] = turn @ s[0], turn @ s[1]
    return stickers


def plate(outline, depth, bevel):
    """A thin tile: one bevel in front, none behind, where it is hidden."""
    front = np.concatenate([inset(outline, bevel), np.full((len(outline), 1), depth / 2)], 1)
    rim = np.concatenate([outline, np.full((len(outline), 1), depth / 2 - bevel)], 1)
    back = np.concatenate([outline, np.full((len(outline), 1), -depth / 2)], 1)
    rings = np.stack([np.concatenate([r, r[:1]]) for r in (back, rim, front)])
    side = grid(rings, np.full(rings.shape[:2] + (2,), 0.5), wrap=True)
    cap = ears(outline)
    half = np.full((len(outline), 2), 0.5)
    return merge(side, Mesh(front, half, cap), Mesh(back, half, cap[:, ::-1]))


def puzzle_cube():
    pitch, twist = 0.019, rotation((0, 1, 0), 17)
    square = filleted([(x * 0.0083, y * 0.0083, 0.0024) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))], closed=True, segments=2)
    tile = plate(square, 0.0016, 0.0005)
    moves = [(int(3 * unit(621, k, 1)), int(3 * unit(621, k, 2)) - 1, 1 + int(3 * unit(621, k, 3))) for k in range(23)]
    groups = {name: [] for name in TILE_COLORS}
    for place, n, color in scrambled(moves):
        up = np.array([0, 1, 0]) if abs(n[1]) < 0.5 else np.array([0, 0, -1])
        turn = np.stack([np.cross(up, n), up, n], 1)
        at = place * pitch + n * (0.5 * pitch)
        m = moved(tile, at, turn)
        groups[color].append(moved(m, turn=twist) if place[1] > 0.5 else m)
    low = moved(rounded_box((3 * pitch, 1.985 * pitch, 3 * pitch), 0.0022, 2), (0, -0.5075 * pitch, 0))
    high = moved(rounded_box((3 * pitch, 0.985 * pitch, 3 * pitch), 0.0022, 2), (0, 1.0075 * pitch, 0), twist)
    axle = lathe(np.array([(0, 0), (0.02, 0), (0.02, 0.012), (0, 0.012)]), 24)
    cubies = [low, high, moved(axle, (0, 0.5 * pitch - 0.006, 0))]
    lift = (0, 1.5 * pitch, 0)
    grain = flat(128, 128, "#ffffff") * (0.9 + 0.1 * tiled(128, 128, 30, 30, 2, 622))[..., None]
    black = Material("Plastic", linear("#1d1e21"), roughness=0.42, color_map=jpeg(grain, 75))
    parts = [Part("Core", black, moved(merge(*cubies), lift))]
    for name, tiles in groups.items():
        parts.append(Part("Tiles" + name, Material("Tile" + name, linear(TILE_COLORS[name]), roughness=0.22), moved(merge(*tiles), lift), "Tiles"))
    return Model("PuzzleCube", parts, crease=40)


def tennis_ball():
    r = 0.0335
    a = np.linspace(-np.pi / 2, np.pi / 2, 33)
    profile = np.stack([r * np.cos(a), r * np.sin(a)], 1)
    profile[[0, -1], 0] = 0
    p = lathe_texels(profile, 512, 256)
    t = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    curve = np.stack([0.75 * np.cos(t) + 0.25 * np.cos(3 * t), 2 * np.sqrt(0.75 * 0.25) * np.sin(2 * t), 0.75 * np.sin(t) - 0.25 * np.sin(3 * t)], 1)
    nearest = np.arccos(np.clip((p / np.linalg.norm(p, axis=-1, keepdims=True)) @ curve.T, -1, 1)).min(-1) * r
    fuzz = fbm(p * 900, 3, 631) + 0.6 * fbm(p * 240, 3, 634)
    line = 1 - step(0.0013, 0.0019, nearest + 0.0004 * fuzz)
    c = ramp(np.clip(0.55 + 0.5 * fuzz, 0, 1), [(0, "#9fae1c"), (0.5, "#c6d63a"), (1, "#dfea66")])
    c = c * (1 + 0.06 * fbm(p * 45, 3, 637))[..., None]
    c = mix(c, rgb("#efeee4"), line)
    height = 0.00022 * fuzz * (1 - line) - 0.0005 * line
    felt = Material("Felt", roughness=0.95, color_map=jpeg(c, 80), normal_map=jpeg(normals_on(profile, height), 72))
    tipped = moved(lathe(profile, 48), turn=rotation((0.6, 0, 0.8), 38))
    return Model("TennisBall", [Part("Body", felt, tipped)], crease=80)


# ---------------------------------------------------------------- desk

def pencil():
    r, length, point = 0.0036, 0.172, 0.021

    def hexagon(angle):
        return np.cos(np.pi / 6) / np.cos((angle + np.pi / 6) % (np.pi / 3) - np.pi / 6)

    def body_shape(angle, q):
        return hexagon(angle) + 0 * q[..., 0]

    def tip_shape(angle, q):
        return np.minimum(hexagon(angle), np.maximum(q[..., 0] / r, 1e-9)) / np.maximum(q[..., 0] / r, 1e-9)
    shaft = lathe(refined(np.array([(r, 0.018), (r, length - point)]), 0.06), 36, shape=body_shape)
    cone_r = np.linspace(r * 1.004, 0.0005, 20)
    cone_y = length - point + (r * 1.004 - cone_r) / r * (point - 0.001)
    profile = np.concatenate([[(r, length - point)], np.stack([cone_r, cone_y], 1)[0:], [(0.00025, cone_y[-1] + 0.0006), (0, cone_y[-1] + 0.0007)]])
    profile[1:2, 1] += 1e-5
    tip = lathe(profile, 36, shape=tip_shape)
    u, v = texels(256, 256)
    q = lathe_texels(profile, 256, 256)
    radius = np.hypot(q[..., 0], q[..., 2])
    grain, _ = wood(np.stack([q[..., 1], q[..., 0], q[..., 2]], -1), CEDAR, (0.0, -0.02), seed=1)
    edge = radius - r * hexagon(2 * np.pi * u)
    c = mix(grain, rgb("#e9a91d"), step(-0.00012, -0.00002, edge + 0.0001 * fbm(np.stack([u * 40, v * 12], -1), 2, 641)))
    c = mix(c, rgb("#3a3a3d"), 1 - step(0.00095, 0.00105, radius))
    band = Canvas(1024, 43, "#e9a91d", 3)
    band.text(250, 23, "WORLDMILL  ·  No. 2  ·  HB", 26, "#6a3d10", "DejaVuSans-Bold", spread=3)
    band.box(0, 0, 26, 43, "#20262e")
    turned = np.rot90(band.pixels(), 1)
    paint = np.tile(turned, (1, 6, 1))[:, :256]
    paint[:, 43:215] = rgb("#e9a91d")
    paint[1024 - 26:, :] = rgb("#20262e")
    paint = paint * (1 + 0.03 * tiled(256, 1024, 6, 24, 3, 642))[..., None]
    ferrule = filleted([(0, 0.005, 0), (0.0037, 0.005, 0), (0.0037, 0.0185, 0.0002), (0, 0.0186, 0)], segments=1)
    ferrule = np.concatenate([ferrule[:2], [(0.0037 + 0.00016 * (1 - np.cos(2 * np.pi * k / 8 * 1.0)) * (1 if 2 < k < 40 else 0), 0.005 + 0.0135 * k / 44) for k in range(1, 44)], ferrule[-2:]])
    rubber = filleted([(0, 0, 0), (0.0033, 0, 0.0012), (0.0033, 0.0065, 0), (0, 0.0066, 0)], segments=4)
    # the shaft is closed at its hidden end
    end = lathe(np.array([(0, 0.018), (r, 0.018)]), 36, shape=body_shape)
    turn = rotation((0, 0, 1), -90) @ rotation((0, 1, 0), 30)
    lay = lambda m: moved(moved(m, (0, -length / 2, 0)), turn=turn)
    brass = Material("Brass", linear("#cbb173"), 1.0, 0.32)
    return Model("Pencil", [Part("Body", Material("Lacquer", roughness=0.25, color_map=jpeg(paint, 76)), lay(merge(end, shaft))),
                            Part("Tip", Material("Cedar", roughness=0.6, color_map=jpeg(c, 80)), lay(tip)),
                            Part("Ferrule", brass, lay(lathe(ferrule, 20))), Part("Eraser", Material("Rubber", linear("#d98a8f"), roughness=0.8), lay(lathe(rubber, 20)))], crease=25)


def bell():
    outer = spline([(0.0330, 0.0015), (0.0318, 0.006), (0.0262, 0.016), (0.0215, 0.030), (0.0195, 0.042), (0.0165, 0.051), (0.0080, 0.0560)], 17)
    inner = spline([(0.0065, 0.0535), (0.0145, 0.0485), (0.0175, 0.040), (0.0195, 0.029), (0.0242, 0.015), (0.0296, 0.0055), (0.0310, 0.0008)], 11)
    profile = np.concatenate([[(0.0318, 0.0)], outer, [(0.0070, 0.0590), (0.0045, 0.0610), (0, 0.0612)]])
    shell = lathe(profile, 44)
    inside = lathe(np.concatenate([[(0, 0.0538)], inner, [(0.0318, 0.0)]]), 44)
    p = lathe_texels(profile, 512, 256)
    patina = fbm(p * 70, 5, 651)
    streak = fbm(np.stack([np.arctan2(p[..., 2], p[..., 0]) * 0, p[..., 1] * 2600, 0 * patina], -1), 2, 652)
    rough = np.clip(0.20 + 0.16 * step(0.0, 0.6, patina) + 0.05 * streak, 0.05, 1)
    c = ramp(np.clip(0.5 + 0.6 * patina, 0, 1), [(0, "#e3bd68"), (0.6, "#d3a84f"), (1, "#a87e38")])
    lines = sum(1 - step(0.0002, 0.0005, np.abs(p[..., 1] - y)) for y in (0.0105, 0.0125, 0.0470))
    c = mix(c, rgb("#6d4d1e"), 0.7 * np.clip(lines, 0, 1))
    brass = Material("Brass", metallic=1.0, roughness=1.0, color_map=jpeg(c, 82), surface_map=jpeg(surface(rough, 1.0), 75))
    wood_profile = np.concatenate([[(0, 0.0605)], spline([(0.0062, 0.0605), (0.0072, 0.066), (0.0058, 0.073), (0.0085, 0.086), (0.0105, 0.100), (0.0090, 0.112), (0.0062, 0.117), (0.0088, 0.123), (0.0074, 0.131), (0.0030, 0.1345)], 28), [(0, 0.1348)]])
    q = lathe_texels(wood_profile, 256, 256)
    grain, _ = wood(np.stack([q[..., 1], q[..., 0], q[..., 2]], -1), WALNUT, (0.0, -0.012), seed=4)
    clapper = merge(moved(ball(0.0062, 10, 14), (0.004, 0.0095, 0)), sweep([(0, 0.053, 0), (0.001, 0.035, 0), (0.0035, 0.012, 0)], 0.0012, 0.0012, 8))
    iron = Material("Iron", linear("#5a5856"), 1.0, 0.45)
    return Model("Bell", [Part("Body", brass, merge(shell, inside)), Part("Handle", Material("Walnut", roughness=0.32, color_map=jpeg(grain, 82)), lathe(wood_profile, 28)),
                          Part("Clapper", iron, clapper)], crease=42)


def candle():
    r, h = 0.034, 0.098
    wax = np.concatenate([filleted([(0, 0.006, 0), (r - 0.001, 0.006, 0.001), (r, h - 0.006, 0.004), (r - 0.006, h, 0.002)], segments=4),
                          spline([(r - 0.0085, h - 0.0012), (r - 0.013, h - 0.0052), (0.012, h - 0.0082), (0.004, h - 0.0088), (0, h - 0.0088)], 9)])

    def soft(angle, q):
        top = step(h - 0.03, h, q[..., 1])
        return 1 + top * 0.012 * np.sin(3 * angle + 0.7) + 0.006 * np.sin(2 * angle)
    wax = refined(wax, 0.02)
    p = lathe_texels(wax, 512, 256)
    tone = fbm(p * 45, 4, 661)
    c = ramp(np.clip(0.55 + 0.5 * tone, 0, 1), [(0, "#efe0c0"), (1, "#f6ecd6")])
    pool = 1 - step(0.010, 0.026, np.hypot(p[..., 0], p[..., 2]))
    c = mix(c, rgb("#e6cd98"), 0.7 * pool * (p[..., 1] > 0.05))
    c = mix(c, rgb("#8a7a60"), 0.6 * (1 - step(0.0015, 0.005, np.hypot(p[..., 0], p[..., 2]))) * (p[..., 1] > 0.05))
    rough = 0.42 - 0.22 * pool * (p[..., 1] > 0.05) + 0.06 * tone
    height = 0.0004 * fbm(p * 60, 3, 662)
    paraffin = Material("Wax", roughness=1.0, color_map=jpeg(c, 80), surface_map=jpeg(surface(rough)[::2, ::2], 75), normal_map=jpeg(normals_on(wax, height)[::2, ::2], 80))
    wick = spline([(0, h - 0.0110, 0), (0.0003, h - 0.004, 0), (0.0016, h + 0.002, 0.0006), (0.0042, h + 0.0052, 0.0012)], 12)
    dish = filleted([(0, 0.0012, 0), (0.030, 0.0012, 0.001), (0.032, 0.0, 0.001), (0.046, 0.0008, 0.004), (0.0555, 0.0085, 0.002), (0.0562, 0.0105, 0.0008), (0.0545, 0.0105, 0.0008),
                     (0.0455, 0.0035, 0.004), (0.036, 0.0062, 0.003), (0, 0.0062, 0)], segments=3)
    patina = tiled(256, 256, 5, 5, 5, 663)
    brass = Material("Brass", linear("#c9a35a"), 1.0, 1.0, surface_map=jpeg(surface(0.28 + 0.14 * patina, 1.0), 75))
    return Model("Candle", [Part("Wax", paraffin, lathe(wax, 40, shape=soft)), Part("Wick", Material("Char", linear("#26201b"), roughness=0.95), sweep(wick, 0.0011, 0.0011, 10)),
                            Part("Dish", brass, lathe(dish, 44))], crease=45)


def leaf(length, width, thick, curl):
    """A fleshy leaf along +x, its tip turned up; texture: v from the tip (0) to the base (1)."""
    n, m = 8, 8
    t = np.linspace(0, 1, n)
    w = width * np.interp(t, [0, 0.12, 0.35, 0.65, 0.82, 0.93, 1], [0.30, 0.42, 0.74, 1.0, 0.86, 0.48, 0.06])
    h = thick * np.interp(t, [0, 0.3, 0.7, 0.9, 1], [0.55, 0.95, 1.0, 0.65, 0.10])
    angle = curl * t**1.5
    step_ = length / (n - 1)
    x = np.concatenate([[0], np.cumsum(step_ * np.cos((angle[1:] + angle[:-1]) / 2))])
    y = np.concatenate([[0], np.cumsum(step_ * np.sin((angle[1:] + angle[:-1]) / 2))])
    path = np.stack([x, y, 0 * x], 1)

    def section(a):
        return np.cos(a), np.where(np.sin(a) > 0, 0.55, 1.0) * np.sin(a) + 0.30 * np.cos(a)**2
    return sweep(path, w, h, m, section)


def succulent():
    pot = filleted([(0, 0.003, 0), (0.0235, 0.003, 0.001), (0.025, 0.0, 0.0008), (0.0275, 0.0, 0.0015), (0.0368, 0.052, 0), (0.0400, 0.0525, 0.001), (0.0415, 0.0680, 0.0018), (0.0375, 0.0680, 0.0018),
                    (0.0355, 0.058, 0), (0, 0.0585, 0)], segments=3)
    pot = refined(pot, 0.02)
    terracotta = clay(512, 256, "#c0673d", 671)
    u, v = texels(512, 256)
    salt = step(0.05, 0.5, tiled(512, 256, 6, 3, 5, 672) + 0.6 * (v - 0.45))
    terracotta = mix(terracotta, rgb("#dcc3ac"), 0.42 * salt)
    del u
    a = np.linspace(0, 2 * np.pi, 41)
    rr = np.linspace(0.0362, 0.0, 9)
    bump = 0.0022 * fbm(np.stack([rr[:, None] * np.cos(a) * 260, rr[:, None] * np.sin(a) * 260], -1), 3, 673) * (rr[:, None] < 0.035)
    top = np.stack([rr[:, None] * np.cos(a), 0.0605 + bump, -rr[:, None] * np.sin(a)], -1)
    top[-1] = top[-1, 0]
    bottom = np.stack([rr[::-1, None] * np.cos(a), np.full((9, 41), 0.052), -rr[::-1, None] * np.sin(a)], -1)
    sheet = np.concatenate([bottom, top])
    soil = grid(sheet, np.stack([0.5 + sheet[..., 0] / 0.08, 0.5 + sheet[..., 2] / 0.08], -1), wrap=True)
    d, who = cells(np.stack(texels(256, 256), -1) * 34, 674, [34, 34])
    earth = ramp(np.clip(who * 0.9 + 0.2 * tiled(256, 256, 40, 40, 3, 675) - 0.25 * d, 0, 1), [(0, "#2d2119"), (0.6, "#54402f"), (0.85, "#8a7a68"), (1, "#b5aa9a")])
    leaves, count = [], 31
    for k in range(count):
        age = (k + 1) / count  # 0: the heart, 1: the outermost
        size = 0.012 + 0.030 * age**0.75
        rise = np.radians(82 - 72 * age)
        m = leaf(size, size * 0.36, 0.0030 + 0.0016 * age, 0.55 + 0.35 * (1 - age))
        m.uv[:, 0] = (m.uv[:, 0] + unit(676, k)) * 0.5
        m = moved(m, (0.0016 + 0.005 * age, 0, 0), rotation((0, 0, 1), np.degrees(rise)))
        m = moved(m, (0, 0.0625 + 0.010 * (1 - age), 0), rotation((0, 1, 0), 137.508 * k + 8 * unit(677, k)))
        leaves.append(m)
    v = texels(256, 256)[1]
    n = tiled(256, 256, 5, 5, 4, 678)
    green = ramp(np.clip(v + 0.07 * n, 0, 1), [(0, "#b4524f"), (0.07, "#b98a72"), (0.18, "#93b48c"), (0.55, "#7fa98a"), (1, "#a9c59a")])
    bloom = 0.55 + 0.12 * n
    flesh = Material("Leaf", roughness=1.0, color_map=jpeg(green, 82), surface_map=jpeg(surface(bloom)[::2, ::2], 75))
    return Model("Succulent", [Part("Pot", Material("Terracotta", roughness=0.85, color_map=jpeg(terracotta, 80)), lathe(pot, 48)),
                               Part("Soil", Material("Soil", roughness=0.95, color_map=jpeg(earth, 78)), soil), Part("Plant", flesh, merge(*leaves))], crease=55)


# ---------------------------------------------------------------- kitchen

def octagon(angle):
    return np.cos(np.pi / 8) / np.cos(angle % (np.pi / 4) - np.pi / 8)


def moka_pot():
    def facets(angle, q):
        return octagon(angle) + 0 * q[..., 0]

    def spouted(angle, q):
        near = np.exp(-((((angle + np.pi) % (2 * np.pi)) - np.pi) / 0.30)**2)
        return octagon(angle) * (1 + 0.30 * near * step(0.112, 0.150, q[..., 1]))
    base = refined(filleted([(0, 0.0012, 0), (0.040, 0.0012, 0.001), (0.0430, 0.0, 0.001), (0.0462, 0.0018, 0.002), (0.0455, 0.012, 0.004), (0.0352, 0.0690, 0.002), (0.0345, 0.0705, 0), (0, 0.0705, 0)], segments=2), 0.02)
    band = filleted([(0, 0.0685, 0), (0.0345, 0.0685, 0.0006), (0.0362, 0.0700, 0.0008), (0.0362, 0.0785, 0.0008), (0.0340, 0.0800, 0.0008), (0, 0.0800, 0)], segments=2)
    top = refined(filleted([(0, 0.0790, 0), (0.0335, 0.0790, 0), (0.0345, 0.0815, 0.001), (0.0432, 0.1510, 0.001), (0.0418, 0.1518, 0.0004), (0, 0.1518, 0)], segments=1), 0.018)
    lid = filleted([(0, 0.1512, 0), (0.0440, 0.1512, 0.0004), (0.0440, 0.1545, 0.0010), (0.0300, 0.1640, 0.004), (0.0100, 0.1690, 0.001), (0, 0.1692, 0)], segments=2)
    knob = filleted([(0, 0.1680, 0), (0.0050, 0.1680, 0), (0.0050, 0.1715, 0.001), (0.0088, 0.1740, 0.0015), (0.0080, 0.1860, 0.003), (0, 0.1870, 0)], segments=3)
    path = spline([(-0.0405, 0.1440, 0), (-0.0520, 0.1475, 0), (-0.0690, 0.1440, 0), (-0.0745, 0.1280, 0), (-0.0720, 0.1080, 0), (-0.0665, 0.0880, 0)], 30)
    t = np.linspace(0, 1, 30)
    grip = sweep(path, 0.0062 + 0.0012 * np.sin(np.pi * t), 0.0050 + 0.0016 * t, 14)
    brushed = 0.25 + 0.07 * tiled(256, 256, 90, 2, 3, 681) + 0.08 * tiled(256, 256, 5, 5, 5, 682)
    metal = Material("Aluminium", linear("#dcdcdd"), 1.0, 1.0, surface_map=jpeg(surface(brushed, 1.0), 75))
    steel = Material("Steel", linear("#b9b8b6"), 1.0, 0.24)
    bakelite = Material("Bakelite", linear("#1b1a1a"), roughness=0.30, color_map=jpeg(flat(128, 128, "#ffffff") * (0.9 + 0.12 * tiled(128, 128, 8, 8, 4, 683))[..., None], 75))
    hinge = moved(rounded_box((0.010, 0.0075, 0.016), 0.0018, 2), (-0.0425, 0.1505, 0))
    return Model("MokaPot", [Part("Base", metal, lathe(base, 32, shape=facets)), Part("Band", steel, lathe(band, 40)), Part("Top", metal, merge(lathe(top, 40, shape=spouted), hinge)),
                             Part("Lid", metal, lathe(lid, 32, shape=facets)), Part("Knob", bakelite, lathe(knob, 32)), Part("Handle", bakelite, grip)], crease=28)


def spoon():
    n, m = 52, 28
    t = np.linspace(0, 1, n)
    t = np.concatenate([[0.0], 0.5 - 0.5 * np.cos(np.pi * np.linspace(0.06, 0.94, n - 2)), [1.0]])
    x = 0.178 * t
    bowl_part = np.clip(1 - ((x - 0.027) / 0.0285)**2, 0, 1)
    handle_w = np.interp(x, [0.045, 0.06, 0.10, 0.150, 0.170, 0.1755, 0.178], [0.0052, 0.0036, 0.0036, 0.0068, 0.0078, 0.0066, 0.0030])
    w = np.maximum(0.0192 * np.sqrt(bowl_part) * (1 - 0.10 * (x - 0.027) / 0.027), np.where(x > 0.045, handle_w, 0.0016))
    w = np.convolve(np.pad(w, 2, mode="edge"), np.ones(5) / 5, "valid")
    yc = spline([(0.0, 0.0085), (0.027, 0.0078), (0.050, 0.0100), (0.070, 0.0155), (0.110, 0.0160), (0.150, 0.0085), (0.178, 0.0026)], 200)
    y = np.interp(x, yc[:, 0], yc[:, 1])
    depth = 0.0068 * np.clip(1 - ((x - 0.026) / 0.029)**2, 0, 1)
    thick = np.interp(x, [0, 0.05, 0.07, 0.178], [0.0007, 0.0010, 0.0015, 0.0010])
    a = np.linspace(0, 2 * np.pi, m + 1)
    z = w[:, None] * np.cos(a)
    sheet = np.stack([np.broadcast_to(x[:, None], z.shape), y[:, None] - depth[:, None] * (1 - np.cos(a)**2) + thick[:, None] * np.sin(a), -z], -1)
    ends = [np.broadcast_to(sheet[k, :-1].mean(0), (1, m + 1, 3)) for k in (0, -1)]
    sheet = np.concatenate([ends[0], sheet, ends[1]])
    uv = np.stack([np.clip(sheet[..., 0] / 0.18, 0, 1), np.clip(0.5 + sheet[..., 2] / 0.045, 0, 1)], -1)
    body = moved(grid(sheet, uv, wrap=True), (-0.089, 0, 0))
    if np.sum(np.cross(*(body.points[body.faces[:, k]] for k in (0, 1))) * body.points[body.faces[:, 2]]) < 0:
        body.faces = body.faces[:, ::-1]
    rough = 0.17 + 0.06 * tiled(256, 256, 3, 60, 3, 691) + 0.05 * tiled(256, 256, 5, 5, 5, 692)
    steel = Material("Steel", linear("#d0cfcc"), 1.0, 1.0, surface_map=jpeg(surface(rough, 1.0), 75))
    return Model("Spoon", [Part("Body", steel, body)], crease=60)


ALL = [wooden_block, toy_car, rubber_duck, puzzle_cube, tennis_ball, pencil, bell, candle, succulent, moka_pot, spoon]
