#include <attractornet/analysis/recurrence.hpp>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../points.hpp"
#include "../record.hpp"

namespace attractornet::python {

void bind_recurrence(py::module_& module) {
  using R = Recurrence;
  Record<R>(module, "Recurrence", "What recurrence measured.")
      .member("threshold", &R::threshold, "Distance below which points recur.")
      .member("rate", &R::rate, "Share of pairs that recur.")
      .member("determinism", &R::determinism, "Share of recurring pairs on diagonal lines.")
      .member("mean_diagonal", &R::mean_diagonal, "Mean length of diagonal lines, in points.")
      .member("longest_diagonal", &R::longest_diagonal, "Length of the longest diagonal line.")
      .member("entropy", &R::entropy,
              "Shannon entropy of the lengths of diagonal lines, natural logarithm.")
      .member("laminarity", &R::laminarity, "Share of recurring pairs on vertical lines.")
      .member("trapping_time", &R::trapping_time, "Mean length of vertical lines, in points.")
      .member("diagonal_lines", &R::diagonal_lines,
              "How many diagonal lines have each length, from 0 on.")
      .member("vertical_lines", &R::vertical_lines,
              "How many vertical lines have each length, from 0 on.")
      .repr([](const R& r) {
        return "Recurrence(rate " + text(r.rate) + ", determinism " + text(r.determinism) + ")";
      })
      .finish();
  define(
      module, "recurrence",
      "Recurrence quantification: how often, and in what patterns, points come back to where "
      "others "
      "were.\n\n"
      "plot.recurrence draws the recurrence plot. The time grows with the square of the count.\n\n"
      "Returns\n-------\nRecurrence\n\nReferences\n----------\n"
      "N. Marwan, M. C. Romano, M. Thiel, J. Kurths, Phys. Rep. 438 (2007) 237.",
      "Recurrence",
      [](const Numbers& points, const RecurrenceOptions& options,
         const std::optional<std::int64_t>& threads, Reporter progress) {
        const std::string where(RecurrenceOptions::label);
        const Points view = points_of(points, where);
        const int workers = thread_count(threads, where);
        PythonMonitor monitor(std::move(progress), where, "lines");
        return released([&] { return recurrence(view, options, workers, monitor); });
      },
      Required<Numbers>{"points", points_meaning}, Fields<RecurrenceOptions>{}, threads_argument,
      progress_argument);
  register_fields<RecurrenceOptions>(module.attr("recurrence"));
}

}  // namespace attractornet::python
