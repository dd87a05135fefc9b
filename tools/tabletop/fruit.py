"""Apple, orange, lemon, pear, banana."""
import numpy as np

from .gltf import Material, Model, Part
from .mesh import lathe, lathe_texels, moved, rotation, spline, sweep
from .noise import cells, fbm
from .paint import jpeg, mix, normals_on, ramp, rgb, step, surface, texels, tiled

STEM = ramp(np.linspace(0, 1, 64)[:, None] + 0.15 * tiled(16, 64, 4, 4, 3, 3), [(0, "#5a4328"), (0.6, "#6f5a32"), (1, "#7d7a3c")])


def stem(path, thick):
    path = spline(path, 12)
    t = np.linspace(0, 1, 12)
    r = thick * (0.8 + 0.7 * np.abs(2 * t - 0.9)**3)
    return Part("Stem", Material("Bark", roughness=0.8, color_map=jpeg(STEM[::-1], 80)), sweep(path, r, r, 10))


def spots(points, per_metre, share, low, high, seed):
    d, who = cells(points * per_metre, seed)
    return (who < share) * (1 - step(low, high, d))


def apple():
    profile = spline([(0, 0.0075), (0.006, 0.0040), (0.0150, 0.0), (0.0270, 0.0055), (0.0362, 0.0210), (0.0394, 0.0400), (0.0368, 0.0585),
                      (0.0265, 0.0705), (0.0150, 0.0728), (0.0060, 0.0672), (0, 0.0635)], 36)

    def lobes(angle, point):
        low = 1 - step(0.0, 0.035, point[..., 1])
        return 1 + (0.018 + 0.035 * low) * np.cos(5 * angle + 0.4) + 0.025 * np.cos(angle - 1)
    p = lathe_texels(profile, 512, 512)
    u, v = texels(512, 512)
    angle = 2 * np.pi * u
    around = np.stack([np.cos(angle), np.sin(angle)], -1)
    streak = 0.9 * fbm(np.concatenate([around * 2.2, v[..., None] * 2.0], -1), 4, 101) + 0.5 * fbm(np.concatenate([around * 22, v[..., None] * 3], -1), 3, 105)
    sunny = 0.5 + 0.5 * np.cos(angle - 2.2)
    red = np.clip(0.55 * sunny + 0.40 + 0.50 * streak - 0.75 * (v > 0.72) * (v - 0.72) - 0.9 * np.clip(0.13 - v, 0, 1) * 4, 0, 1)
    c = ramp(red, [(0, "#cfc052"), (0.22, "#d9a548"), (0.45, "#cc5a38"), (0.65, "#b52a2b"), (1, "#8a1520")])
    hollow = 1 - step(0.0, 0.016, np.hypot(p[..., 0], p[..., 2]) + 0.004 * streak)
    c = mix(c, rgb("#8d8a3e"), 0.75 * hollow * (p[..., 1] > 0.04))
    c = mix(c, rgb("#7a5a32"), 0.8 * (1 - step(0.002, 0.008, np.hypot(p[..., 0], p[..., 2]))) * (p[..., 1] < 0.02))
    c = mix(c, rgb("#e8cf9a"), 0.55 * spots(p, 210, 0.35, 0.07, 0.16, 107))
    rough = 0.25 + 0.10 * tiled(256, 256, 6, 6, 4, 108)
    return Model("Apple", [Part("Body", Material("Skin", roughness=1.0, color_map=jpeg(c, 80), surface_map=jpeg(surface(rough), 75)), lathe(profile, 56, shape=lobes)),
                           stem([(0, 0.061, 0), (0.0008, 0.070, 0.0005), (0.003, 0.080, 0.001), (0.0068, 0.0865, 0.0012)], 0.0011)], crease=60)


