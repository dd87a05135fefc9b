#pragma once
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace wm::base {

/// Where in a user's file something stands. Lines and columns count from 1; 0 means unknown and is not printed.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

/// A user's mistake, as a sentence: what is wrong, where, what to do.
struct Diagnostic {
  Place place;
  std::string message;
};

/// Reads like a compiler's: `kitchen.yaml:14:5: period is -0.1 s, must be positive`.
std::string to_string(const Diagnostic& diagnostic);

/// A value, or the sentence that says why there is none.
template <class T>
using Result = tl::expected<T, Diagnostic>;
using Status = Result<void>;

/// An error to return: `return error("no such folder", {path});`.
tl::unexpected<Diagnostic> error(std::string message, Place place = {});

/// The number of single-character edits (insert, delete, replace, swap of neighbours) between two words.
int edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word` if it is near enough to be a slip of the hand (at most a third of the word's
/// length, at least one edit), else empty. Ties go to the first.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// `; did you mean "intensity"?`, or nothing when no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace wm::base

namespace wm {
using base::Result;
using base::Status;
}  // namespace wm

#define WM_CONCAT_(a, b) a##b
#define WM_CONCAT(a, b) WM_CONCAT_(a, b)
/// `WM_TRY(name, expression);` binds the value of a Result to `name`, or returns its error from this function.
#define WM_TRY(name, ...) WM_TRY_(name, WM_CONCAT(wm_result_, __LINE__), __VA_ARGS__)
#define WM_TRY_(name, result, ...)                               \
  auto result = (__VA_ARGS__);                                   \
  if (!result) return tl::unexpected(std::move(result.error())); \
  auto name = std::move(*result)
/// Returns the error of a Status from this function, if there is one.
#define WM_TRY_STATUS(...) \
  if (auto wm_status = (__VA_ARGS__); !wm_status) return tl::unexpected(std::move(wm_status.error()))
