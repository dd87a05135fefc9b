#!/usr/bin/env python3
"""Prints worldmill/math/elementary_tables.h: the constants behind worldmill/math/elementary.h, from integer and decimal
arithmetic alone (Machin's formula, Decimal.ln and .exp at 450 digits, interpolation at Chebyshev nodes).

    python3 tools/elementary_tables.py | clang-format-16 > worldmill/math/elementary_tables.h
"""
from decimal import Decimal as D, getcontext
from fractions import Fraction as F
from math import cos, frexp, pi as rough_pi

getcontext().prec = 450


def atan(x):
    """By halving the angle twice, then the series."""
    for _ in range(2):
        x = x / (1 + (1 + x * x).sqrt())
    total, power, n = D(0), x, 0
    while abs(power) > D(10) ** -440:
        total += (power if n % 2 == 0 else -power) / (2 * n + 1)
        power, n = power * x * x, n + 1
    return 4 * total


PI = 4 * (4 * atan(D(1) / 5) - atan(D(1) / 239))  # Machin, 1706
LN2 = D(2).ln()


def grid(x, bits):
    """x rounded to a multiple of 2^-bits."""
    return D(round(F(x) * 2**bits)) / 2**bits


def split(x):
    """x as the nearest double and the double nearest to what is left."""
    high = float(F(x))
    return high, float(F(x) - F(high))


def parts(x, bits, count):
    """x as `count` doubles: all but the last of `bits` bits, so that products with small whole numbers are exact."""
    found = []
    for _ in range(count - 1):
        exponent = frexp(float(F(x)))[1]
        found.append(grid(x, bits - exponent))
        x -= found[-1]
    return [float(F(p)) for p in found] + [float(F(x))]


def text(value):
    return float(value).hex().replace("0x0.0p+0", "0")


def constant(name, value):
    print(f"inline constexpr double {name} = {text(value)};")


def table(comment, kind, name, rows):
    print(f"\n/// {comment}\ninline constexpr {kind} {name}[{len(rows)}] = {{")
    print(", ".join("{" + ", ".join(map(text, row)) + "}" if isinstance(row, tuple) else text(row) for row in rows))
    print("};")


def interpolate(f, low, high, count):
    """Coefficients, lowest first, of the polynomial through f at `count` Chebyshev nodes of [low, high]."""
    nodes = [F(low) + (F(high) - F(low)) * F((1 + cos(rough_pi * (2 * i + 1) / (2 * count))) / 2) for i in range(count)]
    rows = [[x**k for k in range(count)] + [F(f(D(x.numerator) / x.denominator))] for x in nodes]
    for i in range(count):
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for j in range(count):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i])]
    return [float(row[-1]) for row in rows]


def asin(x):
    return atan(x / (1 - x * x).sqrt())


def log_row(i):
    """The i-th of 128 slices of an octave that starts at 0x1.6p-1: a reciprocal of 10 bits, minus its logarithm."""
    start = F(0x160 // 2 + i, 256) if i < 80 else F(128 + i - 80, 128)  # width 1/256 below 1, 1/128 above
    width = F(1, 256) if i < 80 else F(1, 128)
    if i in (79, 80):  # the slices that touch 1: logarithms keep their relative precision there
        return 1.0, 0.0, 0.0
    reciprocal = F(round(512 / (start + width / 2)), 512)
    minus_log = -(D(reciprocal.numerator) / reciprocal.denominator).ln()
    high = grid(minus_log, 42)
    return float(reciprocal), float(F(high)), float(F(minus_log - high))


def main():
    print("#pragma once\n#include <cstdint>\n")
    print("/// Printed by tools/elementary_tables.py; not meant to be read, or edited by hand.")
    print("namespace wm::math::tables {\n")
    print("/// A number that is the sum of two.\nstruct Pair { double high, low; };\n")
    print("/// high + low = -log(reciprocal).\nstruct LogSlice { double reciprocal, high, low; };\n")
    for name, value in (("kPi", PI), ("kHalfPi", PI / 2), ("kInverseLn2", 1 / LN2), ("kInverseLn10", 1 / D(10).ln()),
                        ("kThird", D(1) / 3), ("kLn2Full", LN2)):
        high, low = split(value)
        print(f"inline constexpr Pair {name} = {{{text(high)}, {text(low)}}};")
    constant("kLn2High", grid(LN2, 42))
    constant("kLn2Low", F(LN2 - grid(LN2, 42)))
    constant("kLn2By64High", grid(LN2 / 64, 40))
    constant("kLn2By64Low", F(LN2 / 64 - grid(LN2 / 64, 40)))
    constant("k64ByLn2", F(64 / LN2))
    constant("k2ByPi", F(2 / PI))
    table("Half of pi as a sum; the first three have 33 bits.", "double", "kHalfPiParts", parts(PI / 2, 33, 4))
    table("2^(i/64).", "Pair", "kExp2", [split((LN2 * i / 64).exp()) for i in range(64)])
    table("Slices of [0x1.6p-1, 0x1.6p0).", "LogSlice", "kLog", [log_row(i) for i in range(128)])
    table("atan(i/32).", "Pair", "kAtan", [split(atan(D(i) / 32)) for i in range(33)])
    bits = int(2 / PI * D(2) ** (64 * 19))
    words = [bits >> (64 * (19 - i)) & (2**64 - 1) for i in range(20)]
    print("\n/// 2/pi in binary, 64 digits a word: one word before the point, the rest after it.\ninline constexpr std::uint64_t k2ByPiBits[20] = {")
    print(", ".join(f"0x{w:016x}" for w in words) + "};")
    table("atan(t)/t as a polynomial in t^2, t up to tan(pi/8); to 2^-32.", "double", "kAtanSmall",
          interpolate(lambda z: atan(z.sqrt()) / z.sqrt(), 0, 0.1716, 8))
    table("acos(x)/sqrt(1-x) as a polynomial in x, x in 0..1; to 2^-30.", "double", "kAcos",
          interpolate(lambda x: (PI / 2 - asin(x)) / (1 - x).sqrt(), 0, 1, 12))
    table("asin(x)/x as a polynomial in x^2, x up to 1/2; to 2^-30.", "double", "kAsinSmall",
          interpolate(lambda z: asin(z.sqrt()) / z.sqrt(), 0, 0.25, 8))
    print("\n}  // namespace wm::math::tables")


main()
