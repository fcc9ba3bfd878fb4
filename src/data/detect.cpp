#include "data/files.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {
namespace fs = std::filesystem;

Splits load(std::string_view source) {
  if (source == "digits") return load_digits();
  const fs::path folder{source};
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) {
    fail("{}: no such folder; give \"digits\", or a folder with CIFAR-10 (binary version) or MNIST (idx) files",
         source);
  }
  if (!fs::is_directory(folder, ignored)) {
    fail("{}: is a file; give the folder that holds the CIFAR-10 or MNIST files, or \"digits\"", source);
  }
  if (holds_any(folder, mnist_files())) return load_mnist(folder);
  if (holds_any(folder, cifar10_files()) || cifar10_folder(folder) != folder) return load_cifar10(folder);
  fail(
      "{}: holds neither CIFAR-10 (data_batch_1.bin ... test_batch.bin) nor MNIST (train-images-idx3-ubyte ...); give "
      "such "
      "a folder, or \"digits\"",
      source);
}

}  // namespace neurocuda::data
