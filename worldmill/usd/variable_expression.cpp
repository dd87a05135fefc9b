#include "worldmill/usd/variable_expression.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace wm::usd {
namespace {

constexpr int kMaxDepth = 32;

class Evaluator {
 public:
  Evaluator(std::string_view text, const Dictionary& variables, int depth)
      : text_(text), variables_(variables), depth_(depth) {}

  Result<Value> whole() {
    if (text_.size() < 2) return fail("an expression stands between backticks");
    text_ = text_.substr(1, text_.size() - 2);
    WM_TRY(value, expression());
    blanks();
    if (!text_.empty()) return fail("something follows the expression");
    return value;
  }

 private:
  static tl::unexpected<base::Diagnostic> fail(const std::string& what) {
    return base::error("in a variable expression: " + what);
  }

  void blanks() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\t' || text_[0] == '\n')) text_.remove_prefix(1);
  }
  bool take(char c) {
    blanks();
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view word() {
    std::size_t n = 0;
    while (n < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[n])) || text_[n] == '_')) ++n;
    const std::string_view found = text_.substr(0, n);
    text_.remove_prefix(n);
    return found;
  }

  Result<Value> variable(std::string_view name) {
    const Value* value = find(variables_, Token(name));
    if (!value) return fail("no variable is called " + std::string(name));
    if (value->is(Type::string) && is_variable_expression(value->token().text())) {
      if (depth_ >= kMaxDepth) return fail("variables refer to each other without end");
      return Evaluator(value->token().text(), variables_, depth_ + 1).whole();
    }
    return *value;
  }

  Result<Value> string(char quote) {
    std::string made;
    for (;;) {
      if (text_.empty()) return fail("a string is not closed");
      const char c = text_[0];
      text_.remove_prefix(1);
      if (c == quote) return Value::of(Token(made), Type::string);
      if (c == '\\' && !text_.empty()) {
        made += text_[0];
        text_.remove_prefix(1);
      } else if (c == '$' && !text_.empty() && text_[0] == '{') {
        text_.remove_prefix(1);
        const std::string_view name = word();
        if (text_.empty() || text_[0] != '}') return fail("a ${ is not closed");
        text_.remove_prefix(1);
        WM_TRY(value, variable(name));
        if (!value.is(Type::string)) return fail("the variable " + std::string(name) + " is no string");
        made += value.token().text();
      } else {
        made += c;
      }
    }
  }

  Result<std::vector<Value>> arguments(char close) {
    std::vector<Value> found;
    if (take(close)) return found;
    for (;;) {
      WM_TRY(value, expression());
      found.push_back(std::move(value));
      if (take(close)) return found;
      if (!take(',')) return fail("expected a comma");
    }
  }

  Result<Value> expression() {
    if (++nesting_ > kMaxDepth) return fail("it is nested too deep");
    blanks();
    Result<Value> value = primary();
    --nesting_;
    return value;
  }

  Result<Value> primary() {
    if (text_.empty()) return fail("something is missing");
    const char c = text_[0];
    if (c == '"' || c == '\'') {
      text_.remove_prefix(1);
      return string(c);
    }
    if (c == '$') {
      if (text_.size() < 2 || text_[1] != '{') return fail("expected ${");
      text_.remove_prefix(2);
      const std::string_view name = word();
      if (!take('}')) return fail("a ${ is not closed");
      return variable(name);
    }
    if (c == '[') {
      text_.remove_prefix(1);
      WM_TRY(items, arguments(']'));
      return Value::boxed(Type::value, std::move(items));
    }
    if (c == '-' || std::isdigit(static_cast<unsigned char>(c))) {
      std::int64_t number = 0;
      const auto result = std::from_chars(text_.data(), text_.data() + text_.size(), number);
      if (result.ec != std::errc()) return fail("a number is none");
      text_.remove_prefix(static_cast<std::size_t>(result.ptr - text_.data()));
      return Value::of(Type::int64, number);
    }
    const std::string_view name = word();
    if (name == "True" || name == "true") return Value::of(true);
    if (name == "False" || name == "false") return Value::of(false);
    if (name == "None" || name == "none") return Value();
    if (name.empty() || !take('(')) return fail("expected a string, a variable, a list or a function");
    if (name == "defined") return defined();
    WM_TRY(values, arguments(')'));
    return call(name, values);
  }

  Result<Value> defined() {
    bool all = true;
    for (;;) {
      WM_TRY(name, expression());
      all = all && name.is(Type::string) && find(variables_, name.token()) != nullptr;
      if (take(')')) return Value::of(all);
      if (!take(',')) return fail("expected a comma");
    }
  }

  static const std::vector<Value>* list(const Value& value) {
    return value.is(Type::value) ? &value.content<std::vector<Value>>() : nullptr;
  }

  Result<Value> call(std::string_view name, const std::vector<Value>& a) {
    const auto needs = [&](std::size_t n) { return a.size() == n; };
    if (name == "if" && (needs(2) || needs(3))) {
      if (!a[0].is(Type::boolean)) return fail("if needs a condition");
      return a[0].truth() ? a[1] : needs(3) ? a[2] : Value();
    }
    if ((name == "and" || name == "or") && a.size() >= 2) {
      bool truth = name == "and";
      for (const Value& value : a) {
        if (!value.is(Type::boolean)) return fail(std::string(name) + " needs truths");
        truth = name == "and" ? truth && value.truth() : truth || value.truth();
      }
      return Value::of(truth);
    }
    if (name == "not" && needs(1) && a[0].is(Type::boolean)) return Value::of(!a[0].truth());
    if (name == "eq" && needs(2)) return Value::of(same(a[0], a[1]));
    if (name == "neq" && needs(2)) return Value::of(!same(a[0], a[1]));
    if ((name == "lt" || name == "leq" || name == "gt" || name == "geq") && needs(2)) {
      int order;
      if (a[0].is(Type::string) && a[1].is(Type::string)) {
        order = a[0].token().text().compare(a[1].token().text());
      } else if (is_number(a[0]) && is_number(a[1])) {
        const double x = a[0].number(), y = a[1].number();
        order = x < y ? -1 : x > y;
      } else {
        return fail(std::string(name) + " compares two strings or two numbers");
      }
      return Value::of(name == "lt" ? order < 0 : name == "leq" ? order <= 0 : name == "gt" ? order > 0 : order >= 0);
    }
    if (name == "len" && needs(1)) {
      if (list(a[0])) return Value::of(Type::int64, static_cast<std::int64_t>(list(a[0])->size()));
      if (a[0].is(Type::string)) return Value::of(Type::int64, static_cast<std::int64_t>(a[0].token().text().size()));
      if (a[0].is_array()) return Value::of(Type::int64, static_cast<std::int64_t>(a[0].size()));
    }
    if (name == "contains" && needs(2)) {
      if (list(a[0])) {
        return Value::of(std::any_of(list(a[0])->begin(), list(a[0])->end(), [&](auto& v) { return same(v, a[1]); }));
      }
      if (a[0].is(Type::string) && a[1].is(Type::string)) {
        return Value::of(a[0].token().text().find(a[1].token().text()) != std::string_view::npos);
      }
    }
    if (name == "at" && needs(2) && a[1].is(Type::int64)) {
      std::int64_t index = a[1].get<std::int64_t>();
      const std::string_view text = a[0].token().text();
      const auto size = static_cast<std::int64_t>(list(a[0]) ? list(a[0])->size() : text.size());
      if (index < 0) index += size;
      if (index < 0 || index >= size) return fail("at looks beyond the end");
      if (list(a[0])) return (*list(a[0]))[static_cast<std::size_t>(index)];
      return Value::of(Token(text.substr(static_cast<std::size_t>(index), 1)), Type::string);
    }
    return fail("no function is called " + std::string(name) + ", or not with these arguments");
  }

  static bool is_number(const Value& v) { return v.is(Type::int64) || v.is(Type::int_); }
  static bool same(const Value& a, const Value& b) {
    return is_number(a) && is_number(b) ? a.number() == b.number() : a == b;
  }

  std::string_view text_;
  const Dictionary& variables_;
  int depth_, nesting_ = 0;
};

}  // namespace

bool is_variable_expression(std::string_view text) {
  return text.size() >= 2 && text.front() == '`' && text.back() == '`';
}

Result<Value> evaluate_expression(std::string_view text, const Dictionary& variables) {
  return Evaluator(text, variables, 0).whole();
}

Result<std::string> evaluated_string(std::string_view text, const Dictionary& variables) {
  if (!is_variable_expression(text)) return std::string(text);
  WM_TRY(value, evaluate_expression(text, variables));
  if (!value) return std::string();
  if (!value.is(Type::string)) return base::error("a variable expression gives no string: " + std::string(text));
  return std::string(value.token().text());
}

}  // namespace wm::usd
