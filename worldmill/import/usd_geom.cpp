#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "worldmill/import/polygon.h"
#include "worldmill/import/primitives.h"
#include "worldmill/import/usd_look.h"
#include "worldmill/math/elementary.h"

namespace wm::import {

using geometry::Mesh;
using math::Affine;
using math::Rotation;
using math::Vec3;
using math::Vec3f;
using scene::Part;
using usd::Prim;

namespace {

constexpr double kRadians = 0.017453292519943295;  // per degree

Rotation about(Vec3 axis, double degrees) {
  const math::SinCos half = math::sincos(0.5 * degrees * kRadians);
  return {half.cos, axis.x * half.sin, axis.y * half.sin, axis.z * half.sin};
}

constexpr Vec3 kAxes[] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

// One op of xformOpOrder; none when its value is missing or of a kind that is not known.
std::optional<Affine> op_of(const Prim& prim, const std::string& name, const UsdValues& values, double meters) {
  const std::string rest = name.substr(8);  // after "xformOp:"
  const std::string kind = rest.substr(0, rest.find(':'));
  if (kind == "transform") {
    const auto rows = numbers_of(values.value(prim, name));
    return rows.size() == 16 ? std::optional(affine_of(rows, meters)) : std::nullopt;
  }
  if (kind == "orient") {
    const auto turn = values.rotation(prim, name);
    return turn ? std::optional(Affine(math::Pose{*turn, {}})) : std::nullopt;
  }
  if (kind == "translate" || kind == "scale") {
    const auto v = values.vector(prim, name);
    if (!v) return std::nullopt;
    if (kind == "translate") return Affine({}, *v * meters);
    return Affine({{v->x, 0, 0}, {0, v->y, 0}, {0, 0, v->z}}, {});
  }
  const auto axis_of = [](char c) { return static_cast<std::size_t>(c - 'X'); };
  const std::string stem = kind.substr(0, std::max<std::size_t>(kind.size(), 1) - 1);
  const bool about_one =
      (stem == "rotate" || stem == "translate" || stem == "scale") && kind.back() >= 'X' && kind.back() <= 'Z';
  if (about_one) {
    const auto n = values.number(prim, name);
    const std::size_t axis = axis_of(kind.back());
    if (!n) return std::nullopt;
    if (stem == "rotate") return Affine(math::Pose{about(kAxes[axis], *n), {}});
    if (stem == "translate") return Affine({}, kAxes[axis] * (*n * meters));
    std::array<double, 3> s{1, 1, 1};
    s[axis] = *n;
    return Affine({{s[0], 0, 0}, {0, s[1], 0}, {0, 0, s[2]}}, {});
  }
  if (kind.size() == 9 && kind.starts_with("rotate")) {  // rotateXYZ: first about x, then y, then z
    const auto v = values.vector(prim, name);
    if (!v) return std::nullopt;
    const std::array<double, 3> angles{v->x, v->y, v->z};
    Rotation turn;
    for (std::size_t i = 6; i < 9; ++i) {
      if (kind[i] < 'X' || kind[i] > 'Z') return std::nullopt;
      turn = about(kAxes[axis_of(kind[i])], angles[axis_of(kind[i])]) * turn;
    }
    return Affine(math::Pose{turn, {}});
  }
  return std::nullopt;
}

Mesh turned(Mesh mesh, const std::string& axis) {
  if (axis != "X" && axis != "Y") return mesh;
  const bool x = axis == "X";
  const auto turn = [x](Vec3f v) { return x ? Vec3f{v.z, v.x, v.y} : Vec3f{v.y, v.z, v.x}; };  // both are rotations
  for (Vec3f& p : mesh.positions) p = turn(p);
  for (Vec3f& n : mesh.normals) n = turn(n);
  return mesh;
}

// About the origin, its tip up.
Mesh make_cone(double radius, double half) {
  constexpr int kSides = 64;
  Mesh mesh;
  const double slope = math::hypot(radius, 2 * half);
  const auto add = [&](Vec3 p, Vec3 n, math::Vec2 uv) {
    mesh.positions.push_back({static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)});
    mesh.normals.push_back({static_cast<float>(n.x), static_cast<float>(n.y), static_cast<float>(n.z)});
    mesh.uv[0].push_back({static_cast<float>(uv.x), static_cast<float>(uv.y)});
  };
  for (int i = 0; i <= kSides; ++i) {
    const double u = static_cast<double>(i) / kSides;
    const auto [sin, cos] = math::sincos(u * 6.283185307179586);
    const auto [sin_mid, cos_mid] = math::sincos((u + 0.5 / kSides) * 6.283185307179586);
    const double out = 2 * half / slope, up = radius / slope;
    add({radius * cos, radius * sin, -half}, {out * cos, out * sin, up}, {u, 1});
    add({0, 0, half}, {out * cos_mid, out * sin_mid, up}, {u, 0});
    add({radius * cos, radius * sin, -half}, {0, 0, -1}, {0.5 + 0.5 * cos, 0.5 + 0.5 * sin});
  }
  const auto center = static_cast<std::uint32_t>(mesh.positions.size());
  add({0, 0, -half}, {0, 0, -1}, {0.5, 0.5});
  for (std::uint32_t i = 0; i < kSides; ++i) {
    const std::uint32_t at = 3 * i;
    mesh.triangles.push_back({at, at + 3, at + 1});
    mesh.triangles.push_back({center, at + 5, at + 2});
  }
  return mesh;
}

bool reach_named(const std::string& reach_name, Reach& reach) {
  static const std::pair<std::string_view, Reach> kNames[] = {{"constant", Reach::constant},
                                                              {"uniform", Reach::uniform},
                                                              {"vertex", Reach::vertex},
                                                              {"varying", Reach::vertex},
                                                              {"faceVarying", Reach::face_varying}};
  for (const auto& [name, value] : kNames) {
    if (reach_name == name) {
      reach = value;
      return true;
    }
  }
  return false;
}

}  // namespace

