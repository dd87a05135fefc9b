#include "worldmill/formats/npy.h"

#include <gtest/gtest.h>

#include <limits>

namespace wm::formats {
namespace {

using sample::Array;

std::string complaint(std::string_view bytes) {
  const Result<Array> array = decode_npy(bytes, "a.npy");
  return array ? "no complaint" : to_string(array.error());
}

template <class T>
void comes_back(std::vector<std::int64_t> shape, std::vector<T> values) {
  const Array array(shape, values);
  const std::string bytes = encode_npy(array);
  EXPECT_EQ((bytes.size() - values.size() * sizeof(T)) % 64, 0u);
  const Result<Array> back = decode_npy(bytes, "a.npy");
  ASSERT_TRUE(back.has_value()) << to_string(back.error());
  EXPECT_EQ(*back, array);
}

TEST(Npy, EveryTypeAndShapeComesBack) {
  comes_back<std::uint8_t>({2, 3}, {0, 1, 2, 253, 254, 255});
  comes_back<std::uint16_t>({3}, {0, 1, 65535});
  comes_back<std::uint32_t>({1, 1, 2}, {7, 4294967295u});
  comes_back<std::int32_t>({2}, {-2147483647 - 1, 2147483647});
  comes_back<std::int64_t>({2}, {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()});
  comes_back<float>({2}, {-std::numeric_limits<float>::infinity(), 1e-45f});
  comes_back<double>({}, {0.1});
  comes_back<double>({0, 5}, {});
}

TEST(Npy, BytesAreThoseOfNumPy) {  // numpy.save of np.arange(3, dtype='<u2')
  std::string expected("\x93NUMPY\x01\x00\x76\x00{'descr': '<u2', 'fortran_order': False, 'shape': (3,), }", 67);
  expected.resize(127, ' ');
  expected += std::string("\n\0\0\1\0\2\0", 7);
  EXPECT_EQ(encode_npy(Array({3}, std::vector<std::uint16_t>{0, 1, 2})), expected);
}

TEST(Npy, RefusesWhatItCannotRead) {
  const std::string good = encode_npy(Array({2, 2}, std::vector<float>{1, 2, 3, 4}));
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string bytes = good;
    return bytes.replace(bytes.find(from), from.size(), to);
  };
  EXPECT_EQ(complaint("PK"), "a.npy: is no NumPy file of version 1.0 or 2.0");
  EXPECT_EQ(complaint(good.substr(0, 40)), "a.npy: is no NumPy file of version 1.0 or 2.0");
  EXPECT_EQ(complaint(good.substr(0, good.size() - 1)), "a.npy: is not as long as its shape says");
  EXPECT_EQ(complaint(with("False", "True ")), "a.npy: is in Fortran order; only row-major arrays are read");
  EXPECT_EQ(complaint(with("<f4", ">f4")), "a.npy: holds numbers of type '>f4', which is not read");
  EXPECT_EQ(complaint(with("(2, 2)", "(2,-2)")), "a.npy: has a shape that is none");
  EXPECT_EQ(complaint(with("(2, 2), }   ", "(9999999999)")), "a.npy: is not as long as its shape says");
  EXPECT_EQ(complaint(with("shape", "sharp")), "a.npy: lacks descr, fortran_order or shape in its header");
}

}  // namespace
}  // namespace wm::formats
