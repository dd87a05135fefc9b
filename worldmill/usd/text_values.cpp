// Values of USDA text: numbers into their bytes at once, without a tree between.
#include <algorithm>
#include <cmath>
#include <limits>

#include "worldmill/usd/text_parser.h"

namespace wm::usd {
namespace {

constexpr int kMaxNesting = 64;  // of dictionaries

bool is_quaternion(Type type) {
  return type == Type::quatd || type == Type::quatf || type == Type::quath;
}

int matrix_rows(Type type) {
  return type == Type::matrix2d ? 2 : type == Type::matrix3d ? 3 : type == Type::matrix4d ? 4 : 0;
}

template <class T>
void store(std::byte* bytes, std::size_t index, T value) {
  std::memcpy(bytes + index * sizeof(T), &value, sizeof(T));
}

bool same_letters(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y; });
}

// 1, 0, or -1 for what is no truth.
int truth_of(std::string_view word) {
  if (same_letters(word, "true") || same_letters(word, "yes") || word == "1") return 1;
  if (same_letters(word, "false") || same_letters(word, "no") || word == "0") return 0;
  return -1;
}

}  // namespace

bool TextValues::none() {
  if (!is_word("None")) return false;
  at_ += 4;
  return true;
}

bool TextValues::path(Path anchor, Path& found, bool may_be_empty) {
  const std::size_t start = at_;
  std::string_view text;
  if (!angled(text)) return false;
  found = {};
  if (text.empty() && may_be_empty) return true;
  const auto parsed = Path::parse(text, anchor);
  if (!parsed) return fail_at(start, "<" + std::string(text.substr(0, 200)) + "> is no path");
  found = *parsed;
  return true;
}

bool TextValues::component(Scalar scalar, Type type, std::byte* bytes, std::size_t index) {
  const std::size_t start = at_;
  if (scalar == Scalar::text) {
    std::string text;
    if (type == Type::asset) {
      if (peek() != '@') return fail("expected an asset path in @ @");
      if (!asset(text)) return false;
    } else {
      if (!is_quote()) return fail("expected text in quotation marks");
      if (!quoted(text)) return false;
    }
    store(bytes, index, Token(text));
    return true;
  }
  if (scalar == Scalar::boolean &&
      (is_quote() || !(peek() == '-' || peek() == '.' || (peek() >= '0' && peek() <= '9')))) {
    std::string text;
    if (is_quote()) {
      if (!quoted(text)) return false;
    } else {
      text = word();
    }
    const int truth = truth_of(text);
    if (truth < 0) return fail_at(start, "expected true or false, not `" + text.substr(0, 40) + "`");
    store(bytes, index, static_cast<std::uint8_t>(truth));
    return true;
  }
  double value = 0;
  std::int64_t integer = 0;
  std::uint64_t natural = 0;
  bool is_integer = false, is_negative = false;
  if (is_quote() && (scalar == Scalar::f16 || scalar == Scalar::f32 || scalar == Scalar::f64)) {
    std::string text;
    if (!quoted(text)) return false;
    if (text == "inf" || text == "-inf") {
      value = text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    } else if (text == "nan") {
      value = std::numeric_limits<double>::quiet_NaN();
    } else {
      return fail_at(start, "expected a number, not text");
    }
  } else if (!number(value, integer, natural, is_integer, is_negative)) {
    return false;
  }
  const auto in_range = [&](double low, double high) {
    return is_integer ? (is_negative ? static_cast<double>(integer) >= low : static_cast<double>(natural) <= high)
                      : value > low - 1 && value < high + 1;
  };
  const auto refuse = [&] { return fail_at(start, "the number does not fit into " + std::string(info(type).name)); };
  if (!is_integer && (scalar == Scalar::i64 || scalar == Scalar::u64)) {
    const double low = scalar == Scalar::i64 ? -0x1p63 : 0;
    if (!(value >= low && value < (scalar == Scalar::i64 ? 0x1p63 : 0x1p64))) return refuse();
    integer = scalar == Scalar::i64 ? static_cast<std::int64_t>(value) : 0;
    natural = scalar == Scalar::u64 ? static_cast<std::uint64_t>(value) : 0;
  }
  switch (scalar) {
    case Scalar::boolean:
      store(bytes, index, static_cast<std::uint8_t>(value != 0));
      return true;
    case Scalar::u8:
      if (!in_range(0, 255)) return refuse();
      store(bytes, index, static_cast<std::uint8_t>(value));
      return true;
    case Scalar::i32:
      if (!in_range(-2147483648.0, 2147483647.0)) return refuse();
      store(bytes, index, static_cast<std::int32_t>(value));
      return true;
    case Scalar::u32:
      if (!in_range(0, 4294967295.0)) return refuse();
      store(bytes, index, static_cast<std::uint32_t>(value));
      return true;
    case Scalar::i64:
      if (is_integer && !is_negative && natural > static_cast<std::uint64_t>(INT64_MAX)) return refuse();
      store(bytes, index, integer);
      return true;
    case Scalar::u64:
      if (is_integer && is_negative) return refuse();
      store(bytes, index, natural);
      return true;
    default:
      put_number(scalar, bytes, index, value);
      return true;
  }
}

