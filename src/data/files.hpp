#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace neurocuda::data {

/// The one line of folder/name.txt if there is such a file, otherwise `standard`. UserError when it is empty, longer
/// than 80 characters or not printable ASCII.
std::string dataset_name(const std::filesystem::path& folder, std::string_view standard);

/// Whether any of these files exists in the folder.
bool holds_any(const std::filesystem::path& folder, const std::vector<std::string>& files);

/// The folders in which a CIFAR-10 or MNIST source may keep its files, and the files that tell its kind.
std::filesystem::path cifar10_folder(const std::filesystem::path& source);
const std::vector<std::string>& cifar10_files();
const std::vector<std::string>& mnist_files();

}  // namespace neurocuda::data
