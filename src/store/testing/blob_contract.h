#pragma once
// What every BlobStore must do, as tests (blob_contract.cc). An adapter's test file derives a
// BlobFixture and says
//   INSTANTIATE_BLOB_CONTRACT(Directory, DirectoryBlobFixture);
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "store/blob_store.h"
#include "store/testing/fake_clock.h"

namespace writ::store {

class BlobFixture {
 public:
  virtual ~BlobFixture() = default;
  // Why there is nothing to test; empty: there is.
  virtual std::string missing() { return {}; }
  // A fresh store for reference counts, and the blobs that belong to it.
  virtual Result<std::unique_ptr<Store>> open_store(const Clock& clock) = 0;
  virtual Result<std::unique_ptr<BlobStore>> open_blobs(Store& store, const Clock& clock) = 0;
};

using MakeBlobFixture = std::unique_ptr<BlobFixture> (*)();

class BlobContract : public ::testing::TestWithParam<MakeBlobFixture> {
 protected:
  void SetUp() override;

  BlobRef put(const std::string& bytes) { return blobs_->put(bytes).value(); }
  // The bytes, or the error's text.
  std::string read(const BlobRef& ref);
  bool holds(const BlobRef& ref) { return blobs_->contains(ref.digest).value(); }
  Result<void> refer_to(const BlobRef& ref);
  Result<void> let_go(const BlobRef& ref);
  // Bytes freed.
  std::uint64_t collect() { return blobs_->collect_garbage(*store_).value(); }

  FakeClock clock_;
  std::unique_ptr<BlobFixture> fixture_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<BlobStore> blobs_;
};

// Bytes that do not compress to nothing, the same in each run.
std::string noise(std::size_t size);

}  // namespace writ::store

#define INSTANTIATE_BLOB_CONTRACT(Name, Fixture)                                     \
  INSTANTIATE_TEST_SUITE_P(Name, BlobContract,                                       \
                           ::testing::Values(+[]() -> std::unique_ptr<BlobFixture> { \
                             return std::make_unique<Fixture>();                     \
                           }))
