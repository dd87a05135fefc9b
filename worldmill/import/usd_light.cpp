#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/import/usd_look.h"
#include "worldmill/math/elementary.h"

namespace wm::import {

using math::Vec3;
using math::Vec3f;
using scene::Light;
using scene::LightKind;
using usd::Prim;

namespace {

constexpr double kRadians = 0.017453292519943295;  // per degree
constexpr double kPi = 3.141592653589793;

/// Values of a light; files of old have them without `inputs:`.
class LightInputs {
 public:
  LightInputs(const Prim& prim, const UsdValues& values) : prim_(prim), values_(values) {}
  double number(const std::string& name, double fallback) const {
    const auto said = values_.number(prim_, "inputs:" + name);
    const double n = said ? *said : values_.number(prim_, name, fallback);
    return std::isfinite(n) ? n : fallback;
  }
  bool flag(const std::string& name) const { return number(name, 0) != 0; }
  Vec3 color() const {
    const auto said = values_.vector(prim_, "inputs:color");
    return said ? *said : values_.vector(prim_, "color").value_or(Vec3{1, 1, 1});
  }

 private:
  const Prim& prim_;
  const UsdValues& values_;
};

// Colour of a black body of `kelvin`, linear Rec.709 of luminance 1: the Planckian locus by Kim et al.'s cubic
// approximation (US patent 7024034, 1667..25000 K), then CIE xyY to RGB.
Vec3 black_body(double kelvin) {
  const double t = std::clamp(kelvin, 1667.0, 25000.0), k = 1000 / t;
  const double x = t < 4000 ? ((-0.2661239 * k - 0.2343589) * k + 0.8776956) * k + 0.179910
                            : ((-3.0258469 * k + 2.1070379) * k + 0.2226347) * k + 0.240390;
  const double y = t < 2222   ? ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
                   : t < 4000 ? ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
                              : ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483;
  const double big_x = x / y, big_z = (1 - x - y) / y;
  const Vec3 rgb{3.2404542 * big_x - 1.5371385 - 0.4985314 * big_z, -0.9692660 * big_x + 1.8760108 + 0.0415560 * big_z,
                 0.0556434 * big_x - 0.2040259 + 1.0572252 * big_z};
  return {std::max(rgb.x, 0.0), std::max(rgb.y, 0.0), std::max(rgb.z, 0.0)};
}

// UsdLux counts 6500 K as white.
Vec3 relative_black_body(double kelvin) {
  const Vec3 now = black_body(kelvin), white = black_body(6500);
  return {now.x / white.x, now.y / white.y, now.z / white.z};
}

void set_cone(const LightInputs& in, const UsdValues& values, const Prim& prim, Light& light, Notes& notes) {
  const double angle = in.number("shaping:cone:angle", 90);
  if (values.value(prim, "inputs:shaping:ies:file")) notes.add("IES profiles of lights are not read");
  if (in.number("shaping:focus", 0) != 0) notes.add("the focus of lights is not read");
  if (angle >= 90) return;
  if (light.kind != LightKind::sphere) {
    notes.add("cones of lights that are no spheres are not read");
    return;
  }
  const double outer = std::max(angle, 0.0) * kRadians,
               soft = std::clamp(in.number("shaping:cone:softness", 0), 0.0, 1.0);
  light.kind = LightKind::spot;
  light.outer_cone = static_cast<float>(outer);
  light.inner_cone = static_cast<float>(outer * (1 - soft));
}

}  // namespace

// UsdLux: luminance = intensity 2^exposure / size * color * temperature [cd/m^2], `size` being 1, or with `normalize`
// the area of the surface, for distant lights pi sin^2 of half the angle.
std::optional<UsdLight> read_light(const Prim& prim, const UsdValues& values, double meters, Vec3 scale,
                                   UsdPictures& pictures, Notes& notes) {
  const std::string type(prim.type_name().text());
  const LightInputs in(prim, values);
  const bool dome = type.starts_with("DomeLight");
  const double strength = std::max(0.0, in.number("intensity", type == "DistantLight" ? 50000 : 1)) *
                          math::exp2(std::clamp(in.number("exposure", 0), -60.0, 60.0));
  const bool normalized = in.flag("normalize");
  const auto size = [&](const std::string& name, double fallback, double by) {
    return std::abs(in.number(name, fallback)) * meters * by;
  };
  UsdLight out;
  Light& light = out.light;
  double intensity = strength;
  if (type == "SphereLight") {
    const double radius = size("radius", 0.5, scale.x);
    const bool point = values.flag(prim, "treatAsPoint", false);
    light.kind = LightKind::sphere;
    light.radius = point ? 0 : static_cast<float>(radius);
    intensity = normalized ? strength / 4 : strength * kPi * radius * radius;
  } else if (type == "RectLight" || type == "DiskLight") {
    const bool disk = type == "DiskLight";
    const double radius = size("radius", 0.5, scale.x), side = std::sqrt(kPi) * radius;
    const double width = disk ? side : size("width", 1, scale.x), height = disk ? side : size("height", 1, scale.y);
    if (disk) notes.add("disk lights are squares of the same area");
    if (values.value(prim, "inputs:texture:file")) notes.add("pictures on area lights are not read");
    light.kind = LightKind::rect;
    light.width = static_cast<float>(width);
    light.height = static_cast<float>(height);
    intensity = normalized && width * height > 0 ? strength / (width * height) : strength;
  } else if (type == "CylinderLight") {
    const double radius = size("radius", 0.5, scale.y), length = size("length", 1, scale.x);
    notes.add("cylinder lights are spheres of the same strength");
    light.kind = LightKind::sphere;
    light.radius = static_cast<float>(radius);
    intensity = normalized ? strength / kPi : strength * 2 * radius * length;
  } else if (type == "DistantLight") {
    const double half = 0.5 * std::clamp(in.number("angle", 0.53), 0.0, 180.0) * kRadians, sine = math::sin(half);
    light.kind = LightKind::distant;
    light.angle = static_cast<float>(2 * half);
    intensity = normalized || half == 0 ? strength : strength * kPi * sine * sine;
  } else if (dome) {
    light.kind = LightKind::environment;
    light.picture =
        pictures.read(prim, values.value(prim, "inputs:texture:file") ? "inputs:texture:file" : "texture:file", values);
    const std::string format = values.text(prim, "inputs:texture:format", "automatic");
    if (light.picture && format != "automatic" && format != "latlong") {
      notes.add(fmt::format("an environment whose picture is of the format {} is read as latlong", format));
    }
    out.prim_from_node = {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}};  // pole along y, the middle of the picture along z
  } else {
    notes.add(fmt::format("lights of type {} are not read", type));
    return std::nullopt;
  }
  Vec3 color = in.color();
  if (in.flag("enableColorTemperature")) color = color * relative_black_body(in.number("colorTemperature", 6500));
  light.color = {static_cast<float>(std::max(color.x, 0.0)), static_cast<float>(std::max(color.y, 0.0)),
                 static_cast<float>(std::max(color.z, 0.0))};
  light.intensity = static_cast<float>(std::min(intensity, 1e30));
  if (!dome) set_cone(in, values, prim, light, notes);
  return out;
}

scene::Camera read_camera(const Prim& prim, const UsdValues& values, Notes& notes) {
  scene::Camera camera;
  camera.name = std::string(prim.name().text());
  camera.orthographic = values.text(prim, "projection", "perspective") == "orthographic";
  const auto positive = [&](std::string_view name, double fallback) {
    const double n = values.number(prim, name, fallback);
    return n > 0 && std::isfinite(n) ? n : fallback;
  };
  const double wide = positive("horizontalAperture", 20.955), high = positive("verticalAperture", 15.2908);
  camera.vertical_fov = std::clamp(2 * math::atan(0.5 * high / positive("focalLength", 50)), 1e-4, 3.1415926);
  camera.aspect = std::clamp(wide / high, 1e-4, 1e4);
  if (values.number(prim, "horizontalApertureOffset", 0) != 0 ||
      values.number(prim, "verticalApertureOffset", 0) != 0) {
    notes.add("cameras whose axis is not in the middle are read as if it were");
  }
  return camera;
}

}  // namespace wm::import
