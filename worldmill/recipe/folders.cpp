#include "worldmill/recipe/folders.h"

#include <fmt/format.h>

#include <algorithm>

#include "worldmill/recipe/tree.h"
#include "worldmill/scene/selector.h"

namespace wm::recipe {

namespace fs = std::filesystem;
using base::Files;
using base::Place;

namespace {

constexpr int kDeepest = 32;
constexpr int kMostEntries = 200'000;  // looked at for one glob
constexpr std::size_t kMostStars = 8;  // matching backtracks

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto [rest, unused] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return rest == folder.end() || (rest->empty() && std::next(rest) == folder.end());
}

std::string ending_of(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return ending;
}

void check_ending(const std::string& written, const Place& place, const std::vector<std::string>& endings) {
  const std::string ending = ending_of(written);
  if (std::find(endings.begin(), endings.end(), ending) != endings.end()) return;
  refuse(place, fmt::format("\"{}\" cannot be read here: its name must end in {}", written, fmt::join(endings, ", ")));
}

// `**.hdr` is `**/*.hdr`.
std::string full_glob(const std::string& glob) {
  std::string out;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const bool starts_name = i == 0 || glob[i - 1] == '/';
    const bool double_star = starts_name && glob.compare(i, 2, "**") == 0;
    if (double_star && i + 2 < glob.size() && glob[i + 2] != '/') {
      out += "**/*";
      ++i;
    } else {
      out += glob[i];
    }
  }
  return out;
}

}  // namespace

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

void Folders::add_root(const fs::path& folder) {
  const fs::path resolved = files_.resolve(folder);
  if (resolved.empty() || std::find(resolved_.begin(), resolved_.end(), resolved) != resolved_.end()) return;
  roots_.push_back(folder);
  resolved_.push_back(resolved);
}

void Folders::add_assets(const fs::path& folder) {
  if (files_.kind(folder) != Files::Kind::folder) {
    refuse({"--assets " + folder.string()}, "there is no such folder");
  }
  add_root(folder);
  assets_.push_back(folder);
}

// Places on the command line have a line of 0: they count as written in the recipe.
std::vector<fs::path> Folders::places_to_look(const Place& place) const {
  std::vector<fs::path> folders = {place.line > 0 ? folder_of(place.file) : roots_.front()};
  folders.insert(folders.end(), assets_.begin(), assets_.end());
  return folders;
}

fs::path Folders::look_up(const std::string& name) const {
  for (const fs::path& root : roots_) {
    if (files_.kind(root / name) == Files::Kind::file) return files_.resolve(root / name);
  }
  return {};
}

std::string Folders::name_of(const fs::path& file, const std::string& written, const Place& place) const {
  const fs::path target = files_.resolve(file);
  const auto holds = [&](const fs::path& root) { return is_inside(target, root); };
  if (std::none_of(resolved_.begin(), resolved_.end(), holds)) {
    std::vector<std::string> names;
    for (const fs::path& root : roots_) names.push_back(root.string());
    refuse(place, fmt::format("\"{}\" leaves the folders that files may come from ({}); name its folder with --assets",
                              written, fmt::join(names, ", ")));
  }
  if (written.find('$') != std::string::npos || file.string().find('$') != std::string::npos) {
    refuse(place, fmt::format("file \"{}\" has a $ in its name, which begins an expression; rename it", file.string()));
  }
  const std::string plain = fs::path(written).lexically_normal().generic_string();
  const bool is_relative = !fs::path(plain).is_absolute() && !plain.starts_with("..");
  if (is_relative && look_up(plain) == target) return plain;
  for (const fs::path& root : resolved_) {
    if (!is_inside(target, root)) continue;
    const std::string name = target.lexically_relative(root).generic_string();
    if (look_up(name) == target) return name;
  }
  refuse(place, fmt::format("\"{}\" is hidden by a file of that name in another folder; rename one of them", written));
}

