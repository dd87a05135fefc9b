#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "worldmill/base/expression.h"
#include "worldmill/recipe/folders.h"
#include "worldmill/recipe/schema.h"
#include "worldmill/recipe/tree.h"

namespace wm::recipe {

/// Holds a merged tree against the schema. In place it fills in parameters and defaults, names files as they are found
/// and expands globs: that is the resolved tree. What it gives back has the same shape in SI units and linear colours,
/// with each drawable value as {act, value, per, shared}. The first mistake is thrown as Refused.
class Checker {
 public:
  /// A value for a parameter from the command line.
  struct Setting {
    std::string name, text;
    base::Place place;
  };

  Checker(const Schema& schema, const Folders& folders, const Vocabulary& vocabulary, std::vector<Setting> settings)
      : schema_(schema), folders_(folders), vocabulary_(vocabulary), settings_(std::move(settings)) {}

  base::Value check(base::Value& recipe);

  /// Constants behind `$name`, in SI.
  const std::vector<std::pair<std::string, base::Value>>& params() const { return params_si_; }
  /// Lets in an order in which each uses those before it alone; `value` as check() gives fields.
  struct Let {
    std::string name;
    base::Value value;
    vary::Per per;
  };
  const std::vector<Let>& lets() const { return lets_done_; }

 private:
  // checker.cpp: the shape.
  base::Value node(const Node& node, base::Value& value, const std::string& path);
  base::Value map(const Node& node, base::Value& value, const std::string& path);
  void unknown_keys(const Node& node, const base::Value& value, const std::string& path);
  void add_presets(const Node& node, base::Value& value);
  base::Value child(const Key& key, base::Value& value, const std::string& path);
  base::Value named(const Node& node, base::Value& value, const std::string& path);
  void check_entry(const Node& node, const base::Entry& entry, const std::string& path);
  base::Value list(const Node& node, base::Value& value, const std::string& path);
  base::Value either(const Node& node, base::Value& value, const std::string& path);
  base::Value word(const Node& node, base::Value& value, const std::string& path);
  base::Value text(base::Value& value, const std::string& path);
  base::Value guard(base::Value& value, const std::string& path);
  base::Value selector(base::Value& value, const std::string& path);
  base::Value write(const Node& node, base::Value& value, const std::string& path);
  vary::Per per_of(base::Value& entry, vary::Per otherwise, const std::string& path);

  // names.cpp: parameters, lets and what is said with them.
  void read_params(base::Value& params);
  void read_param(base::Entry& entry);
  base::Value param_value(const base::Value& param, base::Value& value, const std::string& path);
  void note_lets(base::Value& lets);
  void read_lets(base::Value& recipe);
  void infer(const Node& node, base::Value& value);
  void infer_field(const Spec& spec, base::Value& value);
  void read_let(const std::string& name, const base::Place& user, const std::string& user_path);
  void use_let(const std::string& name, const base::Place& place, const std::string& path);
  base::Expression expression(const std::string& text, const base::Place& place, const std::string& path);
  /// Puts a value where an expression of parameters stands. True when lets remain in it.
  bool settle(base::Value& value, const std::string& path, Dimension dimension);
  /// Tries what lets can be: refuses an expression that has no value, or none of the type.
  void try_out(const base::Value& value, Type type, const std::string& path);
  void settle_constant(base::Value& value, const std::string& path, Dimension dimension);
  std::string what_lets_are(const std::vector<std::string>& names) const;
  /// The words that a let can be, when they are known.
  static std::optional<std::vector<std::string>> candidates(const base::Value& drawn);

  // field.cpp: values and draws.
  base::Value field(const Node& node, base::Value& value, const std::string& path);
  Spec acted(const Node& node, std::string_view act, const base::Value& value, const std::string& path);
  base::Value draw(const Spec& spec, base::Value& value, const std::string& path);
  void let_as(const Spec& spec, const base::Value& value, const std::string& path);
  base::Value by(const Spec& spec, base::Value& value, const std::string& path);
  base::Value distribution(const Spec& spec, base::Value& value, const std::string& path);
  base::Value constant(const Spec& spec, base::Value& value, const std::string& path);
  base::Value number(const Spec& spec, base::Value& value, const std::string& path);
  double quantity(const Spec& spec, const base::Value& value, const std::string& path);
  base::Value fixed(const Spec& spec, base::Value& value, const std::string& path);
  base::Value colour(const Spec& spec, base::Value& value, const std::string& path);
  base::Value numbers(const Spec& spec, std::size_t count, base::Value& value, const std::string& path, bool drawn);
  base::Value file(const Spec& spec, base::Value& value, const std::string& path);
  base::Value rotation(base::Value& value, const std::string& path);
  base::Value any(base::Value& value, const std::string& path);
  [[noreturn]] void unfit(const Spec& spec, const base::Value& value, const std::string& path);
  void in_range(const Spec& spec, double value, const base::Value& written, const std::string& path);

  // distributions.cpp: their arguments.
  base::Value arguments(const Distribution& row, const Spec& spec, base::Value& value, const std::string& path);
  base::Value pair(const Distribution& row, const Spec& spec, base::Value& value, const std::string& path);
  base::Value bell(const Distribution& row, const Spec& spec, base::Value& value, const std::string& path);
  base::Value beta(const Spec& spec, base::Value& value, const std::string& path);
  base::Value choice(const Distribution& row, const Spec& spec, base::Value& value, const std::string& path);
  base::Value weights(const Spec& spec, base::Value& value, const std::string& path);
  base::Value items(const Distribution& row, const Spec& spec, base::Value& value, const std::string& path);
  base::Value hsv(base::Value& value, const std::string& path);
  base::Value region(const Distribution& row, const Spec& spec, base::Value& value, const std::string& path);
  base::Value& argument(base::Value& value, std::string_view name, const std::string& path);
  void known_arguments(base::Value& value, std::initializer_list<std::string_view> known, const std::string& path);
  const std::vector<std::string>& endings(Type type) const;

  const Schema& schema_;
  const Folders& folders_;
  const Vocabulary& vocabulary_;
  std::vector<Setting> settings_;

  enum class ParamKind { number, truth, word };
  struct Param {
    base::Value written;
    base::Term term;
  };
  std::map<std::string, Param> params_;
  std::vector<std::pair<std::string, base::Value>> params_si_;

  struct LetState {
    base::Value* written = nullptr;
    std::optional<Spec> spec;
    bool busy = false, done = false;
    base::Value si;
    vary::Per per = vary::Per::take;
  };
  std::map<std::string, LetState> lets_;
  std::vector<Let> lets_done_;

  vary::Per per_ = vary::Per::dataset;  // of the entry or field that is being looked at
  bool is_constant_ = false;            // no draw may stand here
};

}  // namespace wm::recipe