Affine affine_of(const std::vector<double>& m, double meters) {
  return {{{m[0], m[4], m[8]}, {m[1], m[5], m[9]}, {m[2], m[6], m[10]}}, Vec3{m[12], m[13], m[14]} * meters};
}

UsdLocal local_transform(const Prim& prim, const UsdValues& values, double meters, Notes& notes) {
  UsdLocal local;
  constexpr std::string_view kInvert = "!invert!";
  for (std::string name : values.texts(prim, "xformOpOrder")) {
    if (name == "!resetXformStack!") {
      local = {{}, true};
      continue;
    }
    const bool inverted = name.starts_with(kInvert);
    if (inverted) name = name.substr(kInvert.size());
    const auto op = name.starts_with("xformOp:") ? op_of(prim, name, values, meters) : std::nullopt;
    if (!op) {
      notes.add(fmt::format("{}: {} says nothing that is understood and counts as none", prim.path().text(), name));
      continue;
    }
    if (inverted && !std::isnormal(math::determinant(op->linear))) continue;
    local.parent_from_prim = local.parent_from_prim * (inverted ? op->inverse() : *op);
  }
  return local;
}

bool UsdShapes::is_shape(const Prim& prim) {
  static constexpr std::string_view kTypes[] = {"Mesh", "Cube", "Sphere", "Cylinder", "Capsule", "Cone", "Plane"};
  return std::find(std::begin(kTypes), std::end(kTypes), prim.type_name().text()) != std::end(kTypes);
}

Status UsdShapes::spend(std::size_t vertices) {
  spent_ += static_cast<std::int64_t>(vertices);
  if (spent_ <= source_.budget().vertices) return {};
  return base::error(
      fmt::format("has more than {} vertices, which is more than allowed here", source_.budget().vertices),
      {source_.file(), 0, 0});
}

