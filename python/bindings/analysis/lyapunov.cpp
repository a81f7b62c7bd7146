#include <attractornet/analysis/lyapunov.hpp>

#include "../bindings.hpp"
#include "../define.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../system.hpp"

namespace attractornet::python {

namespace {

LyapunovSpectrum spectrum(const System* system, const LyapunovOptions& options,
                          const std::optional<Numbers>& initial, const Reporter& progress) {
  const std::string where(LyapunovOptions::label);
  const int dimension = system->dimension();
  const std::int64_t k = options.k.value_or(dimension);
  check_frame(dimension, k);
  const std::vector<double> start = start_of(*system, initial, where);
  PythonMonitor monitor(progress, "Lyapunov spectrum");
  const py::gil_scoped_release release;
  const auto orbit = system->tangent_orbit(static_cast<int>(k));
  return lyapunov_spectrum_along(*orbit, dimension, system->time_step(), start.data(), options,
                                 monitor);
}

std::string describe(const LyapunovSpectrum& s) {
  std::string result = "LyapunovSpectrum(";
  for (std::size_t i = 0; i < std::min<std::size_t>(4, s.exponents.size()); ++i) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%s%.3g +- %.1g", i == 0 ? "" : ", ", s.exponents[i],
                  s.standard_error[i]);
    result += buffer;
  }
  if (s.exponents.size() > 4) result += ", ...";
  return result + "; status '" + std::string(name_of(s.status)) + "')";
}

}  // namespace

void bind_lyapunov(py::module_& module) {
  using S = LyapunovSpectrum;
  Record<S> record(module, "LyapunovSpectrum", "What lyapunov_spectrum measured.");
  record
      .member("exponents", &S::exponents,
              "(k,) per unit time, largest first; -inf where a direction dies, nan if diverged.")
      .member("standard_error", &S::standard_error,
              "(k,) standard errors of the exponents, from the scatter of the blocks.")
      .property(
          "history", "(blocks, k) running means of the exponents, in the order of `exponents`.",
          [](const S& s) {
            const auto blocks = static_cast<py::ssize_t>(s.history_steps.size());
            return to_array(s.history, {blocks, static_cast<py::ssize_t>(s.exponents.size())});
          })
      .kept("history", &S::history)
      .member("history_steps", &S::history_steps,
              "(blocks,) steps that each row of `history` covers.")
      .member(
          "kaplan_yorke_dimension", &S::kaplan_yorke_dimension,
          "Partial sums within 3 standard errors of 0 count as 0; nan where k exponents are too "
          "few.")
      .member("entropy", &S::entropy,
              "Sum of the exponents that are positive beyond 3 standard errors.")
      .member("interval", &S::mean_interval, "Steps between two orthonormalisations, on average.")
      .member("volume_defect", &S::volume_defect,
              "|sum of exponents - <ln|det J|>| where the system knows its volume and k is its "
              "dimension; else a bound from rounding.")
      .member("steps", &S::steps, "Steps averaged.")
      .member(
          "status", &S::status,
          "'ok', 'diverged' (the state left the finite numbers) or 'imprecise' (rounding is not "
          "small).")
      .repr(describe)
      .finish();
  define_method(
      record.cls(), "error_bars",
      "Half widths of the exponents' confidence intervals, (k,).\n\n"
      "Standard errors times the quantile of Student's distribution: the scatter of so few blocks "
      "is itself\nuncertain.",
      "numpy.typing.NDArray[numpy.float64]",
      [](const S& self, double level) { return to_array(self.error_bars(level)); },
      Defaulted<double, false>{"level", 0.95,
                               "probability that an interval holds the exponent; in (0, 1)"});
  define(module, "lyapunov_spectrum",
         "Lyapunov exponents of a system with a tangent, with errors, by propagated orthonormal "
         "frames.\n\n"
         "The interval between orthonormalisations is chosen from the digits that are left; one "
         "that loses too\n"
         "many is taken back and shortened.\n\n"
         "Returns\n-------\nLyapunovSpectrum\n\nReferences\n----------\n"
         "Benettin, Galgani, Giorgilli, Strelcyn, Meccanica 15 (1980) 9 and 21.",
         "LyapunovSpectrum", spectrum,
         Required<const System*>{"system", "a system with a tangent, such as a FeedbackNetwork"},
         Fields<LyapunovOptions>{},
         Defaulted<std::optional<Numbers>>{
             "initial", std::nullopt, "state (dimension,) before `discard`; None: system.start()"},
         progress_argument);
  register_fields<LyapunovOptions>(module.attr("lyapunov_spectrum"));
}

}  // namespace attractornet::python
