/// @file
/// Where work is done, as an argument; the module for devices is another, which not every build
/// has.
#pragma once

#include <pybind11/pybind11.h>

#include <array>
#include <attractornet/core/fields.hpp>
#include <string>
#include <string_view>

namespace attractornet {

namespace python {

enum class Device { cpu, cuda };

/// The module `_cuda`; throws BackendUnavailable where there is none.
inline pybind11::object backend(const std::string& where) {
  return pybind11::module_::import("attractornet._device").attr("backend")(where);
}

}  // namespace python

template <>
struct Names<python::Device> {
  static constexpr std::array<std::string_view, 2> list = {"cpu", "cuda"};
};

}  // namespace attractornet
