#include "worldmill/base/log.h"

#include <gtest/gtest.h>

#include <thread>

namespace wm::base {
namespace {

using Lines = std::vector<std::string>;

TEST(Log, NamesTheProgramAndTheLevel) {
  const LogCapture capture;
  log_debug("a");
  log_info("b");
  log_warning("lamp.gltf: skipped 2 cameras");
  log_error("d");
  EXPECT_EQ(capture.lines(), (Lines{"worldmill: debug: a", "worldmill: info: b",
                                    "worldmill: warning: lamp.gltf: skipped 2 cameras", "worldmill: error: d"}));
}

TEST(Log, TellsWhatIsAtLeastAsLoudAsItsLevel) {
  const LogCapture capture;
  set_log_level(LogLevel::error);
  log_warning("unheard");
  warn_once("unheard too");
  log_error("heard");
  set_log_level(LogLevel::silent);
  log_error("unheard");
  EXPECT_EQ(capture.lines(), Lines{"worldmill: error: heard"});
  EXPECT_FALSE(is_logged(LogLevel::error));
}

TEST(Log, IsQuietBelowWarningsToBeginWith) {
  EXPECT_FALSE(is_logged(LogLevel::info));
  EXPECT_TRUE(is_logged(LogLevel::warning));
}

TEST(Log, WritesWholeLinesToStderr) {
  ::testing::internal::CaptureStderr();
  log_warning("one");
  log_info("unheard");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "worldmill: warning: one\n");
}

TEST(Log, ShowsControlCharactersInsteadOfObeyingThem) {
  const LogCapture capture;
  log_info("a\x1b[2Jb\nworldmill: error: forged \xc3\xa9");
  EXPECT_EQ(capture.lines(), Lines{"worldmill: info: a\\x1b[2Jb\\x0aworldmill: error: forged \xc3\xa9"});
}

TEST(Log, TellsAWarningOnce) {
  for (int run = 0; run < 2; ++run) {  // a new capture has heard nothing
    const LogCapture capture;
    warn_once("twice");
    warn_once("another");
    warn_once("twice");
    EXPECT_EQ(capture.lines(), (Lines{"worldmill: warning: twice", "worldmill: warning: another"}));
  }
}

TEST(Log, SaysWhenItCannotRememberMore) {
  const LogCapture capture;
  for (int i = 0; i < 11'000; ++i) warn_once(std::to_string(i));
  ASSERT_EQ(capture.lines().size(), 10'001u);
  EXPECT_EQ(capture.lines().back(), "worldmill: warning: too many different warnings; no more are told");
}

TEST(Log, KeepsEveryLineOfManyThreads) {
  const LogCapture capture;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 250; ++i) log_info("line");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(capture.lines(), Lines(1000, "worldmill: info: line"));
}

}  // namespace
}  // namespace wm::base