// An inherited primvar is a constant one of the nearest prim above that has it.
UsdPrimvar UsdShapes::primvar(const Prim& prim, const std::string& name, bool inherited) const {
  UsdPrimvar out;
  for (Prim at = prim; at && !at.path().is_root(); at = at.parent()) {
    const usd::Property property(at, usd::Token(name));
    if (property && property.is_attribute()) {
      const usd::Value value = property.value({});
      const usd::Value timed = values_.value(at, name);
      const usd::Value& told = timed ? timed : value;
      const usd::TypeInfo& type = usd::info(told.type());
      const std::string reach(property.metadata(usd::known("interpolation")).token().text());
      if (told && type.scalar != usd::Scalar::text && type.scalar != usd::Scalar::none) {
        if (!reach_named(reach.empty() ? "constant" : reach, out.reach)) return {};
        if (at != prim && out.reach != Reach::constant) return {};
        out.width = type.components;
        out.values = values_.floats(at, name);
        out.indices = values_.integers(at, name + ":indices");
        return out;
      }
    }
    if (!inherited) break;
  }
  return out;
}

std::optional<Mesh> UsdShapes::primitive(const UsdNode& node) {
  const Prim& prim = node.prim;
  const std::string type(prim.type_name().text()), axis = values_.text(prim, "axis", "Z");
  const auto size = [&](std::string_view name, double fallback) {
    const double said = std::abs(values_.number(prim, name, fallback)) * units_.meters;
    return std::isfinite(said) ? said : 0;
  };
  if (type == "Cube") {
    const double half = 0.5 * size("size", 2);
    return half > 0 ? std::optional(make_box({half, half, half})) : std::nullopt;
  }
  if (type == "Sphere") {
    const double r = size("radius", 1);
    return r > 0 ? std::optional(make_ellipsoid({r, r, r})) : std::nullopt;
  }
  if (type == "Plane") {
    const double x = 0.5 * size("width", 2), y = 0.5 * size("length", 2);
    return x > 0 && y > 0 ? std::optional(turned(make_plane(x, y), axis)) : std::nullopt;
  }
  const bool capsule = type == "Capsule";
  const double radius = size("radius", capsule ? 0.5 : 1), half = 0.5 * size("height", capsule ? 1 : 2);
  if (!(radius > 0) || (!(half > 0) && !capsule)) return std::nullopt;
  if (capsule) return turned(make_capsule(radius, half), axis);
  if (type == "Cylinder") return turned(make_cylinder(radius, half), axis);
  return turned(make_cone(radius, half), axis);
}

Result<UsdPolygons> UsdShapes::polygons(const UsdNode& node) {
  const Prim& prim = node.prim;
  UsdPolygons mesh;
  mesh.name = prim.path().text();
  const std::vector<float> points = values_.floats(prim, "points");
  for (std::size_t i = 0; i + 2 < points.size(); i += 3) {
    const auto scaled = [&](float v) { return static_cast<float>(v * units_.meters); };
    mesh.points.push_back({scaled(points[i]), scaled(points[i + 1]), scaled(points[i + 2])});
  }
  mesh.counts = values_.integers(prim, "faceVertexCounts");
  mesh.corners = values_.integers(prim, "faceVertexIndices");
  mesh.holes = values_.integers(prim, "holeIndices");
  mesh.left_handed = values_.text(prim, "orientation", "rightHanded") == "leftHanded";
  const std::string scheme = values_.text(prim, "subdivisionScheme", "catmullClark");
  mesh.subdivision = scheme == "none" || scheme == "bilinear" ? Subdivision::none
                     : scheme == "loop"                       ? Subdivision::loop
                                                              : Subdivision::catmull_clark;
  mesh.crease_indices = values_.integers(prim, "creaseIndices");
  mesh.crease_lengths = values_.integers(prim, "creaseLengths");
  mesh.crease_sharpness = values_.floats(prim, "creaseSharpnesses");
  mesh.corner_indices = values_.integers(prim, "cornerIndices");
  mesh.corner_sharpness = values_.floats(prim, "cornerSharpnesses");
  mesh.boundary = values_.text(prim, "interpolateBoundary", "edgeAndCorner");
  mesh.face_varying_rule = values_.text(prim, "faceVaryingLinearInterpolation", "cornersPlus1");
  mesh.normals = primvar(prim, "primvars:normals", false);
  if (!mesh.normals.exists()) {
    mesh.normals = primvar(prim, "normals", false);
    // Unlike primvars, an attribute that does not say so holds for each point.
    const usd::Property property(prim, usd::Token("normals"));
    if (mesh.normals.exists() && !property.metadata(usd::known("interpolation"))) mesh.normals.reach = Reach::vertex;
  }
  if (mesh.normals.width != 3) mesh.normals = {};
  return mesh;
}

