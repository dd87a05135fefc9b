#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace wm::scene {

/// A list of fixed length whose copies share what neither has changed, in chunks: changing twenty of a million values
/// copies a few thousand. Not for two threads to write one column; copies are independent.
template <class T>
class Column {
 public:
  Column() = default;
  template <class Range>
  explicit Column(const Range& values) : size_(std::size(values)) {
    std::size_t i = 0;
    for (const T& value : values) {
      if (i % kChunk == 0) chunks_.push_back(std::make_shared<Chunk>());
      (*chunks_.back())[i++ % kChunk] = value;
    }
  }

  std::size_t size() const { return size_; }
  const T& operator[](std::size_t i) const { return (*chunks_[i / kChunk])[i % kChunk]; }
  void set(std::size_t i, T value) {
    std::shared_ptr<Chunk>& chunk = chunks_[i / kChunk];
    if (chunk.use_count() != 1) chunk = std::make_shared<Chunk>(*chunk);
    (*chunk)[i % kChunk] = std::move(value);
  }

 private:
  static constexpr std::size_t kChunk = 64;
  using Chunk = std::array<T, kChunk>;
  std::size_t size_ = 0;
  std::vector<std::shared_ptr<Chunk>> chunks_;
};

}  // namespace wm::scene
