#!/usr/bin/env python3
"""The known answers of worldmill/math/distributions_test.cpp, worked out again at 50 digits from the papers' formulas.
Needs mpmath and the shared library of xxHash.

    python3 tools/distribution_answers.py
"""
import ctypes
import ctypes.util
import struct

from mpmath import erfinv, exp, expm1, factorial, floor, log, log1p, mp, mpf, pi, sin, cos, sqrt

mp.dps = 50


class Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


xxh = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
xxh.XXH3_128bits.restype = Hash128
xxh.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


class Key:
    def __init__(self, low=0, high=0):
        self.low, self.high = low, high

    def step(self, kind, data):
        data = struct.pack("<QQ", self.low, self.high) + kind + data
        h = xxh.XXH3_128bits(data, len(data))
        return Key(h.low, h.high)

    def child(self, name):
        return self.step(b"n", name.encode()) if isinstance(name, str) else self.step(b"#", struct.pack("<Q", name))

    def words(self, index):
        """Philox4x32-10."""
        mask = 2**32 - 1
        c = [index & mask, index >> 32, self.high & mask, self.high >> 32]
        k = [self.low & mask, self.low >> 32]
        for _ in range(10):
            a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [b >> 32 ^ c[1] ^ k[0], b & mask, a >> 32 ^ c[3] ^ k[1], a & mask]
            k = [k[0] + 0x9E3779B9 & mask, k[1] + 0xBB67AE85 & mask]
        return c[0] | c[1] << 32, c[2] | c[3] << 32


def half_open(word):
    return mpf(word >> 11) / 2**53


def open_(word):
    return (mpf(word >> 12) + mpf(1) / 2) / 2**52


def three(key, i):
    a, b = key.words(i)
    low = 2**21 - 1
    return [mpf(x) / 2**42 for x in (a >> 22, b >> 22, (a & low) << 21 | b & low)]


def attempt(key, i, number):
    return key.words(i) if number == 0 else key.child(i).words(number)


def z(p):
    return sqrt(mpf(2)) * erfinv(2 * p - 1)


def truncated(key, i, mean, sd, low, high):
    a, b = (mpf(low) - mean) / sd, (mpf(high) - mean) / sd
    mirrored = -b > a
    if mirrored:
        a, b = -b, -a
    energy_span = (b - a) * (b + a) / 2
    whole = sqrt(2 * pi)
    widths = {"uniform": b - a}
    if a < 0:
        widths["normal"] = whole
    else:
        widths["folded"] = whole / 2 * exp(a * a / 2)
        widths["tail"] = -expm1(-energy_span) / a if a else mpf("inf")
    how = min(widths, key=widths.get)
    for number in range(1000):
        first, second = attempt(key, i, number)
        u, v = open_(first), half_open(second)
        if how == "uniform":
            x = a + u * (b - a)
            near = max(a, mpf(0))
            good = v < exp(-(x * x - near * near) / 2)
        elif how == "tail":
            x = sqrt(a * a - 2 * log1p(u * expm1(-energy_span)))
            good = v * x < a
        else:
            x = z(u) if how == "normal" else abs(z(u))
            good = a <= x <= b
        if good:
            return how, number, mean + sd * (-x if mirrored else x)


def log_gamma(key, shape):
    boost = log(open_(key.words(0)[0])) / shape if shape < 1 else 0
    d = (shape + 1 if shape < 1 else mpf(shape)) - mpf(1) / 3
    c = 1 / sqrt(9 * d)
    for number in range(1, 1000):
        first, second = key.words(number)
        x = z(open_(first))
        v = (1 + c * x) ** 3
        if v > 0 and log(open_(second)) < x * x / 2 + d - d * v + d * log(v):
            return log(d * v) + boost


def beta(key, i, a, b):
    place = key.child(i)
    x, y = exp(log_gamma(place.child(0), a)), exp(log_gamma(place.child(1), b))
    return x / (x + y)


def poisson(key, i, mean):
    mean = mpf(mean)
    if mean < 10:
        u, k, below = half_open(key.words(i)[0]), 0, exp(-mean)
        while u >= below:
            k += 1
            below += exp(-mean) * mean**k / factorial(k)
        return k
    b = mpf("0.931") + mpf("2.53") * sqrt(mean)
    a = mpf("-0.059") + mpf("0.02483") * b
    inverse_alpha, vr = mpf("1.1239") + mpf("1.1328") / (b - mpf("3.4")), mpf("0.9277") - mpf("3.6224") / (b - 2)
    for number in range(1000):
        first, second = attempt(key, i, number)
        u, v = open_(first) - mpf(1) / 2, open_(second)
        us = mpf(1) / 2 - abs(u)
        k = int(floor((2 * a / us + b) * u + mean + mpf("0.43")))
        if us >= mpf("0.07") and v <= vr:
            return k
        if k < 0 or (us < mpf("0.013") and v > us):
            continue
        if log(v) + log(inverse_alpha) - log(a / us**2 + b) <= -mean + k * log(mean) - log(factorial(k)):
            return k


def direction(u, v):
    r = sqrt(1 - (1 - 2 * u) ** 2)
    return [r * cos(2 * pi * v), r * sin(2 * pi * v), 1 - 2 * u]


def show(name, value):
    values = value if isinstance(value, list) else [value]
    print(name, ", ".join(str(v) if isinstance(v, int) else float(v).hex() for v in values))


def main():
    key = Key().step(b"s", struct.pack("<Q", 2024)).child("distributions")
    for i in range(3):
        first = key.words(i)[0]
        u, v, w = three(key, i)
        show(f"{i} normal 10 2", 10 + 2 * z(open_(first)))
        show(f"{i} log_uniform 0.01 100", exp(log(mpf("0.01")) + half_open(first) * (log(mpf(100)) - log(mpf("0.01")))))
        show(f"{i} exponential 3", -3 * log(open_(first)))
        for args in ((0, 1, -3, "inf"), (0, 1, "0.1", "inf"), (5, 2, 30, 40), (5, 2, "-inf", -100), (0, 1, "-0.5", 1)):
            how, number, x = truncated(key, i, *args)
            show(f"{i} truncated_normal {args} ({how}, try {number})", x)
        show(f"{i} gamma 2.5 3", 3 * exp(log_gamma(key.child(i), mpf("2.5"))))
        show(f"{i} gamma 0.5 1", exp(log_gamma(key.child(i), mpf("0.5"))))
        show(f"{i} beta 2 5 on 0 1", beta(key, i, 2, 5))
        show(f"{i} beta 0.5 0.5 on -1 3", -1 + 4 * beta(key, i, mpf("0.5"), mpf("0.5")))
        for mean in (4, 50, 10000):
            show(f"{i} poisson {mean}", poisson(key, i, mean))
        show(f"{i} point_in_box -1 0 2, 1 5 2.5", [-1 + 2 * u, 5 * v, 2 + w / 2])
        show(f"{i} point_in_ball 2", [2 * w ** (mpf(1) / 3) * x for x in direction(u, v)])
        show(f"{i} point_in_shell 1 2", [(1 + 7 * w) ** (mpf(1) / 3) * x for x in direction(u, v)])
        a, b = key.words(i)
        show(f"{i} uniform_direction", direction(half_open(a), half_open(b)))
        show(f"{i} uniform_rotation wxyz", [sqrt(u) * cos(2 * pi * w), sqrt(1 - u) * sin(2 * pi * v),
                                            sqrt(1 - u) * cos(2 * pi * v), sqrt(u) * sin(2 * pi * w)])


main()
