#include "worldmill/base/files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <system_error>

namespace wm::base {
namespace {

namespace fs = std::filesystem;

class Disk : public testing::Test {
 protected:
  Disk() {
    std::string name = (fs::temp_directory_path() / "wm_files_XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~Disk() override { fs::remove_all(folder); }

  int names() const { return static_cast<int>(std::distance(fs::directory_iterator(folder), {})); }
  fs::path folder;
};

TEST_F(Disk, ReadsBackWhatWasCommittedAndMakesFolders) {
  const fs::path path = folder / "a" / "b" / "c.bin";
  const std::string bytes("zero \0 inside", 13);
  disk().commit(path, bytes);
  EXPECT_EQ(disk().read(path, 100).value(), bytes);
}

TEST_F(Disk, CommitReplacesAndLeavesNoTemporary) {
  disk().commit(folder / "x", "old");
  disk().commit(folder / "x", "new");
  EXPECT_EQ(disk().read(folder / "x", 100).value(), "new");
  EXPECT_EQ(names(), 1);
}

TEST_F(Disk, AFailedCommitLeavesNothingBehind) {
  fs::create_directories(folder / "taken" / "inside");  // a folder that is not empty cannot be renamed over
  EXPECT_THROW(disk().commit(folder / "taken", "bytes"), std::system_error);
  EXPECT_EQ(names(), 1);
}

TEST_F(Disk, AppendsInOrder) {
  disk().append(folder / "log", "one\n");
  disk().append(folder / "log", "two\n");
  EXPECT_EQ(disk().read(folder / "log", 100).value(), "one\ntwo\n");
}

TEST_F(Disk, TellsWhatStandsSomewhere) {
  disk().commit(folder / "b" / "x", "x");
  disk().commit(folder / "a", "a");
  fs::create_symlink(folder / "b", folder / "link");
  EXPECT_EQ(disk().kind(folder / "a"), Files::Kind::file);
  EXPECT_EQ(disk().kind(folder / "link"), Files::Kind::folder);
  EXPECT_EQ(disk().kind(folder / "none"), Files::Kind::nothing);
  EXPECT_EQ(disk().list(folder), (std::vector<std::string>{"a", "b", "link"}));
  EXPECT_TRUE(disk().list(folder / "none").empty());
  EXPECT_EQ(disk().resolve(folder / "link" / "x"), fs::canonical(folder) / "b" / "x");
  EXPECT_TRUE(disk().resolve(folder / "link" / "y").empty());
}

TEST_F(Disk, RefusesWithASentence) {
  disk().commit(folder / "x", "four");
  EXPECT_EQ(disk().read(folder / "x", 4).value(), "four");
  EXPECT_EQ(disk().read(folder / "x", 3).error().message, "is larger than the 3 bytes allowed here");
  EXPECT_EQ(disk().read(folder / "none", 9).error().message, "cannot be read: No such file or directory");
  EXPECT_EQ(disk().read(folder, 9).error().message, "is not a regular file");
}

}  // namespace
}  // namespace wm::base
