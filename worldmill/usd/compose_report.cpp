#include "worldmill/usd/compose_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace wm::usd {
namespace {

const std::string kRule(72, '-');

class Report {
 public:
  Report(Composer& composer, const ReportNames& names) : composer_(composer), names_(names) {}

  std::string write() {
    out_ = fmt::format("Loading @{}@\n\n{}\nLayer Stack:\n", names_.loading, kRule);
    for (const LayerStack::Entry& entry : composer_.root().layers) out_ += "     " + short_name(*entry.layer) + "\n";
    out_ += "\n";
    add_errors("computing Layer Stack", composer_.root().errors);
    std::vector<Path> stack = {Path::root()};
    while (!stack.empty()) {
      const Path path = stack.back();
      stack.pop_back();
      const PrimIndex& index = composer_.index(path);
      const ChildNames children = child_names(index);
      if (!path.is_root()) prim(index, children);
      for (auto name = children.names.rbegin(); name != children.names.rend(); ++name)
        stack.push_back(path.child(*name));
    }
    if (!errors_.empty()) {
      out_ += errors_ + "\nERROR: Unexpected error(s) encountered during test!\n";
    }
    return std::move(out_);
  }

 private:
  std::string short_name(const Layer& layer) const {
    const std::string& identifier = layer.identifier();
    return identifier.starts_with(names_.folder) ? identifier.substr(names_.folder.size()) : identifier;
  }

  static std::string list(const std::vector<Token>& names) {
    std::string text = "     [";
    for (std::size_t i = 0; i < names.size(); ++i) text += (i ? ", '" : "'") + std::string(names[i].text()) + "'";
    return text + "]\n";
  }

  void add_errors(const std::string& where, const std::vector<CompositionError>& errors) {
    if (errors.empty()) return;
    errors_ += fmt::format("\n{}\nErrors while {}\n\n", kRule, where);
    for (const CompositionError& error : errors) {
      std::string message = error.message;
      for (std::size_t at = 0; (at = message.find(names_.folder, at)) != std::string::npos; at += names_.shown.size()) {
        message.replace(at, names_.folder.size(), names_.shown);
      }
      errors_ += message + "\n";
    }
  }

  void prim(const PrimIndex& index, const ChildNames& children) {
    const Path path = index.path();
    out_ += fmt::format("{}\nResults for composing <{}>\n\nPrim Stack:\n", kRule, path.text());
    for (const std::uint32_t i : index.order) {
      const PrimNode& n = index.nodes[i];
      if (!n.contributes()) continue;
      for (const LayerStack::Entry& entry : n.stack->layers) {
        if (entry.layer->has(n.path)) out_ += fmt::format("    {:<20} {}\n", short_name(*entry.layer), n.path.text());
      }
    }
    out_ += "\n";
    offsets(index);
    selections(index);
    if (!children.names.empty()) out_ += "Child names:\n" + list(children.names) + "\n";
    if (!children.prohibited.empty()) out_ += "Prohibited child names:\n" + list(children.prohibited) + "\n";
    std::vector<CompositionError> errors = index.errors;
    properties(index, errors);
    add_errors(fmt::format("composing <{}>", path.text()), errors);
  }

  void offsets(const PrimIndex& index) {
    bool any = false;
    for (const std::uint32_t i : index.order) {
      const PrimNode& n = index.nodes[i];
      if (n.inert) continue;
      any = any || !n.to_root->offset().is_identity();
      for (const LayerStack::Entry& entry : n.stack->layers) any = any || !entry.offset.is_identity();
    }
    if (!any) return;
    out_ += "Time Offsets:\n";
    for (const std::uint32_t i : index.order) {
      const PrimNode& n = index.nodes[i];
      if (n.inert) continue;
      const auto line = [&](const std::string& head, const char* arc, const LayerOffset& o) {
        out_ += fmt::format("{} {:<10} (offset={:.2f}, scale={:.2f})\n", head, arc, o.offset, o.scale);
      };
      line(fmt::format("    {:<20} {:<15}", short_name(n.stack->root()), n.path.text()), name_of(n.arc),
           n.to_root->offset());
      for (const LayerStack::Entry& entry : n.stack->layers) {
        if (!entry.offset.is_identity()) {
          line(fmt::format("        {:<32}", short_name(*entry.layer)), "sublayer", entry.offset);
        }
      }
    }
    out_ += "\n";
  }

  void selections(const PrimIndex& index) {
    std::map<std::string, std::string> chosen;
    for (const std::uint32_t i : index.order) {
      const PrimNode& n = index.nodes[i];
      if (n.arc != Arc::variant || n.path.kind() != Path::Kind::variant) continue;
      chosen.emplace(n.path.name().text(), n.path.selection().text());
    }
    if (chosen.empty()) return;
    out_ += "Variant Selections:\n";
    for (const auto& [set, selection] : chosen) out_ += fmt::format("    {{{} = {}}}\n", set, selection);
    out_ += "\n";
  }

  void properties(const PrimIndex& index, std::vector<CompositionError>& errors) {
    const std::vector<Token> names = property_names(index);
    if (names.empty()) return;
    out_ += "Property names:\n" + list(names) + "\n";
    std::vector<Token> sorted = names;
    std::sort(sorted.begin(), sorted.end(), [](Token a, Token b) { return a.text() < b.text(); });
    out_ += "Property stacks:\n";
    std::string relationships, connections, deleted;
    for (const Token name : sorted) {
      const Path path = index.path().property(name);
      const std::vector<PropertySite> stack = property_stack(index, name, &errors);
      out_ += path.text() + ":\n";
      for (const PropertySite& site : stack) {
        out_ += fmt::format("    {:<20} {}\n", short_name(*site.entry->layer), site.path.text());
      }
      if (stack.empty()) continue;
      property_stack(index, name, &errors);  // the suite's program looks twice, and tells twice
      const Targets found = targets(index, name, stack, &errors);
      const auto lines = [&](const std::vector<Path>& paths) {
        std::string text = paths.empty() ? "" : path.text() + ":\n";
        for (const Path p : paths) text += "    " + p.text() + "\n";
        return text;
      };
      (stack.front().type == SpecType::relationship ? relationships : connections) += lines(found.paths);
      deleted += lines(found.deleted);
    }
    out_ += "\n";
    if (!relationships.empty()) out_ += "Relationship targets:\n" + relationships + "\n";
    if (!connections.empty()) out_ += "Attribute connections:\n" + connections + "\n";
    if (!deleted.empty()) out_ += "Deleted target paths:\n" + deleted + "\n";
  }

  Composer& composer_;
  const ReportNames& names_;
  std::string out_, errors_;
};

}  // namespace

std::string compose_report(Composer& composer, const ReportNames& names) {
  return Report(composer, names).write();
}

}  // namespace wm::usd
