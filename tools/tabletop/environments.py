"""Environment maps: four skies from formulas, four rooms from a small light tracer (boxes and panels, two bounces).

Each is linear radiance [256, 512, 3] around a viewer at the origin, y up, the top row looks up. They are scaled so
that a white floor seen from above has radiance `LEVEL` of its maker.
"""
from dataclasses import dataclass, field

import numpy as np

from .noise import cells, fbm, unit
from .paint import step

WIDTH, HEIGHT, FINE = 512, 256, 2


def directions(width, height):
    u, v = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    phi, theta = 2 * np.pi * u, np.pi * v
    return np.stack([np.sin(theta) * np.sin(phi), np.cos(theta), -np.sin(theta) * np.cos(phi)], -1)


def solid_angles(height, width):
    theta = np.pi * (np.arange(height) + 0.5) / height
    return np.broadcast_to((np.sin(theta) * 2 * np.sin(np.pi / height / 2) * 2 * np.pi / width)[:, None], (height, width))


def leveled(picture, level):
    """Scaled so that light falling on a white floor leaves it with luminance `level`."""
    d = directions(picture.shape[1], picture.shape[0])
    weight = solid_angles(*picture.shape[:2]) * np.maximum(d[..., 1], 0) / np.pi
    y = np.sum(weight[..., None] * picture, (0, 1)) @ [0.2126, 0.7152, 0.0722]
    return picture * (level / y)


def halved(picture):
    h, w = picture.shape[0] // FINE, picture.shape[1] // FINE
    return picture.reshape(h, FINE, w, FINE, -1).mean((1, 3))


def with_sun(picture, toward, radius_degrees, radiance):
    """Adds a disc, its rim averaged over each pixel."""
    h, w = picture.shape[:2]
    fine = 16
    row = np.arccos(toward[1]) / np.pi * h
    rows = slice(max(int(row) - 4, 0), int(row) + 5)
    many = directions(w * fine, h * fine)[rows.start * fine:rows.stop * fine]
    inside = (many @ toward > np.cos(np.radians(radius_degrees))).astype(float)
    share = inside.reshape(rows.stop - rows.start, fine, w, fine).mean((1, 3))
    picture[rows] += share[..., None] * np.asarray(radiance)
    return picture


def toward(azimuth_degrees, elevation_degrees):
    a, e = np.radians(azimuth_degrees), np.radians(elevation_degrees)
    return np.array([np.cos(e) * np.sin(a), np.sin(e), -np.cos(e) * np.cos(a)])


def rgb3(*c):
    return np.array(c, float)


def mix(a, b, t):
    return a + (b - a) * np.asarray(t)[..., None]


# ---------------------------------------------------------------- outdoors

def around(d):
    """A point on a cylinder for things along the horizon, seamless in azimuth."""
    flat = d[..., [0, 2]]
    return flat / np.maximum(np.linalg.norm(flat, axis=-1, keepdims=True), 1e-9)


def ridge(d, height, rough, seed):
    """1 below a skyline of about `height` [rad], 0 above."""
    a = around(d)
    line = height * (1 + rough * fbm(a * 2.5, 5, seed, 0.55))
    return 1 - step(-0.004, 0.004, np.arcsin(np.clip(d[..., 1], -1, 1)) - line)


def clouds(d, scale, low, high, seed, stretch=(1, 1)):
    p = d[..., [0, 2]] / np.maximum(d[..., 1:2], 0.03) * scale * np.asarray(stretch)
    n = fbm(p, 6, seed, 0.55)
    return step(low, high, n) * step(0.02, 0.14, d[..., 1]), n


def band(d, high):
    """The rows of the picture near the horizon, up to an elevation of `high` [rad]."""
    elevation = np.arcsin(np.clip(d[:, 0, 1], -1, 1))
    rows = np.nonzero((elevation > -0.06) & (elevation < high))[0]
    return slice(rows[0], rows[-1] + 1)


def angles(d):
    return np.arctan2(d[..., 0], -d[..., 2]), np.arcsin(np.clip(d[..., 1], -1, 1))


def with_trees(picture, d, count, widths, colors, light, seed):
    """Round crowns along the horizon, the near ones last; `light` is where their lit side looks."""
    rows = band(d, 3.2 * widths[1])
    azimuth, elevation = angles(d[rows])
    leaf = fbm(np.concatenate([around(d[rows]) * 38, d[rows][..., 1:2] * 44], -1), 5, seed, 0.6)
    out = picture[rows]
    for k in range(count):
        width = widths[0] + (widths[1] - widths[0]) * (k / count)**2
        height = width * (0.9 + 0.9 * unit(seed, k, 1))
        turn = (azimuth - 2 * np.pi * unit(seed, k, 2) + np.pi) % (2 * np.pi) - np.pi
        x, y = turn / width, (elevation - 0.45 * height) / (0.72 * height)
        inside = 1 - step(0.92, 1.04, np.hypot(x, np.where(y < 0, 0.7 * y, y)) + 0.42 * leaf)
        side = np.clip(0.62 + 0.32 * y + 0.28 * x * np.sign(np.sin(light - 2 * np.pi * unit(seed, k, 2))) + 0.7 * leaf, 0.12, 1.5)
        color = np.asarray(colors[int(unit(seed, k, 3) * len(colors))])
        out = mix(out, color * side[..., None], inside)
    picture[rows] = out
    return picture


