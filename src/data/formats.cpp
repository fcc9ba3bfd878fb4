#include "data/formats.hpp"

#include <algorithm>
#include <string>

#include "data/prepare.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;

// Declared here and nowhere else: nothing but this table knows the formats by name.
extern const Format digits_format, npz_format, mnist_format, emnist_format, cifar10_format, cifar100_format,
    image_folder_format;

namespace {

constexpr const Format* kFormats[] = {&digits_format,  &npz_format,      &mnist_format,       &emnist_format,
                                      &cifar10_format, &cifar100_format, &image_folder_format};

const Format& format_of(std::string_view source) {
  const fs::path path{source};
  const auto found = std::ranges::find_if(kFormats, [&](const Format* format) { return format->recognises(path); });
  if (found != std::end(kFormats)) return **found;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) fail("{}: no such folder or file; give {}", source, describe_formats());
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

Dataset load(std::string_view source, Split split, const LoadOptions& options) {
  return prepared(format_of(source).load(source, split), options);
}

Splits load(std::string_view source, const LoadOptions& options) {
  // The small part first: most mistakes show there.
  Dataset test = load(source, Split::test, options);
  Splits splits{load(source, Split::train, options), std::move(test)};
  const Shape shape = splits.train.image_shape();
  if (shape != splits.test.image_shape()) {
    fail("{}: images of shape {}, but those of {} are {}; give resize and crop, or parts that are alike",
         splits.test.name, to_string(splits.test.image_shape()), splits.train.name, to_string(shape));
  }
  return splits;
}

}  // namespace neurocuda::data
