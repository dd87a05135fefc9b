#include <fmt/format.h>

#include "worldmill/usd/layer_file.h"
#include "worldmill/usd/layer_stack.h"

namespace wm::usd {
namespace {

namespace fs = std::filesystem;

bool is_relative(std::string_view path) {
  return path.starts_with("./") || path.starts_with("../");
}

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? std::string() : file.substr(0, slash);
}

std::string joined(const std::string& folder, std::string_view path) {
  const std::string text = folder.empty() ? std::string(path) : folder + "/" + std::string(path);
  return fs::path(text).lexically_normal().generic_string();
}

// The innermost name in `a.usdz[b.usdz[c/d.usda]]` and what stands around it.
struct Nested {
  std::string package, inside;
};
Nested innermost(const std::string& identifier) {
  const std::size_t open = identifier.rfind('[');
  if (open == std::string::npos || !identifier.ends_with(']')) return {{}, identifier};
  const std::size_t close = identifier.find(']', open);
  Nested found;
  found.inside = identifier.substr(open + 1, close - open - 1);
  found.package = identifier.substr(0, open) + identifier.substr(close + 1);
  return found;
}

}  // namespace

bool LayerLibrary::allowed(const fs::path& path) const {
  if (options_.roots.empty()) return true;
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(path, ignored);
  if (ignored) return false;
  for (const fs::path& root : options_.roots) {
    const fs::path inside = real.lexically_relative(fs::weakly_canonical(root, ignored));
    if (!inside.empty() && *inside.begin() != "..") return true;
  }
  return false;
}

std::string LayerLibrary::anchored(const std::string& anchor, std::string_view path) const {
  const Nested nested = innermost(anchor);
  if (path.starts_with('/')) return fs::path(path).lexically_normal().generic_string();
  const std::string inside = joined(folder_of(nested.inside), path);
  return nested.package.empty() ? inside : package_path(nested.package, inside);
}

const Package* LayerLibrary::package(const std::string& identifier, std::string* why) {
  const auto known_one = packages_.find(identifier);
  if (known_one != packages_.end()) return &known_one->second;
  auto bytes = read(identifier);
  if (!bytes) {
    if (why) *why = to_string(bytes.error());
    return nullptr;
  }
  auto opened = Package::open(*bytes, identifier);
  if (!opened) {
    if (why) *why = to_string(opened.error());
    return nullptr;
  }
  return &packages_.emplace(identifier, std::move(*opened)).first->second;
}

Result<Bytes> LayerLibrary::read(const std::string& identifier) {
  const Nested nested = innermost(identifier);
  if (!nested.package.empty()) {
    std::string why;
    const Package* archive = package(nested.package, &why);
    if (!archive) return base::error(why);
    const Package::Member* member = archive->find(nested.inside);
    if (!member) return base::error("the package has no member " + nested.inside, {nested.package});
    return member->bytes;
  }
  if (!allowed(identifier)) return base::error("this path leaves the folders that may be read", {identifier});
  return map_file(identifier, options_.budget.bytes);
}

std::string LayerLibrary::resolve(const std::string& anchor, std::string_view path, std::string* why) {
  std::string found = resolve_from(anchor, path, why);
  const bool searched = !is_relative(path) && !path.starts_with('/');
  if (found.empty() && searched && !beside_.empty() && beside_ != anchor) found = resolve_from(beside_, path, nullptr);
  return found;
}

std::string LayerLibrary::resolve_from(const std::string& anchor, std::string_view path, std::string* why) {
  const auto say = [&](std::string what) {
    if (why) *why = std::move(what);
    return std::string();
  };
  if (path.empty()) return say("the asset path is empty");
  if (path.size() > 4096) return say("the asset path is longer than 4096 bytes");
  const auto [outer, inner] = split_package_path(path);
  if (!inner.empty()) {
    const std::string archive = resolve(anchor, outer, why);
    return archive.empty() ? archive : package_path(archive, inner);
  }
  if (layers_.contains(std::string(path))) return std::string(path);
  std::string found = anchored(anchor, path);
  if (layers_.contains(found)) return found;
  const Nested nested = innermost(found);
  if (!nested.package.empty()) {
    if (nested.inside.starts_with("..")) return say("the path " + std::string(path) + " leaves its package");
    const Package* archive = package(nested.package, why);
    if (archive && archive->find(nested.inside)) return found;
    // A search path is looked for from the package's root too.
    if (archive && !is_relative(path) && archive->find(path)) return package_path(nested.package, path);
    return say("the package " + nested.package + " has no member " + nested.inside);
  }
  const auto there = [&](const std::string& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored);
  };
  if (!allowed(found)) {
    return say("the path " + std::string(path) + " leaves the folders that may be read; name them with --root");
  }
  if (there(found)) return found;
  if (!is_relative(path) && !path.starts_with('/')) {
    for (const fs::path& folder : options_.search_paths) {
      const std::string other = joined(folder.generic_string(), path);
      if (allowed(other) && there(other)) return other;
    }
  }
  return say("no such file: " + found);
}

void LayerLibrary::add(std::shared_ptr<Layer> layer) {
  const std::string identifier = layer->identifier();
  layers_.insert_or_assign(identifier, std::move(layer));
}

Result<std::shared_ptr<Layer>> LayerLibrary::open(const std::string& identifier) {
  const auto known_one = layers_.find(identifier);
  if (known_one != layers_.end()) return known_one->second;
  if (layers_.size() >= options_.layers) {
    return base::error(fmt::format("more than the {} layers allowed are opened", options_.layers), {identifier});
  }
  auto bytes = read(identifier);
  Result<std::shared_ptr<Layer>> layer =
      bytes ? read_layer(*bytes, identifier, options_.budget) : tl::unexpected(bytes.error());
  layers_.emplace(identifier, layer);
  return layer;
}

}  // namespace wm::usd