std::vector<UsdShapes::Subset> UsdShapes::subsets(const Prim& prim) const {
  std::vector<Subset> out;
  for (const Prim& child : prim.children(true)) {
    if (child.type_name().text() != "GeomSubset" || !child.is_defined()) continue;
    const std::string family = values_.text(child, "familyName"), element = values_.text(child, "elementType", "face");
    if (element != "face" || (!family.empty() && family != "materialBind")) continue;
    out.push_back({child, values_.integers(child, "indices")});
  }
  return out;
}

const UsdLook& UsdShapes::look_of(const Prim& prim, const Prim& subset, const UsdPrimvar& colors,
                                  const UsdPrimvar& opacities, bool double_sided) {
  Prim material = subset ? shade_.bound(subset, "full") : Prim();
  if (!material) material = shade_.bound(prim, "full");
  if (material) return shade_.look(material, double_sided);
  const bool one_color = colors.exists() && colors.reach == Reach::constant && colors.values.size() >= 3;
  const bool one_opacity = opacities.exists() && opacities.reach == Reach::constant && !opacities.values.empty();
  if (colors.exists() && !one_color) return shade_.look({}, double_sided);
  constexpr float kGrey = 0.5f;  // linear
  const Vec3f color =
      one_color ? Vec3f{colors.values[0], colors.values[1], colors.values[2]} : Vec3f{kGrey, kGrey, kGrey};
  return shade_.plain(color, one_opacity ? opacities.values[0] : 1, double_sided);
}

std::optional<Part> UsdShapes::add(std::optional<Mesh> mesh, const UsdLook& look, const std::string& key) {
  if (!mesh) {
    meshes_[key] = std::nullopt;
    return std::nullopt;
  }
  const auto set = static_cast<std::size_t>(look.normal_set);
  if (look.tangents && !mesh->uv[set].empty()) {
    if (mesh->normals.empty()) make_flat(*mesh);
    mesh->tangents = geometry::tangents_from_uv(*mesh, look.normal_set);
  }
  if (const auto valid = geometry::validate(*mesh, key.substr(0, key.find(' '))); !valid) {
    notes_.add(valid.error().message + "; it is left out");
    meshes_[key] = std::nullopt;
    return std::nullopt;
  }
  const scene::MeshId id(scene_.meshes.size());
  scene_.meshes.push_back(std::make_shared<const Mesh>(std::move(*mesh)));
  meshes_[key] = id;
  return Part{id, look.id};
}

Result<std::vector<Part>> UsdShapes::parts(const UsdNode& node) {
  if (node.prim.type_name().text() == "Mesh") return mesh_parts(node);
  const Prim& prim = node.prim;
  const UsdPrimvar colors = primvar(prim, "primvars:displayColor", true);
  const UsdPrimvar opacities = primvar(prim, "primvars:displayOpacity", true);
  const UsdLook& look = look_of(prim, {}, colors, opacities, values_.flag(prim, "doubleSided", false));
  const std::string key = fmt::format("{} {}", node.canonical.text(), look.tangents ? look.normal_set : -1);
  if (const auto known = meshes_.find(key); known != meshes_.end()) {
    return known->second ? std::vector<Part>{{*known->second, look.id}} : std::vector<Part>{};
  }
  std::optional<Mesh> mesh = primitive(node);
  if (mesh) WM_TRY_STATUS(spend(mesh->positions.size()));
  const auto part = add(std::move(mesh), look, key);
  return part ? std::vector<Part>{*part} : std::vector<Part>{};
}

