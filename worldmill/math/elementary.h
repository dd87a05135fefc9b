#pragma once

/// Elementary functions that give the same bits on every x86-64-v3 machine. libm chooses its code by the processor it
/// finds, so its last bits differ from machine to machine; these are made of + - * /, sqrt, integer operations and
/// tables alone. Whatever reaches a result uses them: `math::sin(x)`, never `std::sin(x)`.
///
/// Angles in radians. The double functions are within 1 ulp over their whole range (asin and acos within 1.5), the
/// float ones, made for hot loops and inlined, within 0.6; both tested. Arguments outside a function's domain give NaN,
/// NaN gives NaN (but pow(x, 0) = pow(1, y) = 1), infinities and signed zeros follow C's Annex F. No errno, no
/// exceptions trapped. The processor must round to nearest and keep subnormal numbers: no flush-to-zero in threads that
/// call these. Thread-safe: nothing is written.
namespace wm::math {

struct SinCos {
  double sin = 0, cos = 1;
};
struct SinCosF {
  float sin = 0, cos = 1;
};

double exp(double x);
double exp2(double x);
/// exp(x) - 1, precise near 0.
double expm1(double x);

/// Natural; -infinity at 0, NaN below.
double log(double x);
/// Exact at powers of two.
double log2(double x);
/// Exact at powers of ten.
double log10(double x);
/// log(1 + x), precise near 0.
double log1p(double x);

/// Any finite angle, however large, is reduced with as many digits of pi as it takes; infinities give NaN.
double sin(double x);
double cos(double x);
double tan(double x);
SinCos sincos(double x);

/// In [-pi/2, pi/2]; NaN outside [-1, 1].
double asin(double x);
/// In [0, pi]; NaN outside [-1, 1].
double acos(double x);
double atan(double x);
/// The angle of the point (x, y), in [-pi, pi]; the sign of y decides on the cut.
double atan2(double y, double x);

/// A negative x needs a whole y, else NaN.
double pow(double x, double y);
double cbrt(double x);
/// sqrt(x^2 + y^2) without overflow on the way.
double hypot(double x, double y);

inline float exp(float x);
inline float log(float x);
inline float pow(float x, float y);
inline SinCosF sincos(float x);
inline float sin(float x);
inline float cos(float x);
inline float asin(float x);
inline float acos(float x);
inline float atan2(float y, float x);

}  // namespace wm::math

#include "worldmill/math/elementary_float.h"
