#include "onnx/metadata.hpp"

#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <string_view>

#include "neurocuda/base/error.hpp"

namespace neurocuda::onnx {
namespace {

constexpr const char* kMean = "neurocuda.mean";
constexpr const char* kStddev = "neurocuda.stddev";

float parse_float(std::string_view text, const char* key) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    fail("metadata {} has the value '{}', which is not a finite number; write numbers such as 0.4914,0.4822", key,
         text.substr(0, 40));
  }
  return value;
}

std::vector<float> parse_floats(std::string_view text, const char* key, std::int64_t channels) {
  std::vector<float> values;
  while (true) {
    const std::size_t comma = text.find(',');
    values.push_back(parse_float(text.substr(0, comma), key));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (static_cast<std::int64_t>(values.size()) != channels) {
    fail("metadata {} has {} values, but the input has {} channels; give one per channel", key, values.size(),
         channels);
  }
  return values;
}

void add_entry(proto::ModelProto& model, const char* key, const std::vector<float>& values) {
  proto::StringStringEntryProto& entry = *model.add_metadata_props();
  entry.set_key(key);
  entry.set_value(fmt::format("{}", fmt::join(values, ",")));
}

}  // namespace

ir::Normalization read_normalization(const proto::ModelProto& model, std::int64_t channels) {
  ir::Normalization normalization;
  for (const auto& entry : model.metadata_props()) {
    if (entry.key() == kMean) normalization.mean = parse_floats(entry.value(), kMean, channels);
    if (entry.key() == kStddev) normalization.stddev = parse_floats(entry.value(), kStddev, channels);
  }
  if (normalization.mean.empty() != normalization.stddev.empty()) {
    fail("metadata has only one of {} and {}; give both or neither", kMean, kStddev);
  }
  for (const float value : normalization.stddev) {
    if (!(value > 0)) fail("metadata {} has the value {}; standard deviations must be positive", kStddev, value);
  }
  return normalization;
}

void write_normalization(const ir::Normalization& normalization, proto::ModelProto& model) {
  if (normalization.empty()) return;
  add_entry(model, kMean, normalization.mean);
  add_entry(model, kStddev, normalization.stddev);
}

}  // namespace neurocuda::onnx
