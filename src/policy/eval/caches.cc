#include "policy/eval/caches.h"

#include <bit>
#include <cstring>

namespace writ::rego {
namespace {

std::uint64_t hash_call(std::uint32_t id, std::span<const Term> args) {
  std::uint64_t h = id;
  for (const Term& arg : args) {
    std::uint64_t words[2];
    std::memcpy(words, &arg, sizeof words);
    h = (h ^ words[0]) * 0x9e3779b97f4a7c15ULL;
    h = (h ^ (h >> 32) ^ words[1]) * 0xd6e8feb86659fd93ULL;
  }
  return h ^ (h >> 32);
}

bool are_same(std::span<const Term> a, std::span<const Term> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a[i].is_same(b[i])) return false;
  }
  return true;
}

constexpr std::size_t kFirstSize = 16;

}  // namespace

void RuleCache::store(std::uint32_t id, const Term& value) {
  if ((used_ + 1) * 2 > entries_.size()) {
    std::vector<Entry> old(entries_.empty() ? kFirstSize : entries_.size() * 2);
    old.swap(entries_);
    used_ = 0;
    for (const Entry& entry : old) {
      if (entry.epoch == epoch_) store(entry.id, entry.value);
    }
  }
  std::uint32_t at = id;
  while (entries_[at & mask()].epoch == epoch_) ++at;
  entries_[at & mask()] = {id, epoch_, value};
  ++used_;
}

const Term* CallMemo::find(std::uint32_t id, std::span<const Term> args) const {
  if (entries_.empty()) return nullptr;
  for (std::uint64_t at = hash_call(id, args);; ++at) {
    const Entry& entry = entries_[at & mask()];
    if (entry.epoch != epoch_) return nullptr;
    if (entry.id == id && are_same(entry.args, args)) return &entry.value;
  }
}

void CallMemo::insert(const Entry& entry) {
  std::uint64_t at = hash_call(entry.id, entry.args);
  while (entries_[at & mask()].epoch == epoch_) ++at;
  entries_[at & mask()] = entry;
  ++used_;
}

void CallMemo::store(std::uint32_t id, std::span<const Term> args, const Term& value) {
  if ((used_ + 1) * 2 > entries_.size()) {
    std::vector<Entry> old(entries_.empty() ? kFirstSize : entries_.size() * 2);
    old.swap(entries_);
    used_ = 0;
    for (const Entry& entry : old) {
      if (entry.epoch == epoch_) insert(entry);
    }
  }
  insert({id, epoch_, args, value});
}

}  // namespace writ::rego