bool TextValues::tuple(Scalar scalar, Type type, int count, std::byte* bytes, std::size_t first) {
  if (!take('(')) {
    return fail("expected `(` and " + std::to_string(count) + " numbers of " + std::string(info(type).name));
  }
  for (int i = 0; i < count; ++i) {
    lines();
    if (peek() == ')') {
      return fail("expected " + std::to_string(count) + " numbers of " + std::string(info(type).name) + ", found " +
                  std::to_string(i));
    }
    // Quaternions are written real first and kept real last.
    const std::size_t slot = is_quaternion(type) ? static_cast<std::size_t>((i + 3) % 4) : static_cast<std::size_t>(i);
    if (!component(scalar, type, bytes, first + slot)) return false;
    if (peek() == ',' && i + 1 < count) {  // the common way, at once
      ++at_;
      if (peek() == ' ') ++at_;
      continue;
    }
    lines();
    if (i + 1 < count && !take(',')) {
      return fail("expected `,` and " + std::to_string(count) + " numbers of " + std::string(info(type).name));
    }
  }
  if (take(',')) lines();
  if (take(')')) return true;
  return fail("expected `)` after " + std::to_string(count) + " numbers of " + std::string(info(type).name));
}

bool TextValues::element(Type type, std::byte* bytes) {
  const TypeInfo& i = info(type);
  if (i.components == 1) return component(i.scalar, type, bytes, 0);
  const int rows = matrix_rows(type);
  if (rows == 0) return tuple(i.scalar, type, i.components, bytes, 0);
  if (!take('(')) return fail("expected `(` and the rows of " + std::string(i.name));
  for (int row = 0; row < rows; ++row) {
    lines();
    if (!tuple(i.scalar, type, rows, bytes, static_cast<std::size_t>(row * rows))) return false;
    lines();
    if (row + 1 < rows && !take(',')) return fail("expected `,` and " + std::to_string(rows) + " rows");
  }
  if (take(',')) lines();
  return take(')') || fail("expected `)` after " + std::to_string(rows) + " rows");
}

bool TextValues::value(Type type, bool array, Value& value) {
  if (type == Type::dictionary) return dictionary(value);
  const auto size = static_cast<std::size_t>(info(type).bytes);
  WM_CHECK(size > 0);
  if (!array) {
    std::byte bytes[128];
    if (peek() == '[') return fail("expected one " + std::string(info(type).name) + ", not a list");
    if (!element(type, bytes)) return false;
    value = Value::element(type, bytes);
    return true;
  }
  if (!take('[')) return fail("expected a list in [ ]");
  std::vector<std::byte> bytes(64 * size);
  std::size_t used = 0;
  for (;;) {
    lines();
    if (take(']')) break;
    if (used + size > bytes.size()) bytes.resize(bytes.size() * 2);
    if (!element(type, bytes.data() + used)) return false;
    used += size;
    if (peek() == ',' && peek(1) == ' ') {  // the common way, at once
      at_ += 2;
      continue;
    }
    lines();
    if (take(']')) break;
    if (!take(',')) return fail("expected `,` or `]` in the list");
  }
  bytes.resize(used);
  bytes.shrink_to_fit();
  value = Value::array(type, std::move(bytes));
  return true;
}

