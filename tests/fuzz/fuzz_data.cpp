// Fuzzes the parsers of the data sets' files: any bytes are either parsed or refused with a UserError.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "data/arrays/npz.hpp"
#include "data/arrays/to_dataset.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/data/parse.hpp"
#include "support/image_bytes.hpp"

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

void parse_as_cifar100(std::span<const std::uint8_t> bytes) {
  neurocuda::data::CifarRecords records;
  neurocuda::data::parse_cifar100(bytes, "fuzz", records);
  for (const std::uint8_t label : records.labels) check(label < 100);
}

void parse_as_image(std::span<const std::uint8_t> bytes) {
  constexpr std::int64_t kMostPixels = 1 << 16;
  const auto picture = neurocuda::data::parse_image(bytes, "fuzz", kMostPixels);
  check(picture.size.height * picture.size.width <= kMostPixels);
  check(picture.size.channels == 1 || picture.size.channels == 3);
  check(picture.pixels.size() == static_cast<std::size_t>(picture.size.pixels()));
}

void parse_as_npz(std::span<const std::uint8_t> bytes) {
  constexpr std::int64_t kMostBytes = 1 << 20;
  const neurocuda::data::NpzFile file(bytes, "fuzz");
  const auto names = file.names();
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 4); ++i) {
    auto array = file.read(names[i], kMostBytes);
    check(array.bytes.size() <= kMostBytes);
    check(neurocuda::element_count(array.shape) * static_cast<std::int64_t>(array.value_bytes) ==
          static_cast<std::int64_t>(array.bytes.size()));
    if (array.kind != neurocuda::data::NumpyArray::Kind::floating) neurocuda::data::labels_of(array, "fuzz");
    const auto dataset = neurocuda::data::images_of(std::move(array), "fuzz");
    check(dataset.size() > 0);
  }
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
  try_parse(parse_as_cifar100, {data, size});
  try_parse(parse_as_image, {data, size});
  try_parse(parse_as_npz, {data, size});
  return 0;
}

std::vector<Bytes> fuzz_seeds() {
  Bytes cifar(2 * 3073, 7);
  Bytes images{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3};
  images.resize(images.size() + 12, 200);
  const Bytes labels{0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3};
  using neurocuda::testing::jpeg_bytes, neurocuda::testing::npy_bytes, neurocuda::testing::png_bytes;
  const Bytes pixels(12 * 16, 90), colors(12 * 16 * 3, 40);
  const Bytes archive = neurocuda::testing::zip_bytes({{"x.npy", npy_bytes("|u1", "(2, 3)", {1, 2, 3, 4, 5, 6})},
                                                       {"y.npy", npy_bytes("<i4", "(1,)", {1, 0, 0, 0})},
                                                       {"z.npy", npy_bytes("<f4", "(1, 1)", {0, 0, 128, 63})}});
  return {cifar,
          images,
          labels,
          archive,
          png_bytes(12, 16, 1, pixels),
          png_bytes(12, 12, 4, Bytes(12 * 12 * 4, 50)),
          jpeg_bytes(12, 16, pixels, true, false),
          jpeg_bytes(12, 16, colors, false, true)};
}
