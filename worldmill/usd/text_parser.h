#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worldmill/usd/spline.h"
#include "worldmill/usd/text_reader.h"

namespace wm::usd {

/// What separates and spells: blanks, comments, words, quoted texts. Every function that may fail gives false after
/// `fail`, which keeps the first complaint.
class TextScanner {
 public:
  TextScanner(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  std::size_t at() const { return at_; }
  void go(std::size_t at) { at_ = at; }
  bool done() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  std::string_view rest() const { return text_.substr(at_); }
  std::string_view between(std::size_t from, std::size_t to) const { return text_.substr(from, to - from); }

  bool fail(std::string message) { return fail_at(at_, std::move(message)); }
  bool fail_at(std::size_t at, std::string message);
  const std::optional<base::Diagnostic>& error() const { return error_; }

  void blanks();  ///< Spaces, tabs and /* comments */.
  /// Those, ends of lines and all comments.
  void lines() {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '#' || c == '/') skip_lines();
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool expect(char c, std::string_view after);
  /// Blanks, and a comment; then whether a line or the file ends here.
  bool at_line_end();
  /// A `;` or the end of a line must follow `what`.
  bool end_statement(std::string_view what);

  std::string_view word();         ///< [A-Za-z0-9_ and beyond ASCII]*, not starting with a digit; may be empty.
  std::string_view long_word();    ///< The same with `:` and `.` between, for names of types.
  std::string_view spaced_name();  ///< The same with `:` between, for names of properties.
  bool is_word(std::string_view expected) const;
  bool is_quote() const { return peek() == '"' || peek() == '\''; }
  bool quoted(std::string& text);
  bool asset(std::string& path);
  bool angled(std::string_view& path);  ///< What stands between < and >.
  bool number(double& value, std::int64_t& integer, std::uint64_t& natural, bool& is_integer, bool& is_negative);
  bool number(double& value);
  bool raw_value(std::string_view& raw);  ///< The text of one value, whatever it is.

 protected:
  void skip_lines();

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
  std::optional<base::Diagnostic> error_;
};

/// The words before an edit of a list.
enum class Edit { set, add, prepend, append, remove, order };

/// Values and blocks of values.
class TextValues : public TextScanner {
 public:
  using TextScanner::TextScanner;

  bool strict = false;  ///< Rules of `#sdf` files.

  bool value(Type type, bool array, Value& value);
  bool dictionary(Value& value, int depth = 0);
  bool samples(const TypeName& type, Value& value);
  bool spline(const TypeName& type, Value& value);
  bool path(Path anchor, Path& path, bool may_be_empty = false);
  /// `[a, b, ...]`, or one alone, or None; `item` reads one.
  template <class Item>
  bool list(Item item, std::string_view what, bool* none = nullptr);
  bool none();  ///< Takes the word None.

 private:
  bool element(Type type, std::byte* bytes);
  bool component(Scalar scalar, Type type, std::byte* bytes, std::size_t index);
  bool tuple(Scalar scalar, Type type, int count, std::byte* bytes, std::size_t first);
  bool knot(Spline& spline);
  bool tangent(Spline::Knot& knot, bool post);
  bool extrapolation(Spline::Side& side);
};

/// A whole layer.
class TextParser : public TextValues {
 public:
  TextParser(std::string_view text, const std::string& file, const ReadBudget& budget);
  Result<std::shared_ptr<Layer>> read();

 private:
  struct Contents {
    std::vector<Token> prims, properties, variant_sets;
    std::vector<Field>* fields = nullptr;
  };
  enum class Owner { layer, prim, variant, attribute, relationship };

  bool header();
  bool root();
  bool metadata(Owner owner, Path path, std::vector<Field>& fields);
  bool metadata_item(Owner owner, Path path, std::vector<Field>& fields);
  bool special_item(std::string_view key, Edit edit, Path path, std::vector<Field>& fields, bool& known_key);
  bool unknown_item(std::string_view key, Edit edit, std::vector<Field>& fields);
  bool known_item(std::string_view key, Edit edit, Type type, bool array, std::vector<Field>& fields);
  bool sublayers(std::vector<Field>& fields);
  bool relocates(Owner owner, Path path, std::vector<Field>& fields);
  bool references(Token name, Type type, Edit edit, Path path, std::vector<Field>& fields);
  bool reference(Path path, bool payload, Reference& reference);
  bool paths(Token name, std::string_view key, Edit edit, Path path, std::vector<Field>& fields);
  bool names(Token name, Type type, Edit edit, std::vector<Field>& fields);
  bool variant_selections(std::vector<Field>& fields);
  bool string_list(std::vector<Token>& names);
  bool offset_items(LayerOffset& offset, Dictionary* custom_data);

  bool prim(Path parent, Specifier specifier, std::vector<Token>& siblings);
  bool contents(Path path, std::vector<Field>& fields, Contents& inside);
  bool statement(Path path, std::vector<Field>& fields, Contents& inside);
  bool order_statement(std::string_view what, std::vector<Field>& fields);
  bool variant_set(Path path, Contents& inside);
  bool property(Path path, Edit edit, Contents& inside);
  bool relationship(Path path, Edit edit, bool custom, std::optional<bool> uniform, Contents& inside);
  bool attribute(Path path, Edit edit, bool custom, std::optional<bool> uniform, Contents& inside);
  bool targets(Token name, Path prim, Edit edit, bool unique, std::vector<Field>& fields);
  std::vector<Field> fields_of(Path path) const;
  bool put(Path path, SpecType type, std::vector<Field> fields);

  std::shared_ptr<Layer> layer_;
  ReadBudget budget_;
};

Value* find(std::vector<Field>& fields, Token name);
void set(std::vector<Field>& fields, Token name, Value value);

template <class Item>
bool TextValues::list(Item item, std::string_view what, bool* is_none) {
  if (none()) {
    if (is_none) *is_none = true;
    return true;
  }
  if (!take('[')) return item();
  for (;;) {
    lines();
    if (take(']')) return true;
    if (!item()) return false;
    lines();
    if (take(']')) return true;
    if (!take(',')) return fail("expected `,` or `]` in the list of " + std::string(what));
  }
}

}  // namespace wm::usd