bool TextValues::dictionary(Value& result, int depth) {
  if (depth > kMaxNesting) return fail("dictionaries are nested deeper than " + std::to_string(kMaxNesting));
  if (!take('{')) return fail("expected a dictionary in { }");
  Dictionary entries;
  for (;;) {
    lines();
    while (take(';')) lines();
    if (take('}')) break;
    const std::size_t start = at_;
    const std::string_view type_word = long_word();
    if (type_word.empty()) return fail("expected the type of a dictionary's entry");
    blanks();
    bool array = false;
    if (take('[')) {
      blanks();
      if (!expect(']', "after [ of a type")) return false;
      array = true;
      blanks();
    }
    std::string key;
    if (is_quote()) {
      if (!quoted(key)) return false;
    } else {
      key = spaced_name();
      if (key.empty()) return fail("expected the key of a dictionary's entry");
    }
    blanks();
    if (!expect('=', "after the key of a dictionary's entry")) return false;
    blanks();
    Value entry;
    if (type_word == "dictionary" && !array) {
      if (!dictionary(entry, depth + 1)) return false;
    } else {
      const TypeName type = type_named(type_word);
      if (type.type == Type::none) {
        return fail_at(start, "`" + std::string(type_word.substr(0, 80)) + "` is no type of a dictionary's entry");
      }
      if (none()) {
        entry = Value::small(Type::value_block, 0);
      } else if (!value(type.type, array, entry)) {
        return false;
      }
    }
    set(entries, Token(key), std::move(entry));
    blanks();
    if (peek() == '}') continue;
    if (!end_statement("a dictionary's entry")) return false;
  }
  result = Value::boxed(Type::dictionary, std::move(entries));
  return true;
}

