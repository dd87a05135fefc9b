#include <fmt/format.h>
#include <gtest/gtest.h>

#include "worldmill/formats/store.h"

namespace wm::formats {
namespace {

std::string complaint(std::string_view bytes) {
  const auto files = untar(bytes, "a.tar");
  return files ? "no complaint" : to_string(files.error());
}

/// `bytes` with the header at `start` changed and its checksum made right again.
std::string changed(std::string bytes, std::size_t at, std::string_view text, std::size_t start = 0) {
  bytes.replace(start + at, text.size(), text);
  bytes.replace(start + 148, 8, 8, ' ');
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(bytes[start + i]);
  return bytes.replace(start + 148, 7, fmt::format("{:06o}", sum) + '\0');
}

TEST(Tar, GivesBackWhatWasPutInSortedByPath) {
  const std::string deep = std::string(90, 'd') + "/" + std::string(99, 'f');
  const std::vector<OutFile> files{
      {"b.txt", "two"}, {"a/x.bin", std::string(513, '\0')}, {deep, "deep"}, {"empty", ""}};
  const auto back = untar(tar(files), "a.tar").value();
  ASSERT_EQ(back.size(), 4u);
  EXPECT_EQ(back[0].path, "a/x.bin");
  EXPECT_EQ(back[0].bytes, std::string(513, '\0'));
  EXPECT_EQ(back[1].path, "b.txt");
  EXPECT_EQ(back[2].path, deep);
  EXPECT_EQ(back[2].bytes, "deep");
  EXPECT_EQ(back[3].bytes, "");
}

TEST(Tar, OrderOfWritingDoesNotMatter) {
  EXPECT_EQ(tar(std::vector<OutFile>{{"a", "1"}, {"b", "2"}}), tar(std::vector<OutFile>{{"b", "2"}, {"a", "1"}}));
}

TEST(Tar, NothingInItIsStillATar) {
  EXPECT_EQ(tar({}).size(), 1024u);
  EXPECT_TRUE(untar(tar({}), "a.tar")->empty());
}

TEST(Tar, RefusesPathsThatLeave) {
  const std::string good = tar(std::vector<OutFile>{{"aa/bb/cc", "x"}});
  for (const std::string_view path :
       {"../bb/cc", "/a/bb/cc", "aa/../cc", "aa//b/cc", "aa/b/./c", "aa\\bb/cc", "aa/bb/c/"}) {
    EXPECT_EQ(complaint(changed(good, 0, path)), "a.tar: holds a file whose path is not a plain relative one") << path;
  }
  EXPECT_EQ(complaint(changed(good, 345, "..")), "a.tar: holds a file whose path is not a plain relative one");
  EXPECT_EQ(complaint(changed(good, 0, std::string(8, '\0'))),
            "a.tar: holds a file whose path is not a plain relative one");
}

TEST(Tar, RefusesDamage) {
  const std::string good = tar(std::vector<OutFile>{{"a", "x"}, {"b", "y"}});
  EXPECT_EQ(complaint(""), "a.tar: is no tar: not a whole number of blocks");
  EXPECT_EQ(complaint(good.substr(0, 700)), "a.tar: is no tar: not a whole number of blocks");
  EXPECT_EQ(complaint(good.substr(0, 1024)), "a.tar: ends without its closing blocks: it was cut off");
  EXPECT_EQ(complaint(good.substr(0, 1536)), "a.tar: ends inside \"b\"");
  EXPECT_EQ(complaint(std::string(good).replace(0, 1, "z")), "a.tar: is a damaged tar: a header's checksum is wrong");
  EXPECT_EQ(complaint(changed(good, 156, "2")), "a.tar: holds \"a\", which is no regular file");
  EXPECT_EQ(complaint(changed(good, 124, "77777777777")), "a.tar: ends inside \"a\"");
  EXPECT_EQ(complaint(changed(good, 124, "0000000000x")), "a.tar: gives no size for \"a\"");
  EXPECT_EQ(complaint(changed(good, 257, "USTAR")), "a.tar: is no ustar archive");
  EXPECT_EQ(complaint(changed(good, 0, "a", 1024)), "a.tar: holds \"a\" twice");
  EXPECT_EQ(complaint(good + std::string(511, '\0') + "x"), "a.tar: holds something after its end");
}

}  // namespace
}  // namespace wm::formats
