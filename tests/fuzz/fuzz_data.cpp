// Fuzzes the parsers of the data sets' files: any bytes are either parsed or refused with a UserError.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/parse.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

void check(bool invariant) {
  if (!invariant) std::abort();
}

void parse_as_cifar10(std::span<const std::uint8_t> bytes) {
  neurocuda::data::CifarRecords records;
  neurocuda::data::parse_cifar10(bytes, "fuzz", records);
  check(records.pixels.size() == records.labels.size() * 3072 && records.pixels.size() < bytes.size());
  for (const std::uint8_t label : records.labels) check(label < 10);
}

void parse_as_idx(std::span<const std::uint8_t> bytes) {
  const auto idx = neurocuda::data::parse_idx(bytes, "fuzz");
  check(neurocuda::element_count(idx.shape) == static_cast<std::int64_t>(idx.values.size()));
  std::uint64_t sum = 0;
  for (const std::uint8_t value : idx.values) sum += value;
  check(sum <= 255 * idx.values.size());
}

template <class Parse>
void try_parse(const Parse& parse, std::span<const std::uint8_t> bytes) {
  try {
    parse(bytes);
  } catch (const neurocuda::UserError&) {
    // Refused: what malformed bytes are for.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try_parse(parse_as_cifar10, {data, size});
  try_parse(parse_as_idx, {data, size});
  return 0;
}

std::vector<Bytes> fuzz_seeds() {
  Bytes cifar(2 * 3073, 7);
  Bytes images{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3};
  images.resize(images.size() + 12, 200);
  const Bytes labels{0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3};
  return {cifar, images, labels};
}