def orange():
    profile = spline([(0, 0.0012), (0.010, 0.0), (0.024, 0.0065), (0.0345, 0.021), (0.0372, 0.0365), (0.0345, 0.053), (0.024, 0.0665), (0.010, 0.0722), (0.003, 0.0712), (0, 0.0708)], 34)
    p = lathe_texels(profile, 640, 384)
    pore, _ = cells(p * 560, 121)
    fine, _ = cells(p * 1100, 122)
    height = -0.00022 * (1 - step(0.10, 0.55, pore)) - 0.00006 * (1 - step(0.1, 0.5, fine)) + 0.0003 * fbm(p * 120, 3, 123)
    star = 1 - step(0.0, 0.0045, np.hypot(p[..., 0], p[..., 2]) * (1 + 0.35 * np.cos(5 * np.arctan2(p[..., 2], p[..., 0]))))
    top = star * (p[..., 1] > 0.03)
    tone = fbm(p * 45, 4, 124)
    c = ramp(np.clip(0.5 + 0.6 * tone, 0, 1), [(0, "#dd7a12"), (0.5, "#ee8a17"), (1, "#f59f2c")])
    c = c * (1 - 0.16 * (1 - step(0.08, 0.4, pore)))[..., None]
    c = mix(c, rgb("#b58a2e"), 0.4 * (1 - step(0.004, 0.018, np.hypot(p[..., 0], p[..., 2]))) * (p[..., 1] > 0.05))
    c = mix(c, rgb("#6c7436"), 0.95 * top)
    skin = Material("Peel", roughness=0.38, color_map=jpeg(c[::2, ::2] * 0.5 + c[1::2, 1::2] * 0.5, 84), normal_map=jpeg(normals_on(profile, height), 72))
    return Model("Orange", [Part("Body", skin, lathe(profile, 48))], crease=70)


def lemon():
    profile = spline([(0, 0.0), (0.003, 0.0004), (0.0055, 0.0035), (0.010, 0.0075), (0.020, 0.0165), (0.0262, 0.031), (0.0268, 0.044), (0.0215, 0.059), (0.0125, 0.069),
                      (0.0078, 0.0745), (0.0055, 0.0795), (0.0025, 0.0822), (0, 0.0825)], 34)
    p = lathe_texels(profile, 512, 512)
    pore, _ = cells(p * 620, 131)
    height = -0.00016 * (1 - step(0.08, 0.55, pore)) + 0.0007 * fbm(p * 90, 3, 132)
    tone = fbm(p * 55, 4, 133)
    ends = step(0.036, 0.042, np.abs(p[..., 1] - 0.041))
    c = ramp(np.clip(0.5 + 0.6 * tone, 0, 1), [(0, "#e3b81f"), (0.5, "#f2cf35"), (1, "#f7dc58")]) * (1 - 0.10 * (1 - step(0.08, 0.4, pore)))[..., None]
    c = mix(c, rgb("#a9a63a"), 0.6 * ends)
    skin = Material("Peel", roughness=0.36, color_map=jpeg(c[::2, ::2] * 0.5 + c[1::2, 1::2] * 0.5, 84), normal_map=jpeg(normals_on(profile, height), 70))
    lying = moved(moved(lathe(profile, 48), (0, -0.041, 0)), turn=rotation((0, 0, 1), 84))
    lying = moved(lying, (-(lying.points[:, 0].min() + lying.points[:, 0].max()) / 2, -lying.points[:, 1].min(), 0))
    return Model("Lemon", [Part("Body", skin, lying)], crease=70)


