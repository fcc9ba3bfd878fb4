#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Image files and numpy archives for tests, JPEG apart made without the libraries that read them.
namespace neurocuda::testing {

std::uint32_t crc32_of(const std::vector<std::uint8_t>& bytes, std::uint32_t crc = 0);

/// A PNG file: samples row by row, `samples` per pixel (1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha) of
/// `depth` bits (8 or 16, high byte first).
std::vector<std::uint8_t> png_bytes(int height, int width, int samples, const std::vector<std::uint8_t>& rows,
                                    int depth = 8);
/// A JPEG file of a grey or colour image.
std::vector<std::uint8_t> jpeg_bytes(int height, int width, const std::vector<std::uint8_t>& pixels, bool grey,
                                     bool progressive);

/// A .npy file: `descr` as '<f4', `shape` as "(2, 3)".
std::string npy_bytes(const std::string& descr, const std::string& shape, const std::vector<std::uint8_t>& values,
                      const std::string& order = "False");
/// A zip archive of stored members, (name, content).
std::vector<std::uint8_t> zip_bytes(const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace neurocuda::testing
