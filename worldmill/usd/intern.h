#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "worldmill/base/check.h"

namespace wm::usd {

/// A table that gives equal keys one number, from 0 upwards, for as long as the program runs. Entries never move and
/// are never given back. Thread-safe: reading an entry takes no lock. `Entry` says `matches(const Key&)`, is made by
/// `Entry(const Key&)`, and `Entry::hash(key)` is its hash.
template <class Entry>
class InternTable {
 public:
  template <class Key>
  std::uint32_t intern(const Key& key) {
    const std::uint64_t hash = Entry::hash(key);
    Shard& shard = shards_[hash >> 58];
    const std::lock_guard lock(shard.mutex);
    if (shard.slots.empty()) shard.slots.resize(64, Slot{0, kNone});
    std::size_t at = find(shard, key, static_cast<std::uint32_t>(hash));
    if (shard.slots[at].id != kNone) return shard.slots[at].id;
    const std::uint32_t id = append(key);
    shard.slots[at] = {static_cast<std::uint32_t>(hash), id};
    if (++shard.used * 2 > shard.slots.size()) grow(shard);
    return id;
  }

  const Entry& operator[](std::uint32_t id) const {
    return chunks_[id >> kChunkBits].load(std::memory_order_acquire)[id & (kChunk - 1)];
  }

 private:
  static constexpr int kChunkBits = 12;
  static constexpr std::uint32_t kChunk = 1u << kChunkBits, kChunks = 1u << 15, kNone = ~0u;
  struct Slot {
    std::uint32_t hash, id;
  };
  struct Shard {
    std::mutex mutex;
    std::vector<Slot> slots;
    std::size_t used = 0;
  };

  template <class Key>
  std::size_t find(const Shard& shard, const Key& key, std::uint32_t hash) const {
    std::size_t at = hash & (shard.slots.size() - 1);
    while (shard.slots[at].id != kNone && !(shard.slots[at].hash == hash && (*this)[shard.slots[at].id].matches(key))) {
      at = (at + 1) & (shard.slots.size() - 1);
    }
    return at;
  }

  void grow(Shard& shard) {
    std::vector<Slot> old(shard.slots.size() * 2, Slot{0, kNone});
    old.swap(shard.slots);
    for (const Slot& slot : old) {
      if (slot.id == kNone) continue;
      std::size_t at = slot.hash & (shard.slots.size() - 1);
      while (shard.slots[at].id != kNone) at = (at + 1) & (shard.slots.size() - 1);
      shard.slots[at] = slot;
    }
  }

  template <class Key>
  std::uint32_t append(const Key& key) {
    const std::lock_guard lock(growing_);
    const std::uint32_t id = size_;
    if (id >> kChunkBits >= kChunks) throw std::length_error("usd: more than 134 million names or paths");
    std::atomic<Entry*>& chunk = chunks_[id >> kChunkBits];
    if (!chunk.load(std::memory_order_relaxed)) {
      chunk.store(static_cast<Entry*>(::operator new(sizeof(Entry) * kChunk)), std::memory_order_release);
    }
    new (chunk.load(std::memory_order_relaxed) + (id & (kChunk - 1))) Entry(key);
    ++size_;
    return id;
  }

  Shard shards_[64];
  std::atomic<Entry*> chunks_[kChunks] = {};
  std::mutex growing_;
  std::uint32_t size_ = 0;
};

}  // namespace wm::usd
