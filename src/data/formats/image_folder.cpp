#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "data/files.hpp"
#include "data/formats.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/hash.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;
namespace {

using Files = std::vector<fs::path>;

/// How far recognises() looks before it gives up on a folder that holds other things.
constexpr int kMostEntries = 20'000;
constexpr std::array kTestNames{"test", "val", "valid", "validation"};
constexpr auto kWalk = fs::directory_options::skip_permission_denied;

bool hidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

bool is_image(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  return !hidden(path) && (extension == ".png" || extension == ".jpg" || extension == ".jpeg");
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) && !hidden(path);
}

/// Images at any depth, sorted: the order must not depend on the file system.
Files images_below(const fs::path& folder) {
  Files files;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, kWalk, error); entry != fs::recursive_directory_iterator();
       entry.increment(error)) {
    if (error) break;
    if (entry->is_directory(error) && hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (is_image(entry->path()) && entry->is_regular_file(error)) {
      files.push_back(entry->path());
    }
  }
  if (error) fail("{}: cannot be read: {}", folder.string(), error.message());
  std::ranges::sort(files);
  return files;
}

Files entries(const fs::path& folder, bool (*wanted)(const fs::path&)) {
  Files list;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, kWalk, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (wanted(entry->path())) list.push_back(entry->path());
  }
  if (error) fail("{}: cannot be read: {}", folder.string(), error.message());
  std::ranges::sort(list);
  return list;
}

/// Images of one part, with the classes that their folders name.
struct Listing {
  Files files;
  std::vector<Label> labels;
};

std::vector<std::string> class_names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& path : entries(folder, is_folder)) names.push_back(path.filename().string());
  return names;
}

/// `names` empty: images without classes.
Listing list_images(const fs::path& folder, const std::vector<std::string>& names) {
  if (names.empty()) return {entries(folder, is_image), {}};
  if (const Files loose = entries(folder, is_image); !loose.empty()) {
    fail("{}: lies beside folders of classes, in none of them; move it into one, or away", loose.front().string());
  }
  Listing listing;
  for (const std::string& name : class_names_in(folder)) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      fail("{}: a class that the training part does not have ({} has {}); move it away, or make its folder there",
           (folder / name).string(), names.size(), names.size() == 1 ? "one class" : "classes");
    }
    const auto label = static_cast<Label>(found - names.begin());
    for (fs::path& file : images_below(folder / name)) {
      listing.files.push_back(std::move(file));
      listing.labels.push_back(label);
    }
  }
  return listing;
}

/// FNV-1a of the path below the folder: the same wherever the folder lies, and whatever else is in it.
bool is_fifth(const fs::path& file, const fs::path& root) {
  const std::string path = file.lexically_relative(root).generic_string();
  Hash hash;
  hash.add_bytes(path.data(), path.size());
  return hash.value() % 5 == 0;
}

Listing share(const Listing& all, const fs::path& root, bool test) {
  Listing part;
  for (std::size_t i = 0; i < all.files.size(); ++i) {
    if (is_fifth(all.files[i], root) != test) continue;
    part.files.push_back(all.files[i]);
    if (!all.labels.empty()) part.labels.push_back(all.labels[i]);
  }
  return part;
}

/// The folder of the test part; empty when there is none.
fs::path test_folder(const fs::path& root) {
  for (const char* name : kTestNames) {
    if (is_folder(root / name)) return root / name;
  }
  return {};
}

struct Part {
  Listing listing;
  std::vector<std::string> names;
  std::string title;  ///< as the name of the data set has it
};

Part part_of(const fs::path& root, Split split) {
  const fs::path train = root / "train", test = test_folder(root);
  const bool has_train = is_folder(train), wants_test = split == Split::test;
  if (!has_train && !test.empty()) {
    if (!wants_test) fail("{}: has a part {} but no train", root.string(), test.filename().string());
    const auto names = class_names_in(test);
    return {list_images(test, names), names, test.filename().string()};
  }
  const fs::path& home = has_train ? train : root;
  const auto names = class_names_in(home);
  if (has_train && !test.empty()) {
    const fs::path& folder = wants_test ? test : train;
    const std::string title = folder.filename().string();
    return {list_images(folder, names), names, wants_test && title != "test" ? title + " as test" : title};
  }
  return {share(list_images(home, names), home, wants_test), names,
          wants_test ? "test (a fifth by name)" : "train (four fifths by name)"};
}

bool recognises(const fs::path& source) {
  std::error_code error;
  if (!fs::is_directory(source, error)) return false;
  int seen = 0;
  for (auto entry = fs::recursive_directory_iterator(source, kWalk, error);
       !error && entry != fs::recursive_directory_iterator() && ++seen < kMostEntries; entry.increment(error)) {
    if (is_image(entry->path())) return true;
  }
  return false;
}

/// The folder's own name, whether or not a slash or a dot stands at its end.
std::string own_name(const fs::path& folder) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(folder, error);
  return error || whole.filename().empty() ? folder.string() : whole.filename().string();
}

Stored load_split(const fs::path& source, Split split) {
  Part part = part_of(source, split);
  if (part.names.size() > std::numeric_limits<Label>::max())
    fail("{}: {} classes, more than there can be", source.string(), part.names.size());
  if (part.listing.files.empty()) {
    if (split == Split::test && !is_folder(source / "train") && !part_of(source, Split::train).listing.files.empty()) {
      fail(
          "{}: by their names, all its images are for training and none for test; give more images, or folders train "
          "and test",
          source.string());
    }
    fail("{}: holds no images for {}; put PNG or JPEG files there, one folder per class", source.string(), part.title);
  }
  Dataset dataset;
  dataset.name = fmt::format("{} {}", dataset_name(source, own_name(source)), part.title);
  dataset.labels = std::move(part.listing.labels);
  dataset.classes = static_cast<int>(part.names.size());
  dataset.class_names = std::move(part.names);
  return {std::move(dataset), std::move(part.listing.files)};
}

}  // namespace

extern const Format image_folder_format;
constinit const Format image_folder_format{
    "a folder of PNG or JPEG images, one sub-folder per class",
    "images: .png, .jpg or .jpeg files",
    recognises,
    load_split,
};

}  // namespace neurocuda::data
