// literal_automaton.cpp: Vectorscan, block mode.
#include "daemon/sigma/engine/literal_automaton.h"

#include <hs/hs.h>

#include "daemon/base/promise.h"

namespace tocsin::sigma {
namespace {

int on_match(unsigned id, unsigned long long, unsigned long long, unsigned, void* out) {
  static_cast<std::vector<std::uint32_t>*>(out)->push_back(id);
  return 0;
}

}  // namespace

ScanMemory::~ScanMemory() { hs_free_scratch(scratch_); }

void LiteralAutomaton::Free::operator()(hs_database* database) const { hs_free_database(database); }

LiteralAutomaton::LiteralAutomaton(std::span<const std::string_view> texts) {
  std::vector<const char*> begins;
  std::vector<std::size_t> lengths;
  std::vector<unsigned> flags(texts.size(), HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH), ids;
  for (const std::string_view text : texts) {
    TOCSIN_ASSERT(!text.empty());
    begins.push_back(text.data());
    lengths.push_back(text.size());
    ids.push_back(static_cast<unsigned>(ids.size()));
  }
  hs_database_t* made = nullptr;
  hs_compile_error_t* error = nullptr;
  const hs_error_t code = hs_compile_lit_multi(begins.data(), flags.data(), ids.data(), lengths.data(), static_cast<unsigned>(texts.size()),
                                               HS_MODE_BLOCK, nullptr, &made, &error);
  hs_free_compile_error(error);
  database_.reset(made);
  TOCSIN_ASSERT(code == HS_SUCCESS);   // Literals have no syntax to be wrong; what is left is a machine without memory.
}

void LiteralAutomaton::grow(ScanMemory& memory) const {
  const hs_error_t code = hs_alloc_scratch(database_.get(), &memory.scratch_);
  TOCSIN_ASSERT(code == HS_SUCCESS);
}

void LiteralAutomaton::find(std::string_view value, ScanMemory& memory, std::vector<std::uint32_t>& out) const {
  const hs_error_t code = hs_scan(database_.get(), value.data(), static_cast<unsigned>(value.size()), 0, memory.scratch_, on_match, &out);
  TOCSIN_ASSERT(code == HS_SUCCESS);
}

std::size_t LiteralAutomaton::bytes() const {
  std::size_t out = 0;
  hs_database_size(database_.get(), &out);
  return out;
}

}  // namespace tocsin::sigma
