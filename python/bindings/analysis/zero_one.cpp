#include <attractornet/analysis/zero_one.hpp>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../record.hpp"

namespace attractornet::python {

void bind_zero_one(py::module_& module) {
  using Z = ZeroOne;
  Record<Z>(module, "ZeroOne", "What zero_one_test measured.")
      .member("k", &Z::k,
              "Median of `values`: near 0 for a regular series, near 1 for a chaotic one.")
      .member("angles", &Z::angles, "(angles,) angles c in radians.")
      .member("values", &Z::values, "(angles,) K_c for each.")
      .repr([](const Z& z) { return "ZeroOne(k " + text(z.k) + ")"; })
      .finish();
  define(
      module, "zero_one_test",
      "The 0-1 test for chaos of a series.\n\n"
      "Sample a flow rarely enough that neighbouring values are no longer alike: oversampled chaos "
      "looks\n"
      "regular. Of an angle take a smooth function such as the cosine (System.observe): where it "
      "jumps from 1\nto 0 a torus looks chaotic. The time grows with the square of the length.\n\n"
      "Returns\n-------\nZeroOne\n\nReferences\n----------\n"
      "G. A. Gottwald, I. Melbourne, SIAM J. Appl. Dyn. Syst. 8 (2009) 129.",
      "ZeroOne",
      [](const Numbers& series, const ZeroOneOptions& options,
         const std::optional<std::int64_t>& threads, Reporter progress) {
        const std::string where(ZeroOneOptions::label);
        expect_shape(series, {where, "series"}, {-1}, "(count,)");
        const int workers = thread_count(threads, where);
        PythonMonitor monitor(std::move(progress), "0-1 test", "angles");
        const std::span<const double> view(series.data(),
                                           static_cast<std::size_t>(series.shape(0)));
        return released([&] { return zero_one_test(view, options, workers, monitor); });
      },
      Required<Numbers>{"series", "values in time order (count,)"}, Fields<ZeroOneOptions>{},
      threads_argument, progress_argument);
  register_fields<ZeroOneOptions>(module.attr("zero_one_test"));
}

}  // namespace attractornet::python
