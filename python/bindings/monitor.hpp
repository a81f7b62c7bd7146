/// @file
/// The monitor that Python sees: Ctrl-C, and progress as a bar or a callable.
#pragma once

#include <attractornet/core/monitor.hpp>
#include <string>
#include <utility>

#include "define.hpp"

namespace attractornet::python {

/// The argument `progress`: False, True for a bar, or a callable progress(done, total).
struct Reporter {
  py::object target = py::bool_(false);
  static constexpr std::string_view meaning =
      "True shows a progress bar; a callable is told ``progress(done, total)``, in units of the "
      "function's own.";
};

template <>
struct Convert<Reporter> {
  static std::string type() { return "bool | collections.abc.Callable[[int, int], object]"; }
  static std::string text(const Reporter&) { return "False"; }
  static Reporter from(py::handle value, const Place& place, const std::string&) {
    if (!PyBool_Check(value.ptr()) && !PyCallable_Check(value.ptr()))
      wrong_type(place, value, "True, False or a callable");
    return {py::reinterpret_borrow<py::object>(value)};
  }
};

/// The argument `progress` of whatever takes long.
inline const Defaulted<Reporter> progress_argument{"progress", {}, Reporter::meaning};

/// Used with the GIL released; takes it 20 times a second.
class PythonMonitor : public Monitor {
 public:
  /// @param unit what the work counts, in the plural; the bar shows it.
  PythonMonitor(Reporter reporter, std::string label, std::string unit = "steps")
      : target_(std::move(reporter.target)), label_(std::move(label)), unit_(std::move(unit)) {}
  PythonMonitor(const PythonMonitor&) = delete;
  PythonMonitor& operator=(const PythonMonitor&) = delete;
  /// NOTE: runs with the GIL held, after the call that reported.
  ~PythonMonitor() override {
    if (bar_) try {
        bar_.attr("close")();
      } catch (py::error_already_set& error) {
        error.discard_as_unraisable("attractornet progress bar");
      }
  }

 protected:
  void report(std::int64_t done, std::int64_t total) override {
    const py::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (PyCallable_Check(target_.ptr())) {
      target_(done, total);
    } else if (target_.is(py::bool_(true))) {
      if (!bar_)
        bar_ =
            py::module_::import("attractornet._progress").attr("bar")(total, label_, " " + unit_);
      bar_.attr("update")(done);
    }
  }

 private:
  py::object target_, bar_;
  std::string label_, unit_;
};

}  // namespace attractornet::python
