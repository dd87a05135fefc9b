#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>

#include "worldmill/import/colliders.h"
#include "worldmill/import/import_bytes.h"
#include "worldmill/import/pictures.h"

namespace wm::import {

namespace fs = std::filesystem;
using base::error;
using scene::Asset;
using scene::AssetFile;
using scene::PicturePtr;

namespace {

class Library final : public scene::AssetSource {
 public:
  Library(base::Files& files, std::vector<fs::path> folders, const Budget& budget)
      : files_(files), folders_(std::move(folders)), roots_(files, folders_), budget_(budget) {}

  Result<std::shared_ptr<const Asset>> load(const fs::path& path) override {
    WM_TRY(found, locate(path));
    const std::shared_ptr<Shelf> shelf = shelf_of(found.path);
    const std::lock_guard lock(shelf->mutex);
    return load(found, *shelf);
  }

  Result<std::shared_ptr<const Asset>> load_body(const fs::path& path, const scene::BodyOptions& options) override {
    WM_TRY(found, locate(path));
    const std::shared_ptr<Shelf> shelf = shelf_of(found.path);
    const std::lock_guard lock(shelf->mutex);
    const Solid key{options.kind, options.collider, options.density};
    if (std::shared_ptr<const Asset> known = shelf->solids[key].lock()) return known;
    WM_TRY(asset, load(found, *shelf));
    if (!asset->scene.mechanics.empty()) return asset;
    auto solid = make_solid(files_, *asset, options);
    if (!solid) return error(solid.error().message, {found.name});
    auto shared = std::make_shared<const Asset>(*std::move(solid));
    shelf->solids[key] = shared;
    return shared;
  }

  Result<PicturePtr> load_picture(const fs::path& path) override {
    WM_TRY(found, locate(path));
    const std::shared_ptr<Shelf> shelf = shelf_of(found.path);
    const std::lock_guard lock(shelf->mutex);
    if (PicturePtr known = shelf->picture.lock()) return known;
    Source source = open(found);
    WM_TRY(bytes, files_.read(found.path, static_cast<std::uint64_t>(budget_.file_bytes)));
    source.note("", bytes);
    WM_TRY(picture, decode_picture(bytes, budget_, source.file(), found.name));
    shelf->picture = picture;
    shelf->files = source.files();
    return picture;
  }

  Result<std::vector<AssetFile>> files(const fs::path& path) override {
    WM_TRY(found, locate(path));
    const std::shared_ptr<Shelf> shelf = shelf_of(found.path);
    const std::lock_guard lock(shelf->mutex);
    if (!shelf->files.empty()) return shelf->files;
    if (is_asset(path)) {
      WM_TRY(asset, load(found, *shelf));
      return asset->files;
    }
    Source source = open(found);
    WM_TRY(bytes, files_.read(found.path, static_cast<std::uint64_t>(budget_.file_bytes)));
    source.note("", bytes);
    shelf->files = source.files();
    return shelf->files;
  }

 private:
  using Solid = std::tuple<scene::BodyOptions::Kind, scene::BodyOptions::Collider, double>;
  // What is known of one file. Its mutex is held while it is read, so that nobody reads it twice.
  struct Shelf {
    std::mutex mutex;
    std::weak_ptr<const Asset> asset;
    std::weak_ptr<const scene::Picture> picture;
    std::map<Solid, std::weak_ptr<const Asset>> solids;
    std::vector<AssetFile> files;
  };
  struct Found {
    fs::path path;
    std::string name;
  };

  Source open(const Found& found) { return Source(files_, found.path, found.name, roots_, budget_); }

  Result<std::shared_ptr<const Asset>> load(const Found& found, Shelf& shelf) {
    if (std::shared_ptr<const Asset> known = shelf.asset.lock()) return known;
    Source source = open(found);
    WM_TRY(bytes, files_.read(found.path, static_cast<std::uint64_t>(budget_.file_bytes)));
    WM_TRY(read, import_bytes(source, bytes));
    auto asset = std::make_shared<const Asset>(std::move(read));
    shelf.asset = asset;
    shelf.files = asset->files;
    return asset;
  }

  Result<Found> locate(const fs::path& path) {
    std::string looked;
    for (const fs::path& folder : folders_) {
      const fs::path candidate = (folder / path).lexically_normal();
      if (files_.kind(candidate) == base::Files::Kind::nothing) {
        looked += fmt::format("{}{}", looked.empty() ? "" : ", ", folder.empty() ? "." : folder.string());
        continue;
      }
      if (!roots_.contain(files_, candidate)) {
        return error("is outside the folders that may be read; put it into one of them", {path.string()});
      }
      return Found{candidate, name_of(path)};
    }
    return error(fmt::format("is not there; looked for it in {}", looked.empty() ? "no folder" : looked),
                 {path.string()});
  }

  std::string name_of(const fs::path& path) const {
    if (path.is_relative()) return path.lexically_normal().generic_string();
    for (const fs::path& folder : folders_) {
      const fs::path relative = files_.resolve(path).lexically_relative(files_.resolve(folder.empty() ? "." : folder));
      if (!relative.empty() && *relative.begin() != "..") return relative.generic_string();
    }
    return path.filename().string();
  }

  std::shared_ptr<Shelf> shelf_of(const fs::path& path) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Shelf>& shelf = shelves_[files_.resolve(path)];
    if (!shelf) shelf = std::make_shared<Shelf>();
    return shelf;
  }

  base::Files& files_;
  std::vector<fs::path> folders_;
  Roots roots_;
  Budget budget_;
  std::mutex mutex_;
  std::map<fs::path, std::shared_ptr<Shelf>> shelves_;
};

}  // namespace

std::unique_ptr<scene::AssetSource> make_asset_source(base::Files& files, std::vector<fs::path> roots,
                                                      const Budget& budget) {
  return std::make_unique<Library>(files, std::move(roots), budget);
}

}  // namespace wm::import