def with_city(picture, d, seed):
    """Three rows of houses in the haze."""
    rows = band(d, 0.6)
    azimuth, elevation = angles(d[rows])
    out = picture[rows]
    for layer, (count, low, high, haze) in enumerate(((90, 0.05, 0.26, 0.62), (48, 0.04, 0.24, 0.34), (26, 0.02, 0.20, 0.10))):
        place = (azimuth / (2 * np.pi) + 0.5) * count
        k = np.floor(place).astype(int) % count
        top = low + (high - low) * unit(seed, layer, k)**1.6
        x, y = place % 1, elevation / 0.021
        wall = (0.16 + 0.26 * unit(seed, layer, k, 2))[..., None] * (rgb3(1.05, 1.0, 0.94) + (unit(seed, layer, k, 3) - 0.35)[..., None] * rgb3(0.35, 0.05, -0.2))
        column = x * np.round(4 + 4 * unit(seed, layer, k, 5))
        window = (np.abs(column % 1 - 0.5) < 0.28) & (np.abs(y % 1 - 0.5) < 0.30)
        glass = 0.12 + 0.55 * unit(seed, layer, k, np.floor(column), np.floor(y))**3
        c = np.where(window[..., None], glass[..., None] * rgb3(0.75, 0.86, 1.0), wall * (0.88 + 0.12 * (np.abs(x - 0.5) < 0.47))[..., None])
        out = mix(out, mix(c, rgb3(0.66, 0.70, 0.75), np.full(x.shape, haze)), 1 - step(-0.002, 0.002, elevation - top))
    picture[rows] = out
    return picture


def plane(d, height=1.5):
    """Where a look meets the ground [m], and how fine a pattern can still be seen there (1 near, 0 far)."""
    p = d[..., [0, 2]] / np.maximum(-d[..., 1:2], 0.01) * height
    return p, step(0.03, 0.22, -d[..., 1])


def paving(d, color, far, size, seed):
    p, near = plane(d)
    q = p / size + np.stack([0 * p[..., 1], 0.5 * np.floor(p[..., 0] / size)], -1)
    joint = 1 - step(0.0, 0.05, 0.5 - np.max(np.abs(q - np.floor(q) - 0.5), -1))
    tone = 1 + near * (0.28 * (unit(seed, np.floor(q[..., 0]), np.floor(q[..., 1])) - 0.5) + 0.22 * fbm(p * 1.3, 5, seed) - 0.45 * joint)
    return mix(np.asarray(color) * tone[..., None], np.asarray(far), np.exp(np.minimum(d[..., 1], 0) * 12))


def meadow(d, colors, far, seed, rows=0.0):
    """Grass in drifts; `rows` [m] apart it stands in furrows."""
    p, near = plane(d)
    drift = fbm(p * 0.35, 4, seed)
    blade = fbm(p * np.array([3.2, 7.0]), 5, seed + 5, 0.65) * near
    furrow = 0.22 * np.sin(2 * np.pi * p[..., 0] / rows) * near if rows else 0.0
    c = mix(np.asarray(colors[0]), np.asarray(colors[1]), np.clip(0.5 + 0.8 * drift, 0, 1)) * np.clip(1 + 0.75 * blade + furrow, 0.2, 2)[..., None]
    flower, who = cells(p * 2.2, seed + 9)
    c = mix(c, np.asarray(colors[2]), (who < 0.30) * near * (1 - step(0.04, 0.09, flower)))
    return mix(c, np.asarray(far), np.exp(np.minimum(d[..., 1], 0) * 9))


def overcast():
    d = directions(WIDTH * FINE, HEIGHT * FINE)
    y = d[..., 1]
    sky = ((1 + 2 * np.clip(y, 0, 1)) / 3)[..., None] * rgb3(0.93, 0.98, 1.06)
    _, n = clouds(d, 0.7, 0, 1, 401)
    _, broad = clouds(d, 0.22, 0, 1, 402)
    sky = sky * (1 + (0.30 * n + 0.45 * broad) * step(0.0, 0.35, y))[..., None]
    square = paving(d, rgb3(0.25, 0.25, 0.245), rgb3(0.24, 0.25, 0.25), 0.9, 404)
    picture = with_city(mix(sky, square, 1 - step(-0.006, 0.0, y)), d, 403)
    picture = with_trees(picture, d, 16, (0.05, 0.15), [(0.10, 0.15, 0.07), (0.13, 0.15, 0.06), (0.08, 0.13, 0.08)], 0.0, 406)
    return leveled(halved(picture), 0.85)


