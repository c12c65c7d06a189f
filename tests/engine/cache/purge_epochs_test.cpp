#include "engine/cache/purge_epochs.h"

#include <gtest/gtest.h>

#include <memory>

namespace iip {
namespace {

class PurgeEpochsTest : public testing::Test {
 protected:
  std::uint64_t epoch(std::string_view path) const { return epochs_->epoch_of(path); }

  // As in a fresh block: all zero.
  std::unique_ptr<PurgeEpochs> epochs_ = std::make_unique<PurgeEpochs>();
};

TEST_F(PurgeEpochsTest, ZeroUntilSomethingIsPurged) {
  EXPECT_EQ(epoch("/srv/images/a.tif"), 0U);
  epochs_->purge("/srv/other.tif");
  EXPECT_EQ(epoch("/srv/images/a.tif"), 0U) << "what was never purged keeps its keys";
}

TEST_F(PurgeEpochsTest, AFile) {
  epochs_->purge("/srv/a.tif");
  const std::uint64_t once = epoch("/srv/a.tif");
  EXPECT_NE(once, 0U);
  EXPECT_EQ(epoch("/srv/a.tif"), once);
  EXPECT_EQ(epoch("/srv/b.tif"), 0U);
  epochs_->purge("/srv/a.tif");
  EXPECT_NE(epoch("/srv/a.tif"), once);
  EXPECT_NE(epoch("/srv/a.tif"), 0U);
}

TEST_F(PurgeEpochsTest, AFolderAndWhatIsBelowIt) {
  for (const char* folder : {"/srv/maps", "/srv/maps/"}) {
    const std::uint64_t before = epoch("/srv/maps/1850/a.tif");
    epochs_->purge(folder);
    EXPECT_NE(epoch("/srv/maps/1850/a.tif"), before) << folder;
    EXPECT_EQ(epoch("/srv/mapsofold.tif"), 0U) << folder;
    EXPECT_EQ(epoch("/srv/photos/a.tif"), 0U) << folder;
  }
}

TEST_F(PurgeEpochsTest, Everything) {
  epochs_->purge("/srv/a.tif");
  const std::uint64_t before = epoch("/srv/a.tif");
  epochs_->purge("/");
  EXPECT_NE(epoch("/srv/a.tif"), before);
  EXPECT_NE(epoch("/home/b.tif"), 0U);
}

TEST_F(PurgeEpochsTest, AFileAndItsFolderDiffer) {
  epochs_->purge("/srv/maps/a.tif");
  const std::uint64_t file = epoch("/srv/maps/a.tif");
  epochs_ = std::make_unique<PurgeEpochs>();
  epochs_->purge("/srv/maps");
  EXPECT_NE(epoch("/srv/maps/a.tif"), file);
}

}  // namespace
}  // namespace iip
