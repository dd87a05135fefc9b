#pragma once
#include <algorithm>
#include <cmath>

/// Small vectors, plain data. Operators are component by component; sums run x, y, z, in that order.
namespace wm::math {

template <class T>
struct Vec2T {
  T x = 0, y = 0;
  friend constexpr bool operator==(const Vec2T&, const Vec2T&) = default;
  friend constexpr Vec2T operator+(Vec2T a, Vec2T b) { return {a.x + b.x, a.y + b.y}; }
  friend constexpr Vec2T operator-(Vec2T a, Vec2T b) { return {a.x - b.x, a.y - b.y}; }
  friend constexpr Vec2T operator*(Vec2T a, T s) { return {a.x * s, a.y * s}; }
  friend constexpr Vec2T operator*(T s, Vec2T a) { return a * s; }
};

template <class T>
struct Vec3T {
  T x = 0, y = 0, z = 0;
  friend constexpr bool operator==(const Vec3T&, const Vec3T&) = default;
  friend constexpr Vec3T operator+(Vec3T a, Vec3T b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend constexpr Vec3T operator-(Vec3T a, Vec3T b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend constexpr Vec3T operator-(Vec3T a) { return {-a.x, -a.y, -a.z}; }
  friend constexpr Vec3T operator*(Vec3T a, Vec3T b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
  friend constexpr Vec3T operator*(Vec3T a, T s) { return {a.x * s, a.y * s, a.z * s}; }
  friend constexpr Vec3T operator*(T s, Vec3T a) { return a * s; }
  friend constexpr Vec3T operator/(Vec3T a, T s) { return {a.x / s, a.y / s, a.z / s}; }
  Vec3T& operator+=(Vec3T b) { return *this = *this + b; }
  Vec3T& operator-=(Vec3T b) { return *this = *this - b; }
  Vec3T& operator*=(T s) { return *this = *this * s; }
};

using Vec2 = Vec2T<double>;
using Vec2f = Vec2T<float>;
using Vec3 = Vec3T<double>;
using Vec3f = Vec3T<float>;

template <class T>
constexpr T dot(Vec3T<T> a, Vec3T<T> b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

template <class T>
constexpr Vec3T<T> cross(Vec3T<T> a, Vec3T<T> b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

template <class T>
T length(Vec3T<T> a) {
  return std::sqrt(dot(a, a));
}

/// `a` at length 1; a must not be zero.
template <class T>
Vec3T<T> normalized(Vec3T<T> a) {
  return a / length(a);
}

template <class T>
constexpr Vec3T<T> min(Vec3T<T> a, Vec3T<T> b) {
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::min(a.z, b.z)};
}

template <class T>
constexpr Vec3T<T> max(Vec3T<T> a, Vec3T<T> b) {
  return {std::max(a.x, b.x), std::max(a.y, b.y), std::max(a.z, b.z)};
}

}  // namespace wm::math
