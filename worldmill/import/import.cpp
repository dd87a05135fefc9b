#include "worldmill/import/import.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/import/gltf.h"
#include "worldmill/import/import_bytes.h"
#include "worldmill/import/mjcf.h"
#include "worldmill/import/mjcf_text.h"
#include "worldmill/import/obj.h"
#include "worldmill/import/urdf.h"
#include "worldmill/import/usd.h"

namespace wm::import {

namespace fs = std::filesystem;
using base::error;

namespace {

std::string ending_of(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return ending;
}

// An .xml may be anything; its root element says what it is.
Result<scene::Asset> import_xml(Source& source, const std::string& bytes) {
  WM_TRY(root, root_of_xml(bytes, source.file()));
  if (root == "mujoco" || root == "mujocoinclude") return import_mjcf(source, bytes);
  if (root == "robot") return import_urdf(source, bytes);
  return error(fmt::format("is XML of <{}>, which is not read; read are MJCF (<mujoco>) and URDF (<robot>)", root),
               {source.file()});
}

}  // namespace

std::span<const std::string_view> endings() {
  static constexpr std::string_view kEndings[] = {".glb",  ".gltf", ".obj",  ".urdf",  ".usd",
                                                  ".usda", ".usdc", ".usdz", ".xacro", ".xml"};
  return kEndings;
}

bool is_asset(const fs::path& path) {
  const auto known = endings();
  return std::find(known.begin(), known.end(), ending_of(path)) != known.end();
}

Result<scene::Asset> import_bytes(Source& source, const std::string& bytes) {
  const std::string ending = ending_of(source.file());
  source.note("", bytes);
  if (ending == ".usd" || ending == ".usda" || ending == ".usdc" || ending == ".usdz") return import_usd(source, bytes);
  if (ending == ".obj") return import_obj(source, bytes);
  if (ending == ".glb" || ending == ".gltf") return import_gltf(source, bytes);
  if (ending == ".xml" || ending == ".urdf" || ending == ".xacro") return import_xml(source, bytes);
  return error(fmt::format("is of a kind that is not read{}; read are {}", base::did_you_mean(ending, endings()),
                           fmt::join(endings(), ", ")),
               {source.file(), 0, 0});
}

Result<scene::Asset> import_file(base::Files& files, const fs::path& path, const std::vector<fs::path>& roots,
                                 const Budget& budget) {
  const std::string name = path.is_absolute() ? path.filename().string() : path.lexically_normal().generic_string();
  Source source(files, path, name, Roots(files, roots), budget);
  WM_TRY(bytes, files.read(path, static_cast<std::uint64_t>(budget.file_bytes)));
  return import_bytes(source, bytes);
}

}  // namespace wm::import
