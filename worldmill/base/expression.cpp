#include "worldmill/base/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

// Recursive descent into a tree; the tree is walked for each evaluation. Every operator and function is a row of one of
// the two tables below, so that the parser knows shapes alone.

namespace wm::base {

struct Expression::Node {
  std::string op;  // "" is a term, "$" a name, "not", "negate", a binary operator or a function
  Term term;       // of a term: its value; of a name: the name
  std::vector<Node> sides;
};

namespace {

using Node = Expression::Node;
constexpr int kDeepest = 50;
constexpr std::size_t kLongest = 1000;

struct Function {
  std::string_view name;
  std::size_t least, most;
  double (*apply)(const std::vector<double>&);
};

constexpr std::array<Function, 7> kFunctions = {{
    {"min", 2, kLongest, [](const std::vector<double>& x) { return *std::min_element(x.begin(), x.end()); }},
    {"max", 2, kLongest, [](const std::vector<double>& x) { return *std::max_element(x.begin(), x.end()); }},
    {"abs", 1, 1, [](const std::vector<double>& x) { return std::fabs(x[0]); }},
    {"floor", 1, 1, [](const std::vector<double>& x) { return std::floor(x[0]); }},
    {"round", 1, 1, [](const std::vector<double>& x) { return std::round(x[0]); }},
    {"sqrt", 1, 1, [](const std::vector<double>& x) { return std::sqrt(x[0]); }},
    {"clamp", 3, 3, [](const std::vector<double>& x) { return std::min(std::max(x[0], x[1]), x[2]); }},
}};

const Function* find_function(std::string_view name) {
  const auto* found =
      std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Function& f) { return f.name == name; });
  return found == kFunctions.end() ? nullptr : found;
}

// Binary operators by how tightly they bind; longer spellings first where one begins another.
constexpr std::array<std::array<std::string_view, 6>, 5> kLevels = {{
    {"or"},
    {"and"},
    {"==", "!=", "<=", ">=", "<", ">"},
    {"+", "-"},
    {"*", "/"},
}};
constexpr std::size_t kComparison = 2;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Refused {
  std::string message;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Node whole() {
    Node node = level(0, 0);
    skip_space();
    if (!rest_.empty()) refuse("expected an operator");
    return node;
  }
  std::vector<std::string> names;

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Refused{what + (rest_.empty() ? " at the end" : fmt::format(" before \"{}\"", rest_))};
  }

  void skip_space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n')) rest_.remove_prefix(1);
  }

  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    const bool is_word = is_letter(token[0]);
    if (is_word && rest_.size() > token.size() && (is_letter(rest_[token.size()]) || is_digit(rest_[token.size()]))) {
      return false;
    }
    rest_.remove_prefix(token.size());
    return true;
  }

  std::optional<std::string_view> take_operator(std::size_t at) {
    for (const std::string_view op : kLevels[at]) {
      if (!op.empty() && take(op)) return op;
    }
    return std::nullopt;
  }

  Node level(std::size_t at, int depth) {
    if (depth > kDeepest) throw Refused{fmt::format("is nested deeper than {} levels", kDeepest)};
    if (at == kComparison && take("not")) return Node{"not", {}, {level(at, depth + 1)}};
    if (at == kLevels.size()) return unary(depth);
    Node left = level(at + 1, depth);
    while (const auto op = take_operator(at)) {
      Node right = level(at + 1, depth);
      left = Node{std::string(*op), {}, {std::move(left), std::move(right)}};
      if (at != kComparison) continue;
      if (take_operator(at)) refuse("comparisons are not chained; join two with \"and\"");
      break;
    }
    return left;
  }

  Node unary(int depth) {
    if (depth > kDeepest) throw Refused{fmt::format("is nested deeper than {} levels", kDeepest)};
    if (take("-")) return Node{"negate", {}, {unary(depth + 1)}};
    return primary(depth + 1);
  }

  Node primary(int depth) {
    skip_space();
    if (take("(")) {
      Node inside = level(0, depth);
      if (!take(")")) refuse("expected \")\"");
      return inside;
    }
    if (take("$")) return name();
    if (take("\"")) return quoted();
    if (!rest_.empty() && (is_digit(rest_[0]) || rest_[0] == '.')) return number();
    if (!rest_.empty() && is_letter(rest_[0])) return word(depth);
    refuse("expected a value");
  }

  std::string_view identifier() {
    std::size_t length = 0;
    while (length < rest_.size() && (is_letter(rest_[length]) || (length > 0 && is_digit(rest_[length])))) ++length;
    const std::string_view found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return found;
  }

  Node name() {
    const std::string found(identifier());
    if (found.empty()) refuse("expected a name after \"$\"");
    if (std::find(names.begin(), names.end(), found) == names.end()) names.push_back(found);
    return Node{"$", found, {}};
  }

  Node quoted() {
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) refuse("a quotation mark is missing");
    Node node{"", std::string(rest_.substr(0, end)), {}};
    rest_.remove_prefix(end + 1);
    return node;
  }

  Node number() {
    double value = 0;
    const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (read.ec != std::errc()) refuse("expected a number");
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    return Node{"", value, {}};
  }

  Node word(int depth) {
    const std::string_view found = identifier();
    if (found == "true" || found == "false") return Node{"", found == "true", {}};
    if (!take("(")) return Node{"", std::string(found), {}};
    const Function* function = find_function(found);
    if (function == nullptr) throw Refused{unknown_function(found)};
    Node node{std::string(found), {}, {}};
    do {
      node.sides.push_back(level(0, depth));
    } while (take(","));
    if (!take(")")) refuse("expected \",\" or \")\"");
    if (node.sides.size() < function->least || node.sides.size() > function->most) {
      throw Refused{fmt::format("{} takes {}{} argument{}, not {}", found, function->least,
                                function->most > function->least ? " or more" : "", function->most == 1 ? "" : "s",
                                node.sides.size())};
    }
    return node;
  }

  static std::string unknown_function(std::string_view found) {
    std::array<std::string_view, kFunctions.size()> known;
    std::transform(kFunctions.begin(), kFunctions.end(), known.begin(), [](const Function& f) { return f.name; });
    return fmt::format("there is no function \"{}\"{}", found, did_you_mean(found, known));
  }

  std::string_view rest_;
};

