#include <attractornet/analysis/correlation_dimension.hpp>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../points.hpp"
#include "../record.hpp"

namespace attractornet::python {

void bind_correlation_dimension(py::module_& module) {
  using C = CorrelationDimension;
  Record<C>(module, "CorrelationDimension", "What correlation_dimension measured.")
      .member("dimension", &C::dimension,
              "Mean slope over the scaling range; nan where no range of an octave can be used.")
      .member("scatter", &C::scatter,
              "Scatter of the slope over the range: what another choice of range would change.")
      .member("smallest", &C::smallest, "Lower end of the scaling range.")
      .member("largest", &C::largest, "Upper end of the scaling range.")
      .member(
          "status", &C::status,
          "'ok', or 'imprecise' where over no range the slope stays within 5 % of its mean: then "
          "the flattest octave (or the range given) was taken.")
      .member("radii", &C::radii, "(m,) radii r.")
      .member("correlation_sum", &C::correlation_sum,
              "(m,) C(r), the share of pairs that are closer than r.")
      .member("slopes", &C::slopes, "(m,) d ln C / d ln r, over an octave around each radius.")
      .repr([](const C& c) {
        char buffer[128];
        std::snprintf(buffer, sizeof buffer,
                      "CorrelationDimension(%.4g +- %.1g over radii %.3g to %.3g", c.dimension,
                      c.scatter, c.smallest, c.largest);
        return buffer + ("; status '" + std::string(name_of(c.status)) + "')");
      })
      .finish();
  define(
      module, "correlation_dimension",
      "The correlation dimension of a set of points, with the scaling range that it rests on.\n\n"
      "The slope of ln C(r) over ln r means something only where it is constant: the code takes "
      "the "
      "longest\n"
      "range over which it stays within 5 % of its mean, and plot.correlation_dimension shows it. "
      "The time\n"
      "grows with the square of the count.\n\n"
      "Returns\n-------\nCorrelationDimension\n\nReferences\n----------\n"
      "P. Grassberger, I. Procaccia, Physica D 9 (1983) 189; J. Theiler, Phys. Rev. A 34 (1986) "
      "2427.",
      "CorrelationDimension",
      [](const Numbers& points, const CorrelationOptions& options,
         const std::optional<std::int64_t>& threads, Reporter progress) {
        const std::string where(CorrelationOptions::label);
        const Points view = points_of(points, where);
        const int workers = thread_count(threads, where);
        PythonMonitor monitor(std::move(progress), where, "points");
        return released([&] { return correlation_dimension(view, options, workers, monitor); });
      },
      Required<Numbers>{"points", points_meaning}, Fields<CorrelationOptions>{}, threads_argument,
      progress_argument);
  register_fields<CorrelationOptions>(module.attr("correlation_dimension"));
}

}  // namespace attractornet::python
