#include <attractornet/analysis/classify.hpp>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../system.hpp"

namespace attractornet::python {

namespace {

std::string describe(const Classification& c) {
  std::string result = "Classification('" + std::string(name_of(c.kind)) + "'";
  if (c.kind == Kind::periodic) result += ", period " + text(c.period);
  if (c.kind == Kind::quasiperiodic)
    result += ", torus dimension " + std::to_string(c.torus_dimension);
  if (!c.frequencies.empty() && c.kind == Kind::quasiperiodic)
    result += ", rotation number " + text(c.frequencies.front());
  if (std::isfinite(c.exponent_error)) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, ", exponent %.3g +- %.1g", c.exponent, c.exponent_error);
    result += buffer;
  }
  return result + "; watched for " + text(c.horizon) + " steps)";
}

}  // namespace

void bind_classify(py::module_& module) {
  using C = Classification;
  Record<C>(module, "Classification", "What an orbit settles on, with the evidence.")
      .member("kind", &C::kind,
              "'fixed point', 'periodic', 'quasiperiodic', 'chaotic' (for as long as it was "
              "watched), 'diverged' or 'undecided'.")
      .member("reason", &C::reason, "The evidence in words.")
      .property(
          "period",
          "Of a cycle: steps of a map, time of a flow; 1 for a fixed point of a map; else nan.",
          [](const C& c) {
            return c.period > 0 ? c.period : std::numeric_limits<double>::quiet_NaN();
          })
      .kept("period", &C::period)
      .property(
          "rotation_number",
          "Cycles per unit time of the strongest spectral line of System.observe, which for a "
          "circle map is its rotation number or the mirror image 1 minus that; of a cycle of "
          "period p a multiple of 1/p; nan where there is none.",
          [](const C& c) {
            return c.frequencies.empty() ? std::numeric_limits<double>::quiet_NaN()
                                         : c.frequencies.front();
          })
      .member("frequencies", &C::frequencies,
              "(torus dimension,) independent frequencies, cycles per unit time, strongest line "
              "first; a line above half the rate of sampling is seen mirrored there.")
      .property("torus_dimension",
                "Of what the orbit fills: 0 for fixed points and cycles of maps, 1 for circles and "
                "cycles of flows, and so on; None where it is not known.",
                [](const C& c) -> std::optional<std::int64_t> {
                  if (c.torus_dimension < 0) return std::nullopt;
                  return c.torus_dimension;
                })
      .kept("torus_dimension", &C::torus_dimension)
      .member("exponent", &C::exponent, "Largest Lyapunov exponent over the window, per unit time.")
      .member("exponent_error", &C::exponent_error,
              "Of a chaotic orbit the standard error; else how far weighted averages over two "
              "halves of the window are apart.")
      .member("exponents", &C::exponents,
              "Leading exponents as weighted averages, as many as the verdict needed; of chaos the "
              "plain "
              "mean, `exponent`, is the better one.")
      .member("digits", &C::digits,
              "Decimal digits that weighted Birkhoff averages over two halves of the window share: "
              "2 to 3 for chaos (more in narrow bands), 6 to 16 on a torus.")
      .member("recurrence", &C::recurrence,
              "Closest return within max_period, relative to the extent of the orbit.")
      .member("recurrence_lag", &C::recurrence_lag, "Steps after which it happens.")
      .member("horizon", &C::horizon, "Steps watched in all.")
      .member("window", &C::window, "Steps of the last window, which the evidence is of.")
      .member("state", &C::state,
              "(dimension,) the last state: classify(..., initial=state) watches on from there.")
      .repr(describe)
      .finish();
  define(
      module, "classify",
      "What an orbit settles on: a fixed point, a cycle, a torus, chaos.\n\n"
      "A fixed point or cycle repeats itself and is not unstable; on a torus weighted Birkhoff "
      "averages agree\n"
      "to many digits and the largest exponents are 0; chaos has averages that do not agree and a "
      "positive\n"
      "exponent, and is followed to the horizon, since it may be a transient. What none of these "
      "fits is\n"
      "'undecided'.\n\n"
      "Returns\n-------\nClassification\n\nReferences\n----------\n"
      "S. Das, Y. Saiki, E. Sander, J. A. Yorke, Nonlinearity 30 (2017) 4111; E. Sander, J. D. "
      "Meiss, Physica D\n411 (2020) 132569.",
      "Classification",
      [](const System* system, const std::optional<Numbers>& initial,
         const ClassifyOptions& options, Reporter progress) {
        const std::vector<double> start = start_of(*system, initial, ClassifyOptions::label);
        PythonMonitor monitor(std::move(progress), "classify");
        return released([&] { return classify_subject(*system, start.data(), options, monitor); });
      },
      Required<const System*>{"system", "a system with a tangent, such as a FeedbackNetwork"},
      Defaulted<std::optional<Numbers>, false>{"initial", std::nullopt,
                                               "state (dimension,); None: system.start()"},
      Fields<ClassifyOptions>{}, progress_argument);
  register_fields<ClassifyOptions>(module.attr("classify"));
}

}  // namespace attractornet::python
