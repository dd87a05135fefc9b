"""Gradient noise on points: the same numbers for the same seed, no generator state.

Points are arrays [..., 2] or [..., 3]; results have the leading shape. One lattice cell is one unit.
"""
import numpy as np


def hash_u32(*words):
    """Mixes integer arrays into one uint32 array."""
    h = np.uint32(0x9E3779B9)
    with np.errstate(over="ignore"):
        for w in words:
            h = (np.asarray(w).astype(np.int64).astype(np.uint32) ^ h) * np.uint32(0x85EBCA6B)
            h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
            h = h ^ (h >> np.uint32(16))
    return h


def unit(*words):
    """A uniform number in [0, 1) per element of the integer arrays."""
    return hash_u32(*words) / 4294967296.0


def _fade(t):
    return t * t * t * (t * (t * 6 - 15) + 10)


def noise(p, seed=0, period=None):
    """Perlin noise, about [-1, 1]; `period`: lattice cells after which it repeats, per axis (0: never)."""
    p = np.asarray(p, float)
    axes = p.shape[-1]
    cell = np.floor(p).astype(np.int64)
    frac = p - cell
    fade = _fade(frac)
    total = np.zeros(p.shape[:-1])
    for corner in range(1 << axes):
        bits = [(corner >> k) & 1 for k in range(axes)]
        weight = np.ones(p.shape[:-1])
        index = []
        for k, b in enumerate(bits):
            weight = weight * (fade[..., k] if b else 1 - fade[..., k])
            i = cell[..., k] + b
            index.append(i % period[k] if period is not None and period[k] else i)
        h = hash_u32(seed, *index)
        slope = sum((((h >> np.uint32(10 * k)) & np.uint32(1023)) / 511.5 - 1) * (frac[..., k] - b) for k, b in enumerate(bits))
        total += weight * slope
    return total * 1.5


def fbm(p, octaves=4, seed=0, gain=0.5, period=None):
    """Octaves of noise, about [-1, 1]."""
    p = np.asarray(p, float)
    total, weight, size = np.zeros(p.shape[:-1]), 1.0, 0.0
    for k in range(octaves):
        at = None if period is None else [n << k for n in period]
        total += weight * noise(p * (1 << k), seed + k, at)
        size += weight
        weight *= gain
    return total / size


def cells(p, seed=0, period=None):
    """Distance to the nearest of one jittered point per cell (2-D or 3-D), and a uniform number of that point."""
    p = np.asarray(p, float)
    axes = p.shape[-1]
    base = np.floor(p).astype(np.int64)
    best = np.full(p.shape[:-1], 9.0)
    who = np.zeros(p.shape[:-1])
    for k in range(3**axes):
        cell = [base[..., a] + (k // 3**a) % 3 - 1 for a in range(axes)]
        index = [c % period[a] if period is not None and period[a] else c for a, c in enumerate(cell)]
        d = np.sqrt(sum((p[..., a] - cell[a] - unit(seed, *index, a))**2 for a in range(axes)))
        near = d < best
        best = np.where(near, d, best)
        who = np.where(near, unit(seed, *index, 7), who)
    return best, who
