#include <utility>

#include "data/formats.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/data/parse.hpp"

namespace neurocuda::data {

// Generated at build time from data/digits/digits.idx.
extern const std::uint8_t digits_bytes[];
extern const std::size_t digits_bytes_size;

namespace {

constexpr std::int64_t kPixels = 64;
constexpr int kWhite = 16;  // pixels count the set pixels of a 4x4 block

std::uint8_t scaled(std::uint8_t value) { return static_cast<std::uint8_t>((value * 255 + kWhite / 2) / kWhite); }

Dataset pick(const Idx& records, bool test) {
  Dataset dataset;
  dataset.name = test ? "UCI digits test" : "UCI digits train";
  std::vector<std::uint8_t> pixels;
  for (std::int64_t i = 0; i < records.shape[0]; ++i) {
    if ((i % 5 == 4) != test) continue;
    const auto record = records.values.subspan(static_cast<std::size_t>(i * (kPixels + 1)), kPixels + 1);
    for (const std::uint8_t value : record.first(kPixels)) pixels.push_back(scaled(value));
    dataset.labels.push_back(record.back());
  }
  dataset.images = Tensor<std::uint8_t>({std::ssize(dataset.labels), 1, 8, 8}, std::move(pixels));
  // Of the training split; a test recomputes them.
  dataset.mean = {0.305855F};
  dataset.stddev = {0.376279F};
  return dataset;
}

Idx records() {
  const Idx records = parse_idx({digits_bytes, digits_bytes_size}, "the bundled digits");
  ensure(records.shape == Shape{1797, kPixels + 1}, "the bundled digits have an unexpected shape");
  return records;
}

bool recognises(const std::filesystem::path& source) { return source == "digits"; }

Stored load_split(const std::filesystem::path&, Split split) { return pick(records(), split == Split::test); }

}  // namespace

extern const Format digits_format;
constinit const Format digits_format{
    "'digits'",
    "",
    recognises,
    load_split,
};

Splits load_digits() { return {pick(records(), false), pick(records(), true)}; }

}  // namespace neurocuda::data
