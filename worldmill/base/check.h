#pragma once
/// Always-on checks: a promise that only our own mistake can break. Input can never trigger one.
/// Thread-safe; prints the promise and its place on stderr, then aborts.
namespace wm::base {
[[noreturn]] void check_failed(const char* promise, const char* file, int line);
}  // namespace wm::base

#define WM_CHECK(promise) ((promise) ? void(0) : ::wm::base::check_failed(#promise, __FILE__, __LINE__))
