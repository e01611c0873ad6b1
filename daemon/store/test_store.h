// test_store.h: a store to test with, and eyes on its files.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "daemon/store/sqlite.h"
#include "daemon/store/store.h"

namespace tocsin::store {

class TempDir {
 public:
  TempDir() {
    std::string name = "/tmp/tocsin_store_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline Result<std::unique_ptr<Store>> open_store(const std::string& path = ":memory:", const std::string& tenant = "t") {
  return Store::open({.path = path, .tenant = tenant, .seal_key = Secret(std::string(32, 'k'))});
}

template <typename Work>
void commit(Store& store, const Work& work) {
  auto tx = store.begin();
  ASSERT_TRUE(tx) << tx.error().text;
  work(*tx);
  const auto done = tx->commit();
  ASSERT_TRUE(done) << done.error().text;
}

/// Statements of an attacker, past our code.
inline void sql(const std::string& path, const std::string& text) {
  auto connection = Connection::open(path, false);
  ASSERT_TRUE(connection);
  const auto done = (*connection)->script(text);
  ASSERT_TRUE(done) << done.error().text;
}

inline bool any_file_holds(const TempDir& dir, const std::string& canary) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path())) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if (bytes.find(canary) != std::string::npos) return true;
  }
  return false;
}

}  // namespace tocsin::store
