#include "data/formats.hpp"

#include <algorithm>
#include <string>

#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;

// Declared here and nowhere else: nothing but this table knows the formats by name.
extern const Format digits_format, mnist_format, cifar10_format;

namespace {

constexpr const Format* kFormats[] = {&digits_format, &mnist_format, &cifar10_format};

const Format& format_of(std::string_view source) {
  const fs::path path{source};
  const auto found = std::ranges::find_if(kFormats, [&](const Format* format) { return format->recognises(path); });
  if (found != std::end(kFormats)) return **found;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) fail("{}: no such folder; give {}", source, describe_formats());
  if (!fs::is_directory(path, ignored)) fail("{}: is a file; give {}", source, describe_formats());
  std::string wanted;
  for (const Format* format : kFormats) {
    if (!format->looks_for.empty()) wanted += fmt::format("{}{}", wanted.empty() ? "" : "; ", format->looks_for);
  }
  fail("{}: holds no data set of a known kind ({}); give {}", source, wanted, describe_formats());
}

}  // namespace

std::span<const Format* const> formats() { return kFormats; }

std::string describe_formats() {
  std::string text;
  for (const Format* const& format : kFormats) {
    const bool last = &format == std::end(kFormats) - 1;
    text += fmt::format("{}{}", text.empty() ? "" : last ? " or " : ", ", format->description);
  }
  return text;
}

Dataset load(std::string_view source, Split split) { return format_of(source).load(source, split); }

Splits load(std::string_view source) {
  // The small part first: most mistakes show there.
  Dataset test = load(source, Split::test);
  return {load(source, Split::train), std::move(test)};
}

}  // namespace neurocuda::data