def clear_sky():
    sun = toward(60, 48)
    d = directions(WIDTH * FINE, HEIGHT * FINE)
    y = d[..., 1]
    near = d @ sun
    high = np.clip(y, 0, 1)**0.55
    sky = mix(rgb3(0.62, 0.76, 0.92), rgb3(0.10, 0.235, 0.58), high) * 1.35
    sky = sky + (0.9 * np.exp((near - 1) * 18) + 5.0 * np.exp((near - 1) * 260))[..., None] * rgb3(1, 0.96, 0.88)
    mask, n = clouds(d, 0.75, 0.05, 0.34, 411)
    _, toward_sun = clouds(d + 0.05 * sun, 0.75, 0, 1, 411)
    lit = np.clip(0.75 + 1.1 * (n - toward_sun), 0.45, 1.15)
    sky = mix(sky, lit[..., None] * rgb3(2.9, 2.86, 2.8), 0.92 * mask)
    leaf = fbm(np.concatenate([around(d) * 30, y[..., None] * 34], -1), 4, 412)
    hills = mix(rgb3(0.50, 0.68, 0.86), rgb3(0.52, 0.70, 0.62), 0.5 + 0.5 * leaf)
    sky = mix(sky, hills, ridge(d, 0.115, 0.8, 414))
    grass = meadow(d, [rgb3(0.42, 0.62, 0.17), rgb3(0.72, 0.78, 0.30), rgb3(2.0, 2.0, 1.8)], rgb3(0.66, 0.80, 0.36), 413)
    picture = mix(sky, grass, 1 - step(-0.006, 0.0, y))
    picture = with_trees(picture, d, 60, (0.03, 0.21), [(0.28, 0.46, 0.11), (0.36, 0.52, 0.14), (0.20, 0.36, 0.12), (0.42, 0.50, 0.16)], np.radians(60), 416)
    return leveled(with_sun(halved(picture), sun, 0.53, rgb3(1, 0.95, 0.86) * 34000), 0.95)


def golden_hour():
    sun = toward(250, 9.5)
    d = directions(WIDTH * FINE, HEIGHT * FINE)
    y = d[..., 1]
    near = d @ sun
    toward_side = 0.5 + 0.5 * (around(d) @ around(sun))
    low = mix(rgb3(0.50, 0.42, 0.56), rgb3(1.35, 0.72, 0.30), toward_side**1.5)
    sky = mix(low, rgb3(0.16, 0.24, 0.46), np.clip(y * 1.25, 0, 1)**0.6)
    sky = sky + (1.3 * np.exp((near - 1) * 7) + 6.5 * np.exp((near - 1) * 120))[..., None] * rgb3(1, 0.62, 0.26)
    mask, n = clouds(d, 0.6, -0.02, 0.42, 421, (1.0, 0.35))
    warm = mix(rgb3(0.62, 0.40, 0.48), rgb3(2.3, 1.15, 0.52), np.clip(0.5 + 0.5 * near, 0, 1)**2)
    sky = mix(sky, warm * (1 + 0.5 * n)[..., None], 0.75 * mask)
    for height, rough, seed, c in [(0.13, 0.7, 422, (0.50, 0.34, 0.33)), (0.085, 1.0, 423, (0.26, 0.18, 0.17))]:
        glow = mix(rgb3(*c), rgb3(*c) * rgb3(2.6, 1.9, 1.2), toward_side**4)
        sky = mix(sky, glow, ridge(d, height, rough, seed))
    wheat = meadow(d, [rgb3(0.44, 0.26, 0.09), rgb3(0.62, 0.40, 0.15), rgb3(0.9, 0.25, 0.10)], rgb3(0.62, 0.38, 0.16), 425, rows=0.85)
    picture = mix(sky, wheat, 1 - step(-0.006, 0.0, y))
    picture = with_trees(picture, d, 22, (0.03, 0.13), [(0.13, 0.10, 0.05), (0.17, 0.12, 0.05)], np.radians(250), 424)
    return leveled(with_sun(halved(picture), sun, 0.60, rgb3(1, 0.60, 0.25) * 21000), 0.75)


# ---------------------------------------------------------------- rooms

@dataclass
class Panel:
    """A shining rectangle: a window, a softbox, a tube. It shines along cross(right, up)."""
    middle: tuple
    right: tuple  # half the width
    up: tuple  # half the height
    light: tuple  # radiance
    samples: int = 16
    pattern: object = None  # (s, t) in -1..1 -> factor or radiance [..., 3]
    seen: object = None  # radiance that the eye sees, if other than the light


@dataclass
class Room:
    low: tuple
    high: tuple
    walls: object  # (points, axis, sign) -> albedo
    boxes: list = field(default_factory=list)  # (low, high, albedo or function of points)
    panels: list = field(default_factory=list)
    haze: tuple = (0.0, 0.0, 0.0)  # light that has bounced more than twice