bool TextValues::samples(const TypeName& type, Value& result) {
  if (!expect('{', "before time samples")) return false;
  std::vector<std::pair<double, Value>> found;
  for (;;) {
    lines();
    if (take('}')) break;
    double time;
    if (!number(time)) return false;
    lines();
    if (!expect(':', "after a time")) return false;
    lines();
    Value sample;
    if (none()) {
      sample = Value::small(Type::value_block, 0);
    } else if (type.type == Type::none) {
      std::string_view raw;
      if (!raw_value(raw)) return false;
      sample = Value::boxed(Type::unregistered, Value::of(Token(raw), Type::string));
    } else if (!strict && !type.array && info(type.type).components > 1 && peek() != '(') {
      // The specification's grammar does not tie samples to the attribute's type; a lone number is kept as it is.
      double lone;
      if (!number(lone)) return false;
      sample = Value::of(lone);
    } else if (!value(type.type, type.array, sample)) {
      return false;
    }
    found.emplace_back(time, std::move(sample));
    lines();
    if (take('}')) break;
    if (!take(',')) return fail("expected `,` or `}` after a time sample");
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  TimeSamples samples;
  std::vector<double> times;
  for (auto& [time, sample] : found) {
    if (!times.empty() && times.back() == time) {  // the last one written counts
      samples.values.back() = std::move(sample);
      continue;
    }
    times.push_back(time);
    samples.values.push_back(std::move(sample));
  }
  samples.times = Value::array_of<double>(Type::double_vector, times);
  result = Value::boxed(Type::time_samples, std::move(samples));
  return true;
}

bool TextValues::extrapolation(Spline::Side& side) {
  blanks();
  if (!expect(':', "after pre or post")) return false;
  blanks();
  const std::size_t start = at_;
  const std::string_view mode = word();
  side = {};
  if (mode == "none") {
    side.mode = Spline::Beyond::none;
  } else if (mode == "held") {
    side.mode = Spline::Beyond::held;
  } else if (mode == "linear") {
    side.mode = Spline::Beyond::linear;
  } else if (mode == "sloped") {
    side.mode = Spline::Beyond::sloped;
    blanks();
    if (!expect('(', "after sloped")) return false;
    lines();
    if (!number(side.slope)) return false;
    lines();
    if (!expect(')', "after the slope")) return false;
  } else if (mode == "loop") {
    blanks();
    const std::string_view kind = word();
    if (kind == "repeat" || kind == "reset" || kind == "oscillate") {
      side.mode = kind == "repeat"  ? Spline::Beyond::loop_repeat
                  : kind == "reset" ? Spline::Beyond::loop_reset
                                    : Spline::Beyond::loop_oscillate;
    } else {
      return fail_at(start, "expected loop repeat, loop reset or loop oscillate");
    }
  } else {
    return fail_at(start, "expected none, held, linear, sloped(n) or loop ...");
  }
  return true;
}

// (width, slope), or the slope alone; after them names that later versions add.
bool TextValues::tangent(Spline::Knot& k, bool post) {
  blanks();
  if (!take('(')) return true;
  lines();
  double first, second;
  if (!number(first)) return false;
  lines();
  const bool two = take(',');
  if (two) {
    lines();
    if (!number(second)) return false;
    lines();
  }
  if (!expect(')', "after a tangent")) return false;
  (post ? k.post_width : k.pre_width) = two ? first : 0;
  (post ? k.post_slope : k.pre_slope) = two ? second : first;
  return true;
}

bool TextValues::knot(Spline& curve) {
  Spline::Knot k;
  if (!number(k.time)) return false;
  lines();
  if (!expect(':', "after the time of a knot")) return false;
  lines();
  if (!number(k.value)) return false;
  blanks();
  if (take('&')) {
    blanks();
    k.pre_value = k.value;
    if (!number(k.value)) return false;
    blanks();
  }
  while (take(';')) {
    blanks();
    if (peek() == '{') {
      Value data;
      if (!dictionary(data)) return false;
      k.custom_data = data.content<Dictionary>();
    } else if (is_word("pre")) {
      word();
      if (!tangent(k, false)) return false;
    } else if (is_word("post")) {
      word();
      blanks();
      const std::size_t start = at_;
      const std::string_view next = word();
      if (next == "none") {
        k.next = Spline::Next::none;
      } else if (next == "held") {
        k.next = Spline::Next::held;
      } else if (next == "linear") {
        k.next = Spline::Next::linear;
      } else if (next == "curve") {
        k.next = Spline::Next::curve;
      } else if (!next.empty()) {
        return fail_at(start, "expected none, held, linear or curve");
      }
      if (!tangent(k, true)) return false;
    } else {
      return fail("expected pre, post or a dictionary after `;` of a knot");
    }
    blanks();
  }
  const auto rounded = [&](double& n) {
    if (curve.value_type == Type::float_) n = static_cast<float>(n);
    if (curve.value_type == Type::half) n = to_float(to_half(static_cast<float>(n)));
  };
  rounded(k.value), rounded(k.pre_slope), rounded(k.post_slope);
  if (k.pre_value) rounded(*k.pre_value);
  curve.knots.push_back(std::move(k));
  return true;
}

bool TextValues::spline(const TypeName& type, Value& result) {
  if (type.array || (type.type != Type::double_ && type.type != Type::float_ && type.type != Type::half &&
                     type.type != Type::timecode)) {
    return fail("only double, float, half and timecode attributes have splines");
  }
  Spline curve;
  curve.value_type = type.type == Type::timecode ? Type::double_ : type.type;
  curve.time_valued = type.type == Type::timecode;
  if (!expect('{', "before a spline")) return false;
  for (;;) {
    lines();
    if (take('}')) break;
    if (is_word("bezier") || is_word("hermite")) {
      curve.curve = word() == "bezier" ? Spline::Curve::bezier : Spline::Curve::hermite;
    } else if (is_word("pre")) {
      word();
      curve.before_said = true;
      if (!extrapolation(curve.before)) return false;
    } else if (is_word("post")) {
      word();
      curve.after_said = true;
      if (!extrapolation(curve.after)) return false;
    } else if (is_word("loop")) {
      word();
      blanks();
      double n[5];
      if (!expect(':', "after loop")) return false;
      blanks();
      if (!expect('(', "before the five numbers of a loop")) return false;
      for (int i = 0; i < 5; ++i) {
        lines();
        if (!number(n[i])) return false;
        lines();
        if (!expect(i < 4 ? ',' : ')', "after a number of a loop")) return false;
      }
      const auto count = [](double x) { return static_cast<std::int32_t>(std::clamp(std::nearbyint(x), 0.0, 1e9)); };
      curve.loop = Spline::Loop{n[0], n[1], count(n[2]), count(n[3]), n[4]};
    } else if (!knot(curve)) {
      return false;
    }
    lines();
    if (take('}')) break;
    if (!take(',')) return fail("expected `,` or `}` after an item of a spline");
  }
  std::stable_sort(curve.knots.begin(), curve.knots.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  for (std::size_t i = 1; i < curve.knots.size();) {
    if (curve.knots[i - 1].time == curve.knots[i].time) {
      curve.knots.erase(curve.knots.begin() + static_cast<std::ptrdiff_t>(i - 1));
    } else {
      ++i;
    }
  }
  result = Value::boxed(Type::spline, std::move(curve));
  return true;
}

}  // namespace wm::usd