std::string spell(const Term& term) {
  if (const bool* truth = std::get_if<bool>(&term)) return *truth ? "true" : "false";
  if (const double* number = std::get_if<double>(&term)) return fmt::format("{}", *number);
  return '"' + std::get<std::string>(term) + '"';
}

template <class T>
T need(const Term& term, const std::string& op, const char* kind) {
  if (const T* value = std::get_if<T>(&term)) return *value;
  throw Refused{fmt::format("\"{}\" needs {}, not {}", op == "negate" ? "-" : op, kind, spell(term))};
}

double need_number(const Term& term, const std::string& op) {
  return need<double>(term, op, "a number");
}
bool need_truth(const Term& term, const std::string& op) {
  return need<bool>(term, op, "true or false");
}

Term finite(double value, const std::string& op) {
  if (!std::isfinite(value)) throw Refused{fmt::format("the result of \"{}\" is not a finite number", op)};
  return value;
}

bool compare(const std::string& op, const Term& left, const Term& right) {
  if (left.index() != right.index()) {
    throw Refused{fmt::format("{} and {} cannot be compared: they are of different kinds", spell(left), spell(right))};
  }
  if (op == "==") return left == right;
  if (op == "!=") return left != right;
  const double a = need_number(left, op), b = need_number(right, op);
  if (op == "<") return a < b;
  if (op == "<=") return a <= b;
  return op == ">" ? a > b : a >= b;
}

double arithmetic(const std::string& op, double a, double b) {
  if (op == "+") return a + b;
  if (op == "-") return a - b;
  if (op == "*") return a * b;
  if (b == 0) throw Refused{"divides by zero"};
  return a / b;
}

Term walk(const Node& node, const Expression::Lookup& lookup) {
  const std::string& op = node.op;
  if (op.empty()) return node.term;
  if (op == "$") {
    Result<Term> found = lookup(std::get<std::string>(node.term));
    if (!found) throw found.error();
    return *std::move(found);
  }
  const Term left = walk(node.sides[0], lookup);
  if (op == "not") return !need_truth(left, op);
  if (op == "negate") return -need_number(left, op);
  if (op == "and" || op == "or") {
    const bool first = need_truth(left, op);
    return first == (op == "or") ? first : need_truth(walk(node.sides[1], lookup), op);
  }
  if (const Function* function = find_function(op)) {
    std::vector<double> numbers = {need_number(left, op)};
    for (std::size_t i = 1; i < node.sides.size(); ++i) numbers.push_back(need_number(walk(node.sides[i], lookup), op));
    return finite(function->apply(numbers), op);
  }
  const Term right = walk(node.sides[1], lookup);
  const auto& comparisons = kLevels[kComparison];
  if (std::find(comparisons.begin(), comparisons.end(), op) != comparisons.end()) return compare(op, left, right);
  return finite(arithmetic(op, need_number(left, op), need_number(right, op)), op);
}

}  // namespace

Result<Expression> Expression::parse(std::string_view text, Place place) {
  if (text.size() > kLongest) return error(fmt::format("is longer than {} characters", kLongest), place);
  try {
    Parser parser(text);
    Expression expression;
    expression.root_ = std::make_shared<const Node>(parser.whole());
    expression.names_ = std::move(parser.names);
    expression.place_ = std::move(place);
    return expression;
  } catch (const Refused& refused) {
    return error(fmt::format("expression \"{}\": {}", text, refused.message), std::move(place));
  }
}

Result<Term> Expression::evaluate(const Lookup& lookup) const {
  try {
    return walk(*root_, lookup);
  } catch (const Refused& refused) {
    return error(refused.message, place_);
  } catch (const Diagnostic& unknown) {
    return tl::unexpected(unknown);
  }
}

}  // namespace wm::base