std::string Folders::find(const std::string& written, const Place& place,
                          const std::vector<std::string>& endings) const {
  if (written.empty()) refuse(place, "a file must have a name");
  check_ending(written, place, endings);
  const fs::path path(written);
  if (path.is_absolute()) {
    if (files_.kind(path) != Files::Kind::file) refuse(place, fmt::format("there is no file \"{}\"", written));
    return name_of(path, written, place);
  }
  const std::vector<fs::path> folders = places_to_look(place);
  for (const fs::path& folder : folders) {
    if (files_.kind(folder / path) == Files::Kind::file) return name_of(folder / path, written, place);
  }
  const fs::path beside = folder_of(folders.front() / path);
  const std::vector<std::string> names = files_.list(beside);
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  std::string advice = base::did_you_mean(path.filename().string(), candidates);
  if (advice.empty() && assets_.empty()) advice = "; --assets DIR names other folders";
  refuse(place, fmt::format("there is no file \"{}\" beside the recipe{}{}", written,
                            assets_.empty() ? "" : " or in the --assets folders", advice));
}

struct Folders::Walk {
  std::string glob;
  bool deep = false;  // has **
  int segments = 0;
  const std::vector<std::string>& endings;
  const Place& place;
  std::vector<std::string> found = {};
  int seen = 0;
};

// Links to folders are followed only where the glob names them, so that ** cannot go in circles.
void Folders::walk(Walk& state, const fs::path& folder, const std::string& inside, int depth) const {
  for (const std::string& name : files_.list(folder)) {
    if (name.starts_with('.')) continue;
    if (++state.seen > kMostEntries) {
      refuse(state.place,
             fmt::format("\"{}\" looks through more than {} files; name a folder below", state.glob, kMostEntries));
    }
    const std::string path = inside.empty() ? name : inside + "/" + name;
    const Files::Kind kind = files_.kind(folder / name);
    if (kind == Files::Kind::folder && depth < kDeepest && (state.deep || depth < state.segments)) {
      const fs::path resolved = files_.resolve(folder / name);
      if (state.deep && resolved.parent_path() != files_.resolve(folder)) continue;
      walk(state, folder / name, path, depth + 1);
    }
    const auto& endings = state.endings;
    const bool readable = std::find(endings.begin(), endings.end(), ending_of(name)) != endings.end();
    if (kind == Files::Kind::file && readable && scene::glob_match(state.glob, path)) state.found.push_back(path);
  }
}

std::vector<std::string> Folders::expand(const std::string& written, const Place& place,
                                         const std::vector<std::string>& endings) const {
  const std::string glob = full_glob(fs::path(written).lexically_normal().generic_string());
  if (fs::path(glob).is_absolute() || glob.starts_with("..")) {
    refuse(place, fmt::format("\"{}\" leaves the folders that files may come from; name its folder with --assets and "
                              "write the rest",
                              written));
  }
  if (static_cast<std::size_t>(std::count(glob.begin(), glob.end(), '*')) > kMostStars || glob.size() > 1000) {
    refuse(place, fmt::format("\"{:.40}...\" is too long a glob", written));
  }
  const std::size_t star = glob.find_first_of("*?");
  const std::size_t slash = glob.rfind('/', star);
  const std::string fixed = slash == std::string::npos ? "" : glob.substr(0, slash);
  Walk state{.glob = glob.substr(slash == std::string::npos ? 0 : slash + 1), .endings = endings, .place = place};
  state.deep = state.glob.find("**") != std::string::npos;
  state.segments = static_cast<int>(std::count(state.glob.begin(), state.glob.end(), '/'));
  for (const fs::path& folder : places_to_look(place)) {
    walk(state, folder / fixed, "", 0);
    if (state.found.empty()) continue;
    std::vector<std::string> names;
    for (const std::string& inside : state.found) {
      const std::string path = fixed.empty() ? inside : fixed + "/" + inside;
      names.push_back(name_of(folder / path, path, place));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }
  refuse(place, fmt::format("\"{}\" matches no file ending in {}{}", written, fmt::join(endings, ", "),
                            assets_.empty() ? "; --assets DIR names other folders" : ""));
}

}  // namespace wm::recipe
