#include "worldmill/import/mjcf_text.h"

#include <fmt/format.h>
#include <tinyxml2.h>

#include <cstdlib>
#include <set>
#include <utility>

#include "worldmill/image/decode.h"
#include "worldmill/import/pictures.h"

namespace wm::import {

using base::error;
using tinyxml2::XMLDocument;
using tinyxml2::XMLElement;

namespace {

std::string attribute(const XMLElement& element, const char* name) {
  const char* text = element.Attribute(name);
  return text ? text : "";
}

// "XML_ERROR_MISMATCHED_ELEMENT" in words.
std::string words_of(const XMLDocument& document) {
  if (document.ErrorID() == tinyxml2::XML_SUCCESS) return "no element";
  std::string name = document.ErrorName();
  if (name.starts_with("XML_ERROR_")) name = name.substr(10);
  for (char& c : name) c = c == '_' ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

Status parse(XMLDocument& document, const std::string& bytes, const std::string& file) {
  if (document.Parse(bytes.data(), bytes.size()) == tinyxml2::XML_SUCCESS && document.RootElement()) return {};
  return error(fmt::format("is no XML: {}", words_of(document)), {file, document.ErrorLineNum(), 0});
}

class Preparer {
 public:
  Preparer(Source& source, Notes& notes) : source_(source), notes_(notes) {}
  Result<MjcfText> prepare(const std::string& bytes);

 private:
  Status include(XMLElement& parent, int depth);
  Result<XMLElement*> splice(XMLElement& parent, XMLElement& include);
  void read_compiler(XMLElement& root);
  Status walk(XMLElement& element, double copies);
  Status check(XMLElement& element, double& copies);
  Status check_size(const XMLElement& element, const char* what, double low, double high);
  Status read_files(XMLElement& element);
  Status read_mesh(XMLElement& element);
  Status check_picture(const std::string& bytes, const std::string& reference);
  Status read_texture(XMLElement& element);
  Result<std::string> read(const std::string& reference);
  std::string path(const std::string& folder, const std::string& file) const;
  base::Place place(const XMLElement& element) const { return {source_.file(), element.GetLineNum(), 0}; }

  Source& source_;
  Notes& notes_;
  std::set<std::string> included_;
  std::string mesh_folder_, texture_folder_;
  bool strip_ = false;
  MjcfText text_;
};

Result<MjcfText> Preparer::prepare(const std::string& bytes) {
  XMLDocument document;
  WM_TRY_STATUS(parse(document, bytes, source_.file()));
  XMLElement& root = *document.RootElement();
  WM_TRY_STATUS(include(root, 0));
  read_compiler(root);
  WM_TRY_STATUS(walk(root, 1));
  tinyxml2::XMLPrinter printer(nullptr, true);
  document.Print(&printer);
  text_.xml = printer.CStr();
  return std::move(text_);
}

Status Preparer::include(XMLElement& parent, int depth) {
  if (depth > source_.budget().depth) return error("is nested too deeply", place(parent));
  for (XMLElement* child = parent.FirstChildElement(); child;) {
    if (std::string_view(child->Name()) != "include") {
      WM_TRY_STATUS(include(*child, depth + 1));
      child = child->NextSiblingElement();
      continue;
    }
    WM_TRY(next, splice(parent, *child));
    child = next;
  }
  return {};
}

// Puts what is in an included file in its place; gives the first of it, or what came after.
Result<XMLElement*> Preparer::splice(XMLElement& parent, XMLElement& include) {
  const std::string file = attribute(include, "file");
  if (file.empty() || !included_.insert(file).second) {
    return error(file.empty() ? "includes a file without a name" : fmt::format("includes \"{}\" twice", file),
                 place(include));
  }
  WM_TRY(bytes, source_.read(file));
  XMLDocument document;
  WM_TRY_STATUS(parse(document, bytes, source_.place(file)));
  tinyxml2::XMLNode* after = &include;
  for (const XMLElement* e = document.RootElement()->FirstChildElement(); e; e = e->NextSiblingElement()) {
    after = parent.InsertAfterChild(after, e->DeepClone(parent.GetDocument()));
  }
  XMLElement* first = include.NextSiblingElement();
  parent.DeleteChild(&include);
  return first;
}

void Preparer::read_compiler(XMLElement& root) {
  for (XMLElement* e = root.FirstChildElement("compiler"); e; e = e->NextSiblingElement("compiler")) {
    const std::string assets = attribute(*e, "assetdir");
    if (!assets.empty()) mesh_folder_ = texture_folder_ = assets;
    if (e->Attribute("meshdir")) mesh_folder_ = attribute(*e, "meshdir");
    if (e->Attribute("texturedir")) texture_folder_ = attribute(*e, "texturedir");
    strip_ |= attribute(*e, "strippath") == "true";
    for (const char* key : {"assetdir", "meshdir", "texturedir", "strippath"}) e->DeleteAttribute(key);
  }
}

// Checked before the engine makes anything of it: sizes and counts that an author would not write.
Status Preparer::check(XMLElement& element, double& copies) {
  constexpr double kMostCopies = 1e5, kMostPixels = 8192, kMostHeights = 8192;
  const std::string_view name = element.Name();
  if (name == "replicate" || name == "composite" || name == "flexcomp") {
    double product = 1, value = 0;
    const std::string counts = attribute(element, "count");
    const char* text = counts.c_str();
    for (char* end = nullptr; (value = std::strtod(text, &end)), end != text; text = end) product *= value;
    copies *= product;
    if (!(copies <= kMostCopies)) {
      return error(
          fmt::format("makes {:.3g} copies of something, at most {:.0e} are allowed here", copies, kMostCopies),
          place(element));
    }
  }
  if (name == "texture") {
    WM_TRY_STATUS(check_size(element, "width", 0, kMostPixels));
    WM_TRY_STATUS(check_size(element, "height", 0, 6 * kMostPixels));
  }
  if (name == "hfield") {
    WM_TRY_STATUS(check_size(element, "nrow", 0, kMostHeights));
    WM_TRY_STATUS(check_size(element, "ncol", 0, kMostHeights));
  }
  if (name == "mesh") WM_TRY_STATUS(check_size(element, "octree_maxdepth", 0, 10));
  if (name == "size") {  // memory is ours to set aside
    for (const char* key : {"memory", "njmax", "nconmax", "nstack", "nuserdata"}) element.DeleteAttribute(key);
  }
  return {};
}

Status Preparer::check_size(const XMLElement& element, const char* what, double low, double high) {
  const double value = element.DoubleAttribute(what, low);
  if (value >= low && value <= high) return {};
  return error(fmt::format("{} has a {} of {}, must be in {}..{}", element.Name(), what, value, low, high),
               place(element));
}

Status Preparer::walk(XMLElement& element, double copies) {
  const std::string_view name = element.Name();
  if (name == "plugin" || name == "extension") {
    return error("needs a plugin of the engine, which is not read; take the plugin out", place(element));
  }
  if (name == "model" || name == "attach") {
    return error("attaches another model, which is not read; save it as one file", place(element));
  }
  text_.sees |= name == "rangefinder";
  WM_TRY_STATUS(check(element, copies));
  WM_TRY_STATUS(read_files(element));
  for (XMLElement* child = element.FirstChildElement(); child; child = child->NextSiblingElement()) {
    WM_TRY_STATUS(walk(*child, copies));
  }
  return {};
}

std::string Preparer::path(const std::string& folder, const std::string& file) const {
  const std::string bare = strip_ ? std::filesystem::path(file).filename().string() : file;
  return folder.empty() ? bare : (std::filesystem::path(folder) / bare).generic_string();
}

Status Preparer::read_files(XMLElement& element) {
  const std::string_view name = element.Name();
  if (name == "texture") return read_texture(element);
  if (name == "mesh" || name == "hfield" || name == "skin" || name == "flexcomp") return read_mesh(element);
  if (!element.Attribute("file")) return {};
  return error(
      fmt::format("{} names the file \"{}\", which is not read there", element.Name(), attribute(element, "file")),
      place(element));
}

// Reads a file and gives the name under which the engine finds it.
Result<std::string> Preparer::read(const std::string& reference) {
  WM_TRY(bytes, source_.read(reference));
  const std::string ending = std::filesystem::path(reference).extension().string();
  if (ending == ".png") WM_TRY_STATUS(check_picture(bytes, reference));
  std::string ours = fmt::format("file{}{}", text_.files.size(), ending);
  text_.files[ours] = std::move(bytes);
  return ours;
}

Status Preparer::check_picture(const std::string& bytes, const std::string& reference) {
  WM_TRY(info, image::image_info(bytes, source_.place(reference)));
  return image::check_size(info.width, info.height, {source_.budget().pixels}, source_.place(reference));
}

template <class T>
std::vector<T> numbers_of(const XMLElement& element, const char* key) {
  std::vector<T> all;
  const std::string text = attribute(element, key);
  const char* at = text.c_str();
  for (char* end = nullptr;; at = end) {
    const float value = std::strtof(at, &end);
    if (end == at) return all;
    all.push_back(static_cast<T>(value));
  }
}

// A mesh that is not there may be one that is only to be seen: whether it matters is known when all is read.
Status Preparer::read_mesh(XMLElement& element) {
  const bool is_mesh = std::string_view(element.Name()) == "mesh";
  const std::string file = attribute(element, "file");
  if (file.empty()) {
    if (!is_mesh || !element.Attribute("vertex")) return {};
    scene::MeshFile mesh{.name = attribute(element, "name"),
                         .vertices = numbers_of<float>(element, "vertex"),
                         .faces = numbers_of<int>(element, "face")};
    const std::string name = mesh.name;
    text_.meshes[name] = std::make_shared<const scene::MeshFile>(std::move(mesh));
    return {};
  }
  if (!element.Attribute("name")) element.SetAttribute("name", std::filesystem::path(file).stem().string().c_str());
  const std::string name = attribute(element, "name"), reference = path(mesh_folder_, file);
  auto ours = read(reference);
  if (ours) {
    element.SetAttribute("file", ours->c_str());
    element.DeleteAttribute("content_type");
    if (is_mesh) {
      text_.meshes[name] =
          std::make_shared<const scene::MeshFile>(scene::MeshFile{.name = file, .bytes = text_.files[*ours]});
    }
    return {};
  }
  if (!is_mesh || source_.exists(reference)) return tl::unexpected(ours.error());
  text_.missing_meshes[name] = ours.error().message;
  element.DeleteAttribute("file");
  element.DeleteAttribute("content_type");
  element.SetAttribute("vertex", "0 0 0 1 0 0 0 1 0 0 0 1");
  return {};
}

// Pictures are decoded here; for the engine one texel stands there.
Status Preparer::read_texture(XMLElement& element) {
  constexpr const char* kKeys[] = {"file", "fileright", "fileleft", "fileup", "filedown", "filefront", "fileback"};
  bool any = false;
  for (const char* key : kKeys) {
    const std::string file = attribute(element, key);
    if (file.empty()) continue;
    if (!element.Attribute("name")) element.SetAttribute("name", std::filesystem::path(file).stem().string().c_str());
    element.DeleteAttribute(key);
    const std::string reference = path(texture_folder_, file);
    const bool first = !std::exchange(any, true);
    if (!source_.exists(reference)) {
      notes_.add(fmt::format("refers to \"{}\", which is not there: what it paints is grey", reference));
      continue;
    }
    if (!first) continue;
    WM_TRY(bytes, source_.read(reference));
    WM_TRY(picture, decode_picture(bytes, source_.budget(), source_.place(reference), source_.name(reference)));
    text_.pictures[attribute(element, "name")] = picture;
  }
  if (!any) return {};
  for (const char* key : {"gridsize", "gridlayout", "content_type"}) element.DeleteAttribute(key);
  element.SetAttribute("builtin", "flat");
  element.SetAttribute("rgb1", "0.8 0.8 0.8");
  element.SetAttribute("width", "1");
  element.SetAttribute("height", std::string_view(attribute(element, "type")) == "2d" ? "1" : "6");
  return {};
}

}  // namespace

Result<MjcfText> prepare_mjcf(Source& source, const std::string& bytes, Notes& notes) {
  return Preparer(source, notes).prepare(bytes);
}

Result<std::string> root_of_xml(const std::string& bytes, const std::string& file) {
  XMLDocument document;
  WM_TRY_STATUS(parse(document, bytes, file));
  return std::string(document.RootElement()->Name());
}

}  // namespace wm::import