Result<std::vector<Part>> UsdShapes::mesh_parts(const UsdNode& node) {
  const Prim& prim = node.prim;
  const std::vector<Subset> all = subsets(prim);
  const UsdPrimvar colors = primvar(prim, "primvars:displayColor", true);
  const UsdPrimvar opacities = primvar(prim, "primvars:displayOpacity", true);
  const bool double_sided = values_.flag(prim, "doubleSided", false);
  std::vector<const UsdLook*> looks;
  for (const Subset& subset : all) looks.push_back(&look_of(prim, subset.prim, colors, opacities, double_sided));
  looks.push_back(&look_of(prim, {}, colors, opacities, double_sided));

  std::vector<Part> out;
  std::optional<UsdPolygons> base;  // with its points, not yet refined
  for (std::size_t which = 0; which < looks.size(); ++which) {
    const UsdLook& look = *looks[which];
    const std::string key = fmt::format("{} {} {} {} {}", node.canonical.text(), which, look.colors,
                                        look.tangents ? look.normal_set : -1, fmt::join(look.coordinates, " "));
    if (const auto known = meshes_.find(key); known != meshes_.end()) {
      if (known->second) out.push_back({*known->second, look.id});
      continue;
    }
    if (!base) {
      WM_TRY(read, polygons(node));
      WM_TRY_STATUS(spend(read.points.size() + read.corners.size()));
      base = std::move(read);
    }
    UsdPolygons mesh = *base;
    if (look.colors) {
      if (colors.width == 3) mesh.colors = colors;
      if (opacities.width == 1) mesh.opacities = opacities;
    }
    for (std::size_t set = 0; set < 2; ++set) {
      const std::string name = set < look.coordinates.size() ? look.coordinates[set] : set == 0 ? "st" : "";
      if (!name.empty()) mesh.st[set] = primvar(prim, "primvars:" + name, true);
      if (mesh.st[set].width != 2) mesh.st[set] = {};
    }
    if (const auto sound = check_polygons(mesh, source_.file(), notes_); !sound) {
      notes_.add(sound.error().message + "; it is left out");
      return std::vector<Part>();
    }
    std::vector<int> part(mesh.counts.size(), static_cast<int>(all.size()));
    for (std::size_t s = all.size(); s-- > 0;) {
      for (const std::int32_t face : all[s].faces) {
        if (face >= 0 && static_cast<std::size_t>(face) < part.size())
          part[static_cast<std::size_t>(face)] = static_cast<int>(s);
      }
    }
    if (mesh.subdivision != Subdivision::none && !mesh.counts.empty()) {
      constexpr std::size_t kMostFaces = 200'000;
      std::vector<std::int32_t> parents;
      subdivide(mesh, parents, kMostFaces, notes_);
      if (!parents.empty()) {
        std::vector<int> finer;
        for (const std::int32_t parent : parents) finer.push_back(part[static_cast<std::size_t>(parent)]);
        part = std::move(finer);
      }
    }
    if (mesh.subdivision != Subdivision::none) WM_TRY_STATUS(spend(mesh.corners.size()));
    std::optional<Mesh> made = triangulated(mesh, part, static_cast<int>(which));
    if (const auto one = add(std::move(made), look, key)) out.push_back(*one);
  }
  return out;
}

Result<std::shared_ptr<const Mesh>> UsdShapes::collision(const UsdNode& node) {
  const auto [known, is_new] = collisions_.try_emplace(node.canonical.id());
  if (!is_new) return known->second;
  std::optional<Mesh> mesh;
  if (node.prim.type_name().text() == "Mesh") {
    WM_TRY(read, polygons(node));
    WM_TRY_STATUS(spend(read.corners.size()));
    read.normals = {};  // what touches is flat
    if (const auto sound = check_polygons(read, source_.file(), notes_)) {
      mesh = triangulated(read, {}, 0);
    } else {
      notes_.add(sound.error().message + "; it is left out");
    }
  } else {
    mesh = primitive(node);
  }
  if (mesh && geometry::validate(*mesh, node.prim.path().text())) {
    known->second = std::make_shared<const Mesh>(std::move(*mesh));
  }
  return known->second;
}

}  // namespace wm::import