def _slab(origin, d, low, high):
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (np.asarray(low) - origin) / d, (np.asarray(high) - origin) / d
    return np.nanmax(np.minimum(a, b), -1), np.nanmin(np.maximum(a, b), -1)


def _box_normal(p, low, high):
    middle, half = (np.asarray(low) + high) / 2, (np.asarray(high) - low) / 2
    q = (p - middle) / half
    axis = np.argmax(np.abs(q), -1)
    n = np.zeros_like(p)
    np.put_along_axis(n, axis[..., None], np.sign(np.take_along_axis(q, axis[..., None], -1)), -1)
    return n


def _panel_hit(panel, origin, d):
    r, u = np.asarray(panel.right, float), np.asarray(panel.up, float)
    n = np.cross(r, u)
    n /= np.linalg.norm(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = ((np.asarray(panel.middle) - origin) @ n) / (d @ n)
    q = origin + d * t[..., None] - panel.middle
    s, w = q @ r / (r @ r), q @ u / (u @ u)
    ok = (t > 1e-4) & (np.abs(s) <= 1) & (np.abs(w) <= 1) & (d @ n < 0)
    return np.where(ok, t, np.inf), s, w


def _trace(room, d):
    """What the eye at the origin sees: distance, normal, albedo, and light of its own."""
    _, t = _slab(np.zeros(3), d, room.low, room.high)
    p = d * t[..., None]
    n = -_box_normal(p, room.low, room.high)
    albedo = room.walls(p, n)
    own = np.zeros_like(d)
    for low, high, color in room.boxes:
        near, far = _slab(np.zeros(3), d, low, high)
        hit = (near < far) & (near > 0) & (near < t)
        t = np.where(hit, near, t)
        q = d[hit] * near[hit][:, None]
        n[hit] = _box_normal(q, low, high)
        albedo[hit] = color(q, n[hit]) if callable(color) else np.asarray(color)
    for panel in room.panels:
        near, s, w = _panel_hit(panel, np.zeros(3), d)
        hit = near < t
        t = np.where(hit, near, t)
        shine = np.broadcast_to(np.asarray(panel.light, float), d.shape).copy()
        if panel.seen is not None:
            shine = panel.seen(d, s, w)
        elif panel.pattern is not None:
            shine = shine * panel.pattern(s, w)[..., None]
        own[hit] = shine[hit]
        albedo[hit] = 0
    return t, n, albedo, own


def _blocked(room, p, d, distance):
    out = np.zeros(p.shape[:-1], bool)
    for low, high, _ in room.boxes:
        near, far = _slab(p, d, np.asarray(low) + 1e-3, np.asarray(high) - 1e-3)
        out |= (near < far) & (far > 1e-3) & (near < distance - 1e-3)
    return out


def _lit_by(room, p, n, points, normals, power):
    """Irradiance / pi at p from small flat lights: power = radiance * area of each."""
    out = np.zeros_like(p)
    for q, m, w in zip(points, normals, power):
        to = q - p
        square = np.maximum(np.sum(to * to, -1), 0.05)
        distance = np.sqrt(square)
        to = to / distance[..., None]
        form = np.maximum(np.sum(n * to, -1), 0) * (np.maximum(-(to @ m), 0) if m is not None else 1.0) / square
        seen = form > 1e-6
        if seen.any():
            seen[seen] = ~_blocked(room, p[seen], to[seen], distance[seen])
        out += (form * seen)[..., None] * w / np.pi
    return out


def _lamp_points(panel, seed):
    r, u = np.asarray(panel.right, float), np.asarray(panel.up, float)
    ratio = np.linalg.norm(r) / np.linalg.norm(u)
    a = max(1, int(round(np.sqrt(panel.samples * ratio))))
    b = max(1, int(round(panel.samples / a)))
    n = np.cross(r, u)
    area = 4 * np.linalg.norm(n)
    n /= np.linalg.norm(n)
    points = []
    for i in range(a):
        for j in range(b):
            s = 2 * (i + unit(seed, i, j, 1)) / a - 1
            t = 2 * (j + unit(seed, i, j, 2)) / b - 1
            points.append(np.asarray(panel.middle) + s * r + t * u)
    return points, [n] * len(points), [np.asarray(panel.light, float) * area / len(points)] * len(points)


def _bounces(room, lamps, count, seed):
    """Places in the room that pass on what the lamps give them."""
    k = np.arange(count)
    z, a = 1 - 2 * (k + 0.5) / count, 2 * np.pi * ((k * 0.6180339887 + unit(seed, 0)) % 1)
    d = np.stack([np.sqrt(1 - z * z) * np.cos(a), z, np.sqrt(1 - z * z) * np.sin(a)], -1)
    t, n, albedo, _ = _trace(room, d)
    p = d * t[:, None] + n * 0.02
    glow = albedo * _lit_by(room, p, n, *lamps)
    area = t**2 * 4 * np.pi / count / np.maximum(np.abs(np.sum(d * n, -1)), 0.15)
    return list(p), list(n), list(glow * area[:, None])


def rendered(room, seed):
    d = directions(WIDTH * FINE, HEIGHT * FINE)
    t, n, albedo, own = _trace(room, d)
    p = d * t[..., None] + n * 0.002
    gathered = [_lamp_points(panel, seed + k) for k, panel in enumerate(room.panels)]
    lamps = [sum((list(g[k]) for g in gathered), []) for k in range(3)]
    bounced = _bounces(room, lamps, 96, seed)
    light = _lit_by(room, p, n, *lamps) + _lit_by(room, p, n, *bounced) + np.asarray(room.haze)
    return halved(own + albedo * light)


def tint(color, *more):
    """An albedo with some mottling."""
    return lambda p, n: np.asarray(color) * (1 + 0.10 * fbm(p * 3, 4, 500))[..., None]


def planks(p, color, width, seed):
    k = np.floor(p[..., 0] / width)
    row = unit(seed, k)
    end = np.floor(p[..., 2] / 1.6 + row * 7)
    tone = 0.75 + 0.5 * unit(seed, k, end)
    fibre = 1 + 0.25 * fbm(np.stack([p[..., 0] * 40, p[..., 2] * 2.5, np.zeros_like(k)], -1), 3, seed)
    gap = np.minimum(np.abs(p[..., 0] / width - np.round(p[..., 0] / width)) / 0.02, 1)
    return np.asarray(color) * (tone * fibre * (0.4 + 0.6 * gap))[..., None]


def books(p, n, seed, shelf, low):
    """Spines side by side, as coloured stripes whose heights differ."""
    along = p[..., 0] + p[..., 2]
    k = np.floor(along / 0.045)
    row = np.floor((p[..., 1] - low) / shelf)
    h = unit(seed, k, row)
    hue = unit(seed, k, row, 2)
    c = np.stack([0.10 + 0.45 * hue, 0.10 + 0.30 * unit(seed, k, row, 3), 0.08 + 0.30 * (1 - hue)], -1) * (0.5 + 0.8 * h)[..., None]
    up = (p[..., 1] - low) / shelf - row
    c = np.where((up > 0.62 + 0.25 * h)[..., None], rgb3(0.03, 0.025, 0.02), c)
    wood = (up < 0.07) | (np.abs((along + 50) % 0.9 - 0.45) > 0.435)
    return np.where(wood[..., None], rgb3(0.30, 0.19, 0.10), c)


def crates(p, n, seed, shelf, low):
    """Boxes of different widths on boards."""
    along = p[..., 0] + p[..., 2]
    row = np.floor((p[..., 1] - low) / shelf)
    k = np.floor(along / 0.34 + 0.37 * row)
    x = (along / 0.34 + 0.37 * row) - k
    up = (p[..., 1] - low) / shelf - row
    palette = rgb3(0.42, 0.30, 0.18), rgb3(0.36, 0.25, 0.15), rgb3(0.10, 0.24, 0.34), rgb3(0.48, 0.36, 0.08), rgb3(0.40, 0.09, 0.07), rgb3(0.22, 0.24, 0.25)
    c = np.stack(palette)[(unit(seed, k, row) * 6).astype(int)]
    label = (np.abs(x - 0.5) < 0.16) & (np.abs(up - 0.34) < 0.09)
    c = np.where(label[..., None], rgb3(0.62, 0.61, 0.58), c)
    empty = (up > 0.50 + 0.34 * unit(seed, k, row, 2)) | (np.abs(x - 0.5) > 0.46) | (unit(seed, k, row, 3) < 0.12)
    c = np.where(empty[..., None], rgb3(0.03, 0.03, 0.035), c)
    return np.where(((up < 0.07) | (np.abs((along + 50) % 1.02 - 0.51) > 0.49))[..., None], rgb3(0.20, 0.21, 0.22), c)


def soft_edge(s, t):
    r = np.maximum(np.abs(s), np.abs(t))
    return (1 - 0.35 * np.hypot(s, t)**2 / 2) * (1 - step(0.94, 1.0, r))


def facing_viewer(middle, width, height):
    """Half axes of a panel that looks at the origin."""
    m = np.asarray(middle, float)
    n = -m / np.linalg.norm(m)
    right = np.cross([0, 1, 0], n)
    right /= np.linalg.norm(right)
    return tuple(right * width / 2), tuple(np.cross(n, right) * height / 2)


def softbox(middle, width, height, light, samples=24):
    r, u = facing_viewer(middle, width, height)
    return Panel(middle, r, u, light, samples, soft_edge)


def studio():
    def walls(p, n):
        c = np.broadcast_to(rgb3(0.16, 0.165, 0.175), p.shape).copy()
        floor = n[..., 1] > 0.5
        c[floor] = rgb3(0.30, 0.30, 0.31)
        back = n[..., 2] > 0.5
        sweep = (1 - step(1.2, 2.2, np.abs(p[..., 0]))) * (1 - step(-0.2, 1.6, p[..., 2]))
        c = mix(c, rgb3(0.62, 0.61, 0.60), sweep * (back | floor))
        return c * (1 + 0.06 * fbm(p * 1.5, 4, 431))[..., None]
    panels = [softbox((-2.5, 1.7, 1.3), 1.9, 1.5, (15, 14.4, 13.4), 36), softbox((2.9, 0.8, 0.4), 0.7, 2.2, (5.4, 6.0, 6.9), 30),
              Panel((0.2, 2.55, -0.6), (1.1, 0, 0), (0, 0, 0.55), (7.5, 7.5, 7.5), 24, soft_edge), softbox((0.9, 1.1, -3.0), 0.35, 1.7, (9, 8.6, 8.0), 20)]
    stands = [((-2.56, -1.2, 1.40), (-2.52, 1.0, 1.44), (0.02, 0.02, 0.02)), ((2.98, -1.2, 0.42), (3.01, -0.2, 0.45), (0.02, 0.02, 0.02)),
              ((3.4, -1.2, -2.6), (4.3, -0.3, -1.6), rgb3(0.10, 0.11, 0.13)), ((-3.9, -1.2, -2.9), (-3.2, 0.5, -2.2), rgb3(0.35, 0.30, 0.25)),
              ((-1.0, -1.2, 3.2), (1.4, -0.35, 3.8), rgb3(0.25, 0.20, 0.16)), ((-0.4, -0.35, 3.3), (0.2, 0.05, 3.6), rgb3(0.03, 0.03, 0.035))]
    return leveled(rendered(Room((-5, -1.2, -4), (5, 2.9, 4.5), walls, stands, panels, (0.05, 0.05, 0.05)), 430), 0.90)


def outside_view(seed, sky, land):
    """What is behind a window: sky over a soft line of trees."""
    def seen(d, s, t):
        line = 0.05 + 0.10 * fbm(around(d) * 9, 4, seed)
        leaf = fbm(np.concatenate([around(d) * 40, d[..., 1:2] * 40], -1), 3, seed + 1)
        c = mix(np.asarray(sky) * (1 + 0.15 * fbm(d * 6, 4, seed + 2))[..., None], np.asarray(land) * (1 + 0.6 * leaf)[..., None], 1 - step(-0.015, 0.015, d[..., 1] - line))
        bars = (np.abs(np.abs(s) - 1 / 3) < 0.012) | (np.abs(s) > 0.975) | (np.abs(t) > 0.98) | (np.abs(t - 0.35) < 0.012)
        return np.where(bars[..., None], rgb3(0.25, 0.24, 0.22) * np.mean(sky) * 0.12, c)
    return seen


def loft():
    def walls(p, n):
        brick_u, brick_v = (p[..., 2] + p[..., 0]) / 0.24, p[..., 1] / 0.08
        shift = np.floor(brick_v) * 0.5
        k = np.floor(brick_u + shift)
        joint = (np.abs((brick_u + shift) % 1 - 0.5) > 0.46) | (np.abs(brick_v % 1 - 0.5) > 0.42)
        brick = np.where(joint[..., None], rgb3(0.62, 0.60, 0.56), rgb3(0.72, 0.68, 0.63) * (0.82 + 0.3 * unit(441, k, np.floor(brick_v)))[..., None])
        plaster = rgb3(0.76, 0.75, 0.72) * (1 + 0.05 * fbm(p * 2, 4, 442))[..., None]
        c = np.where((n[..., 0] < -0.5)[..., None], brick, plaster)
        beams = (n[..., 1] < -0.5) & (np.abs((p[..., 0] + 50) % 1.4 - 0.7) < 0.11)
        c = np.where(beams[..., None], rgb3(0.33, 0.23, 0.15), c)
        return np.where((n[..., 1] > 0.5)[..., None], planks(p, rgb3(0.46, 0.31, 0.19), 0.16, 443), c)
    view = outside_view(444, (9.5, 10.3, 11.4), (1.6, 2.1, 1.0))
    panels = [Panel((-3.4, 0.85, z), (0, 0, -0.85), (0, 1.15, 0), (7.6, 8.2, 9.0), 30, seen=view) for z in (-1.9, 0.25, 2.4)]
    boxes = [((2.2, -1.2, -2.6), (3.4, -0.75, 0.4), tint((0.30, 0.36, 0.38))), ((2.95, -0.75, -2.6), (3.4, -0.3, 0.4), tint((0.27, 0.33, 0.35))),
             ((-1.6, -1.2, -4.5), (1.8, -0.28, -4.0), tint((0.72, 0.71, 0.68))), ((-1.6, -0.28, -4.5), (1.8, -0.24, -3.97), (0.25, 0.17, 0.11)),
             ((2.0, -1.2, 2.2), (3.6, 0.9, 2.6), lambda p, n: books(p, n, 445, 0.42, -1.2)),
             ((-3.0, -1.2, 3.3), (-2.5, -0.7, 3.8), tint((0.42, 0.22, 0.13))), ((-3.05, -0.7, 3.25), (-2.4, 0.3, 3.85), lambda p, n: rgb3(0.10, 0.21, 0.07) * (1 + 1.2 * fbm(p * 14, 3, 446))[..., None]),
             ((-0.9, 0.5, -4.5), (0.1, 1.3, -4.46), lambda p, n: mix(rgb3(0.75, 0.42, 0.20), rgb3(0.14, 0.26, 0.36), step(-0.1, 0.1, fbm(p * 2.5, 3, 447)))),
             ((0.5, 0.45, -4.5), (1.3, 1.25, -4.46), lambda p, n: mix(rgb3(0.80, 0.74, 0.62), rgb3(0.55, 0.20, 0.14), step(0.28, 0.30, 0.6 - np.hypot(p[..., 0] - 0.9, p[..., 1] - 0.8))))]
    return leveled(rendered(Room((-3.42, -1.2, -4.5), (3.6, 2.3, 4.4), walls, boxes, panels, (0.12, 0.12, 0.12)), 440), 0.90)


def evening():
    def walls(p, n):
        stripe = 0.5 + 0.5 * np.sign(np.sin((p[..., 0] + p[..., 2]) * 2 * np.pi / 0.16))
        paper = mix(rgb3(0.30, 0.34, 0.30), rgb3(0.33, 0.37, 0.33), stripe)
        skirting = p[..., 1] < -1.08
        c = np.where(skirting[..., None], rgb3(0.68, 0.64, 0.56), paper)
        c = np.where((n[..., 1] < -0.5)[..., None], rgb3(0.74, 0.71, 0.65), c)
        rug = (np.abs(p[..., 0]) < 1.7) & (np.abs(p[..., 2]) < 1.2)
        pattern = 0.5 + 0.5 * np.sign(np.sin(p[..., 0] * 11) * np.sin(p[..., 2] * 11))
        floor = np.where(rug[..., None], mix(rgb3(0.36, 0.10, 0.08), rgb3(0.46, 0.30, 0.16), pattern), planks(p, rgb3(0.26, 0.15, 0.08), 0.11, 451))
        return np.where((n[..., 1] > 0.5)[..., None], floor, c)
    dusk = outside_view(452, (0.42, 0.62, 1.25), (0.05, 0.07, 0.09))
    warm = rgb3(1.0, 0.62, 0.30)
    panels = [Panel((0.6, 0.55, -2.985), (0.95, 0, 0), (0, 0.8, 0), (0.36, 0.52, 1.0), 16, seen=dusk)]
    panels += _lamp((-2.2, 0.42, -2.1), 0.20, 0.34, warm * 16) + _lamp((2.35, -0.10, 1.7), 0.15, 0.24, warm * 13)
    panels.append(Panel((0.0, 1.12, 0.1), (0.22, 0, 0), (0, 0, 0.22), tuple(warm * 34), 9, lambda s, t: 1 - 0.5 * (s**2 + t**2)))
    boxes = [((-0.24, 1.13, -0.14), (0.24, 1.36, 0.34), (0.08, 0.07, 0.06)), ((-0.01, 1.36, 0.09), (0.01, 1.6, 0.11), (0.02, 0.02, 0.02)),
             ((-2.22, -1.2, -2.12), (-2.18, 0.25, -2.08), (0.20, 0.14, 0.06)), ((2.2, -1.2, 1.5), (2.6, -0.30, 1.9), (0.25, 0.15, 0.08)), ((2.32, -0.3, 1.67), (2.38, -0.2, 1.73), (0.3, 0.22, 0.1)),
             ((-2.8, -1.2, -0.9), (-2.0, -0.8, 1.2), tint((0.42, 0.24, 0.10))), ((-2.8, -0.8, -0.9), (-2.55, -0.3, 1.2), tint((0.40, 0.22, 0.09))),
             ((-1.4, -1.2, 2.65), (1.5, 1.0, 3.0), lambda p, n: books(p, n, 453, 0.36, -1.2)),
             ((2.78, 0.0, -1.2), (2.8, 0.9, 0.0), lambda p, n: mix(rgb3(0.10, 0.16, 0.22), rgb3(0.66, 0.47, 0.22), step(-0.05, 0.2, fbm(p * 3, 4, 454)))),
             ((-0.55, -0.26, -3.0), (1.8, -0.22, -2.8), (0.6, 0.57, 0.5)), ((-0.65, -1.1, -2.98), (-0.38, 1.45, -2.86), tint((0.45, 0.33, 0.22))), ((1.58, -1.1, -2.98), (1.85, 1.45, -2.86), tint((0.45, 0.33, 0.22)))]
    return leveled(rendered(Room((-2.8, -1.2, -3.0), (2.8, 1.6, 3.0), walls, boxes, panels, tuple(warm * 0.06)), 450), 0.62)


def _lamp(middle, radius, height, light):
    """A square lampshade: four glowing sides, bright below the rim."""
    x, y, z = middle
    r, h = radius, height / 2
    side = [((0, 0, r), (r, 0, 0)), ((0, 0, -r), (-r, 0, 0)), ((r, 0, 0), (0, 0, -r)), ((-r, 0, 0), (0, 0, r))]

    def glow(s, t):
        return (0.55 + 0.45 * np.exp(-2 * (s * s + (t + 0.2)**2))) * (0.75 + 0.25 * step(-1, -0.2, t))
    return [Panel((x + o[0], y, z + o[2]), w, (0, h, 0), tuple(light), 4, glow) for o, w in side] + \
        [Panel((x, y + s * h, z), (r, 0, 0), (0, 0, -s * r), tuple(light * 2.2), 4) for s in (1, -1)]


def workshop():
    def walls(p, n):
        concrete = rgb3(0.34, 0.36, 0.38) * (1 + 0.16 * fbm(p * 1.6, 5, 461))[..., None]
        concrete = np.where((p[..., 1] < -0.2)[..., None] & (np.abs(n[..., 1:2]) < 0.5), rgb3(0.13, 0.22, 0.25) * (1 + 0.08 * fbm(p * 4, 3, 462))[..., None], concrete)
        peg = (n[..., 2] > 0.5) & (np.abs(p[..., 0]) < 2.0) & (p[..., 1] > -0.1) & (p[..., 1] < 1.1)
        hole = np.hypot((p[..., 0] * 12) % 1 - 0.5, (p[..., 1] * 12) % 1 - 0.5) < 0.14
        board = np.where(hole[..., None], rgb3(0.06, 0.05, 0.04), rgb3(0.46, 0.34, 0.21))
        c = np.where(peg[..., None], board, concrete)
        return np.where((n[..., 1] > 0.5)[..., None], rgb3(0.24, 0.25, 0.26) * (1 + 0.25 * fbm(p * 1.2, 5, 463))[..., None], c)
    white, cyan, pink = rgb3(0.86, 0.98, 1.10), rgb3(0.015, 0.62, 1.0), rgb3(1.0, 0.02, 0.34)
    tubes = [Panel((x, 1.95, z), (0.05, 0, 0), (0, 0, 0.75), tuple(white * 40), 8, lambda s, t: 1 - 0.5 * step(0.93, 1.0, np.abs(t))) for x in (-1.5, 0.3, 2.1) for z in (-1.8, 0.9)]
    neon = [Panel((-3.35, 1.15, z), (0, 0, -1.3), (0, 0.06, 0), tuple(pink * 26), 10) for z in (-1.6, 1.7)]
    neon += [Panel((3.35, y, 0.2), (0, 0, 2.2), (0, 0.05, 0), tuple(cyan * 22), 12) for y in (1.3,)]
    hung = [((-1.8 + 0.42 * k, 0.15 + 0.25 * unit(464, k), -3.78), (-1.8 + 0.42 * k + 0.06 + 0.10 * unit(465, k), 0.95, -3.72), tuple(rgb3(0.5, 0.1, 0.08) if k % 3 == 0 else rgb3(0.08, 0.09, 0.10))) for k in range(9)]
    boxes = hung + [((-2.2, -0.36, -3.8), (2.2, -0.28, -3.1), tint((0.40, 0.27, 0.15))), ((-2.1, -1.2, -3.7), (-1.4, -0.36, -3.15), (0.50, 0.10, 0.07)), ((1.3, -1.2, -3.7), (2.1, -0.36, -3.15), (0.50, 0.10, 0.07)),
                    ((0.4, -0.28, -3.6), (0.8, 0.02, -3.3), (0.10, 0.22, 0.35)), ((2.7, -1.2, -2.0), (3.38, 0.95, 2.2), lambda p, n: crates(p, n, 466, 0.43, -1.2)),
                    ((-3.38, -1.2, -0.4), (-2.7, 0.4, 0.7), tint((0.16, 0.19, 0.22))), ((-1.2, -1.2, 3.3), (0.6, -0.2, 3.8), tint((0.45, 0.36, 0.10))), ((0.9, -1.2, 3.2), (1.7, 0.5, 3.8), (0.07, 0.10, 0.14))]
    return leveled(rendered(Room((-3.4, -1.2, -3.8), (3.4, 2.0, 3.8), walls, boxes, tubes + neon, (0.05, 0.06, 0.08)), 460), 0.75)


ALL = [studio, loft, overcast, clear_sky, golden_hour, evening, workshop]
