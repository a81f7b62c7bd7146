#include <attractornet/analysis/hopfield_mean_field.hpp>

#include "../bindings.hpp"
#include "../define.hpp"
#include "../record.hpp"

namespace attractornet::python {

namespace {

constexpr const char* source =
    "\n\nReferences\n----------\n"
    "D. J. Amit, H. Gutfreund, H. Sompolinsky, Phys. Rev. Lett. 55 (1985) 1530.";

std::string cited(std::string text) { return text + source; }

}  // namespace

void bind_hopfield_mean_field(py::module_& parent) {
  using namespace hopfield;
  py::module_ module = parent.def_submodule("hopfield", "Hopfield networks.");
  using C = CriticalLoad;
  Record<C>(module, "CriticalLoad", "The largest load with retrieval.")
      .member("alpha", &C::alpha, "Patterns a unit, P / N.")
      .member("overlap", &C::overlap, "Overlap m there; it falls to 0 beyond.")
      .repr([](const C& c) {
        return "CriticalLoad(alpha " + text(c.alpha) + ", overlap " + text(c.overlap) + ")";
      })
      .finish();
  const Required<double> alpha{"alpha", "patterns a unit, P / N, not negative"};
  const Defaulted<double, false> temperature{"temperature", 0.0,
                                             "not negative; at 1 and above nothing is remembered"};
  define(
      module, "critical_load",
      cited("The load beyond which a Hopfield network of many units remembers nothing.\n\n"
            "For random patterns and the Hebbian rule, with replica symmetry. At T = 0 alpha is "
            "0.137905566 and the\noverlap 0.967417116; in this theory alpha rises a little at "
            "first with T, to 0.13818 at T = 0.022.\n\n"
            "Returns\n-------\nCriticalLoad"),
      "CriticalLoad", [](double t) { return critical_load(t); }, temperature);
  define(
      module, "mean_field_overlap",
      cited("Overlap m = (1/N) sum_i xi_i <s_i> of a pattern that is recalled; 0 beyond the "
            "critical load.\n\n"
            "For many units, random patterns and the Hebbian rule, with replica symmetry. The "
            "share of wrong\nunits is (1 - m) / 2.\n\n"
            "Returns\n-------\nfloat"),
      "float", [](double a, double t) { return mean_field_overlap(a, t); }, alpha, temperature);
  define(
      module, "retrieval_temperature",
      cited("The temperature at which retrieval ends: 1 without load, 0 beyond "
            "critical_load().alpha.\n\n"
            "For many units, random patterns and the Hebbian rule, with replica symmetry.\n\n"
            "Returns\n-------\nfloat"),
      "float", [](double a) { return retrieval_temperature(a); }, alpha);
}

}  // namespace attractornet::python
