#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <limits>

#include "common.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::python {
namespace {

using data::Dataset;

/// Gathers the batches of a loader, each image copied once.
class DatasetBuilder {
 public:
  void append(const Array<float>& images, const Array<std::int64_t>& labels) {
    Shape image = shape_of(images);
    if (image.size() != 4 || labels.ndim() != 1 || labels.shape(0) != images.shape(0)) {
      fail("a batch of images {} with labels {}; give (n, channels, height, width) and (n,)", to_string(image),
           to_string(shape_of(labels)));
    }
    image.erase(image.begin());
    if (!labels_.empty() && image != image_) {
      fail("an image of shape {} after images of shape {}; all must be alike", to_string(image), to_string(image_));
    }
    image_ = image;
    values_.insert(values_.end(), images.data(), images.data() + images.size());
    for (std::size_t i = 0; i < labels.size(); ++i) labels_.push_back(checked(labels.data()[i]));
  }

  std::int64_t size() const { return static_cast<std::int64_t>(labels_.size()); }

  /// Moves everything out. `classes` 0: as many as the largest label asks for.
  Dataset finish(const std::string& name, int classes) {
    if (labels_.empty()) fail("{}: the loader gave no images", name);
    Shape shape{size(), image_[0], image_[1], image_[2]};
    if (classes == 0) classes = *std::max_element(labels_.begin(), labels_.end()) + 1;
    return data::from_values(name, Tensor<float>(std::move(shape), std::move(values_)), std::move(labels_), classes);
  }

 private:
  static data::Label checked(std::int64_t label) {
    constexpr std::int64_t kLargest = std::numeric_limits<data::Label>::max();
    if (label < 0 || label > kLargest) fail("label {}; give class labels from 0 to {}", label, kLargest);
    return static_cast<data::Label>(label);
  }

  Shape image_;
  std::vector<float> values_;
  std::vector<data::Label> labels_;
};

nb::dict images_of(const Dataset& dataset) {
  nb::dict entry;
  entry["name"] = dataset.name;
  entry["images"] = to_numpy(dataset.images);
  entry["labels"] = to_numpy(dataset.labels, {dataset.size()});
  entry["classes"] = dataset.classes;
  entry["mean"] = dataset.mean;
  entry["stddev"] = dataset.stddev;
  return entry;
}

}  // namespace

void bind_data(nb::module_& module) {
  nb::class_<Dataset>(module, "Dataset", "Labelled images in memory.")
      .def_ro("name", &Dataset::name)
      .def_ro("classes", &Dataset::classes)
      .def("__len__", &Dataset::size);
  nb::class_<DatasetBuilder>(module, "DatasetBuilder")
      .def(nb::init<>())
      .def("append", &DatasetBuilder::append, nb::arg("images"), nb::arg("labels"))
      .def("__len__", &DatasetBuilder::size)
      .def("finish", &DatasetBuilder::finish, nb::arg("name"), nb::arg("classes") = 0);
  module.def(
      "load_images",
      [](const std::string& source) {
        const data::Splits splits = data::load(source);
        nb::dict both;
        both["train"] = images_of(splits.train);
        both["test"] = images_of(splits.test);
        return both;
      },
      nb::arg("source"),
      "\"digits\", or a folder with CIFAR-10 binary or MNIST files: uint8 images, labels, mean, stddev.");
}

}  // namespace neurocuda::python