def pear():
    profile = spline([(0, 0.006), (0.005, 0.0035), (0.012, 0.0), (0.024, 0.005), (0.0345, 0.021), (0.0362, 0.038), (0.030, 0.056), (0.0215, 0.072), (0.0180, 0.085),
                      (0.0145, 0.0955), (0.008, 0.1015), (0.003, 0.1005), (0, 0.0990)], 40)
    p = lathe_texels(profile, 512, 512)
    tone = fbm(p * 40, 4, 141)
    blush = np.clip(p[..., 0] / 0.036, 0, 1) * step(0.0, 0.05, p[..., 1]) + 0.25 * tone
    c = ramp(np.clip(0.45 + 0.5 * tone + 3 * (p[..., 1] - 0.05), 0, 1), [(0, "#b9b23f"), (0.6, "#c8c04a"), (1, "#a7ad3b")])
    c = mix(c, rgb("#c7683a"), 0.65 * step(0.35, 1.0, blush))
    c = mix(c, rgb("#7b5e2c"), 0.55 * spots(p, 330, 0.5, 0.08, 0.20, 142))
    russet = step(0.088, 0.102, p[..., 1] + 0.006 * tone) + (1 - step(0.004, 0.014, np.hypot(p[..., 0], p[..., 2]))) * (p[..., 1] < 0.02)
    c = mix(c, rgb("#9a7440"), np.clip(0.7 * russet, 0, 1))

    def lean(mesh):
        x = 0.10 * np.maximum(mesh.points[:, 1] - 0.05, 0)**2 / 0.05 * 2
        mesh.points[:, 0] += x
        return mesh
    body = lean(lathe(profile, 52, shape=lambda a, q: 1 + 0.02 * np.cos(3 * a) + 0.015 * np.cos(a)))
    part = stem([(0, 0.096, 0), (0.0005, 0.104, 0), (0.003, 0.113, 0.001), (0.0075, 0.121, 0.002)], 0.0014)
    lean(part.mesh)
    return Model("Pear", [Part("Body", Material("Skin", roughness=0.40, color_map=jpeg(c, 80)), body), part], crease=60)


def banana():
    n = 46
    t = np.linspace(0, 1, n)
    bow = np.radians(-52 + 118 * t)
    reach = 0.098
    path = np.stack([reach * np.sin(bow), np.zeros(n), reach * np.cos(bow)], 1)
    r = 0.0172 * np.clip(1 - np.abs(2 * t - 0.92)**3.4, 0, 1)**0.72
    neck = np.where(t > 0.86, 0.0048 + 0.0022 * step(0.95, 1.0, t), 0)
    tip = np.where(t < 0.03, 0.0034, 0)
    r = np.maximum(np.maximum(r, neck), tip)

    def five(angle):
        k = 1 + 0.055 * np.cos(5 * angle + 0.3)
        return k * np.cos(angle), k * np.sin(angle)
    body = sweep(path, r, r, 30, five)
    body = moved(body, turn=rotation((1, 0, 0), 7))
    low, high = body.points.min(0), body.points.max(0)
    body = moved(body, (-(low[0] + high[0]) / 2, -low[1], -(low[2] + high[2]) / 2))
    u, v = texels(512, 512)
    a = 2 * np.pi * u
    p = np.stack([np.cos(a), np.sin(a), 9 * v], -1)
    tone = fbm(p * 2, 4, 151)
    c = ramp(np.clip(0.55 + 0.5 * tone, 0, 1), [(0, "#d8a820"), (0.5, "#eac233"), (1, "#f1d24f")])
    c = c * (1 - 0.10 * (1 - step(0.0, 0.22, np.abs(np.cos(2.5 * a + 0.15)))))[..., None]
    c = mix(c, rgb("#9aa63a"), 0.75 * (step(0.80, 0.97, 1 - v + 0.03 * tone)) + 0.3 * (1 - step(0.03, 0.10, 1 - v)))
    scar = step(0.30, 0.55, fbm(np.stack([np.cos(a) * 9, np.sin(a) * 9, v * 22], -1), 3, 155)) * step(-0.1, 0.5, tone)
    c = mix(c, rgb("#7a4a1c"), 0.8 * scar)
    d, who = cells(np.stack([u * 30, v * 70], -1), 157, [30, 70])
    c = mix(c, rgb("#6b4118"), 0.75 * (who < 0.16) * (1 - step(0.08, 0.3 * who + 0.22, d)))
    c = mix(c, rgb("#3c2a16"), np.clip(1 - step(0.012, 0.032, 1 - v + 0.01 * tone) + step(0.985, 0.995, 1 - v), 0, 1))
    return Model("Banana", [Part("Body", Material("Peel", roughness=0.45, color_map=jpeg(c, 80)), body)], crease=50)


ALL = [apple, orange, lemon, pear, banana]
