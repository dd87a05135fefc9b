#include "worldmill/usd/layer_file.h"

#include "worldmill/usd/crate.h"
#include "worldmill/usd/package.h"
#include "worldmill/usd/text_reader.h"
#include "worldmill/usd/text_writer.h"

namespace wm::usd {

namespace {

constexpr int kMaxPackages = 8;  // one within another

Result<std::shared_ptr<Layer>> read(const Bytes& bytes, const std::string& file, const ReadBudget& budget, int depth) {
  const std::string_view text = bytes.text();
  if (is_crate(text)) return read_crate(bytes, file, budget);
  if (text.starts_with("PK\x03\x04")) {
    WM_TRY(package, Package::open(bytes, file));
    const Package::Member& root = package.members().front();
    const std::string_view inside = root.bytes.text();
    const bool package_inside = inside.starts_with("PK\x03\x04");
    if (package_inside && depth >= kMaxPackages) return base::error("packages lie in packages too deep", {file});
    if (!is_crate(inside) && !is_text(inside) && !package_inside) {
      return base::error("the package's first member, " + root.name + ", is no USD layer", {file});
    }
    return read(root.bytes, package_path(file, root.name), budget, depth + 1);
  }
  if (!is_text(text) && text.substr(0, 1) != "#") {
    return base::error("this is no USD file: it begins neither with #usda nor with PXR-USDC, and is no package",
                       {file});
  }
  return read_text(text, file, budget);
}

}  // namespace

Result<std::shared_ptr<Layer>> read_layer(const Bytes& bytes, const std::string& file, const ReadBudget& budget) {
  return read(bytes, file, budget, 0);
}

Result<std::shared_ptr<Layer>> open_layer(const std::filesystem::path& path, const ReadBudget& budget) {
  WM_TRY(bytes, map_file(path, budget.bytes));
  return read_layer(bytes, path.string(), budget);
}

Result<std::string> write_layer(const Layer& layer, const std::filesystem::path& name) {
  const std::string ending = name.extension().string();
  if (ending == ".usda") return write_text(layer);
  if (ending == ".usd" || ending == ".usdc") return write_crate(layer);
  if (ending == ".usdz") {
    const std::string crate = write_crate(layer);
    return write_package({{name.stem().string() + ".usdc", crate}});
  }
  return base::error("a USD file ends with .usda, .usdc, .usd or .usdz", {name.string()});
}

}  // namespace wm::usd
