#include <attractornet/dynamics/hopfield_recalls.hpp>
#include <cmath>
#include <limits>
#include <tuple>

#include "../bindings.hpp"
#include "../device.hpp"
#include "../fields.hpp"
#include "../hopfield_recall.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../systems/hopfield_network.hpp"

namespace attractornet::python {

namespace {

using namespace hopfield;

/// Which traces are wanted.
struct Wanted {
  TraceOptions options;
};

}  // namespace

template <>
struct Convert<Wanted> {
  static std::string type() {
    return "collections.abc.Sequence[typing.Literal['energy', 'overlap', 'state']]";
  }
  static std::string text(const Wanted&) { return "()"; }
  static Wanted from(py::handle value, const Place& place, const std::string&) {
    constexpr std::string_view expected =
        "'energy', 'overlap' or 'state', or a list of some of them";
    Wanted result;
    const auto add = [&](py::handle name) {
      const std::string text = py::isinstance<py::str>(name) ? utf8(name) : "";
      if (text == "energy")
        result.options.energy = true;
      else if (text == "overlap")
        result.options.overlap = true;
      else if (text == "state")
        result.options.state = true;
      else
        wrong_value(place, name, expected);
    };
    if (py::isinstance<py::str>(value)) {
      add(value);
      return result;
    }
    if (!PyList_Check(value.ptr()) && !PyTuple_Check(value.ptr()))
      wrong_type(place, value, expected);
    for (const py::handle name : value) add(name);
    return result;
  }
};

namespace {

/// Traces of several lengths as one array, (count, longest, width).
template <class T, class Of>
py::array_t<T> joined(const States& states, const std::vector<Trace>& traces, std::int64_t longest,
                      std::int64_t width, bool scalar, T filler, Of&& values_of) {
  // Counted in doubles.
  constexpr std::int64_t in_double = sizeof(double) / sizeof(T);
  checked_size("HopfieldNetwork.recall", "states x records x values",
               {states.count, longest, (width + in_double - 1) / in_double});
  auto shape = states.shape({longest});
  if (!scalar) shape.push_back(width);
  py::array_t<T> result(std::move(shape));
  T* out = result.mutable_data();
  for (const Trace& trace : traces) {
    const auto& values = values_of(trace);
    T* end = std::copy(values.begin(), values.end(), out);
    out += longest * width;
    while (end < out) {  // states stay as they ended, numbers end
      const bool last = std::is_integral_v<T> && width > 0;
      end = last ? std::copy(values.end() - width, values.end(), end)
                 : std::fill_n(end, width, filler);
    }
  }
  return result;
}

void set_traces(RecallResult& result, const Network& net, const States& states,
                const std::vector<Trace>& traces, const TraceOptions& options) {
  std::int64_t longest = 0;
  for (const Trace& trace : traces) longest = std::max(longest, trace.length);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (options.energy)
    result.energy_trace = joined<double>(states, traces, longest, 1, true, none,
                                         [](const Trace& t) -> auto& { return t.energies; });
  if (options.overlap)
    result.overlap_trace = joined<double>(states, traces, longest, net.count(), false, none,
                                          [](const Trace& t) -> auto& { return t.overlaps; });
  if (options.state) {
    const auto all = joined<std::int8_t>(states, traces, longest, net.units(), false, 0,
                                         [](const Trace& t) -> auto& { return t.states; });
    const std::vector<py::ssize_t> shape(all.shape(), all.shape() + all.ndim());
    result.state_trace = states_array(all.data(), shape, net.coding(), true);
  }
  py::array_t<std::int64_t> updates(longest);
  for (std::int64_t row = 0; row < longest; ++row) updates.mutable_at(row) = row * options.every;
  result.trace_updates = updates;
}

/// Weights in whole numbers, of each unit those to all others.
py::array_t<std::int32_t> whole_weights(const Network& net) {
  const std::int64_t n = net.units();
  py::array_t<std::int32_t> result({n, n});
  const auto w = net.couplings().weights();
  std::int32_t* to = result.mutable_data();
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t i = 0; i < n; ++i)
      *to++ = static_cast<std::int32_t>(
          std::lround(w[static_cast<std::size_t>(i * n + j)] * net.limits().scale));
  return result;
}

/// Recalls on a CUDA device. @param energies, ends where they end, as RecallOutput has them.
void recall_there(const Network& net, const States& states, const RecallOptions& options,
                  const Reporter& progress, std::vector<Recalled>& endings, double* energies,
                  const StatesOutput& ends) {
  const std::string where(RecallOptions::label);
  constexpr std::string_view device = "'cpu', where ";
  if (options.temperature > 0)
    reject(where, "device", std::string_view("cuda"), std::string(device) + "temperature is not 0");
  if (!net.couplings().whole())
    reject(where, "device", std::string_view("cuda"),
           std::string(device) + "weights are no whole numbers, nor N times them");
  const std::int64_t n = net.units();
  const py::array_t<double> limits(n, net.limits().limit);
  const py::array_t<std::int8_t> start({states.count, n}, states.values.data());
  const py::object found = backend(where).attr("recall")(
      whole_weights(net), limits, start, py::arg("update") = std::string(name_of(options.update)),
      py::arg("max_sweeps") = options.max_sweeps,
      py::arg("tie") = std::string(name_of(options.tie)), py::arg("seed") = options.seed,
      py::arg("progress") = progress.target);
  const auto [ended, sweeps, cycles, quadratic] =
      py::cast<std::tuple<py::array_t<std::int8_t>, py::array_t<std::int64_t>,
                          py::array_t<std::int64_t>, py::array_t<double>>>(found);
  for (std::int64_t k = 0; k < states.count; ++k) {
    const std::int8_t* state = ended.data() + k * n;
    endings[static_cast<std::size_t>(k)] = {sweeps.at(k), cycles.at(k)};
    energies[k] = net.energy(state, quadratic.at(k));
    ends.write(k * n, state, n);
  }
}

RecallResult recall(const HopfieldNetwork& self, const ArrayLike& argument,
                    const RecallOptions& options, Wanted wanted,
                    const std::optional<std::int64_t>& trace_every, Device device,
                    const std::optional<std::int64_t>& threads, Reporter progress) {
  const Network& net = self.network();
  const std::string where(RecallOptions::label);
  const int workers = thread_count(threads, where);
  const States states = own_states(self, argument, "recall", workers);
  TraceOptions& tracing = wanted.options;
  tracing.every = trace_every.value_or(net.units());
  if (tracing.every < 1) reject(where, "trace_every", tracing.every, "a value in [1, inf)");
  if (trace_every && !tracing.any())
    reject(where, "trace_every", *trace_every, "None, unless `trace` asks for something");
  if (tracing.overlap && net.count() == 0)
    reject(where, "trace", std::string_view("overlap"),
           "'energy', 'state' or both: a network of given weights has no patterns");
  RecallResult result;
  result.energies = unfilled_array(states.shape());
  const StatesOutput ends(states.shape({states.units}), net.coding(), states.bytes);
  std::vector<Recalled> endings(static_cast<std::size_t>(states.count));
  std::vector<Trace> traces(tracing.any() ? endings.size() : 0);
  double* energies = result.energies.mutable_data();
  if (device == Device::cuda) {
    if (tracing.any())
      reject(where, "device", std::string_view("cuda"), "'cpu', where `trace` asks for something");
    recall_there(net, states, options, progress, endings, energies, ends);
  } else {
    PythonMonitor monitor(std::move(progress), "recall", "states");
    released([&] {
      hopfield::recall(net, states.values.data(), states.count, options, tracing, workers, monitor,
                       {energies, endings.data(), tracing.any() ? traces.data() : nullptr},
                       [&](std::int64_t k, const std::int8_t* state) {
                         ends.write(k * net.units(), state, net.units());
                       });
    });
  }
  result.states = ends.array();
  result.set(endings, states.shape());
  if (tracing.any()) set_traces(result, net, states, traces, tracing);
  return result;
}

}  // namespace

void define_recall(py::class_<HopfieldNetwork, System>& cls) {
  const Required<ArrayLike> states{
      "states", "(..., units), values of the network's coding, of any numeric type"};
  define_method(
      cls, "recall",
      "Updates states until they stay as they are.\n\n"
      "At T = 0 a recall has converged when a whole sweep flips no unit. At T > 0 a unit becomes 1 "
      "with probability\n1 / (1 + exp(-(1 - lower) h_i / T)), lower = -1 or 0, and max_sweeps "
      "sweeps are made. Single updates at\nrandom sites then obey detailed balance with exp(-E / "
      "T) "
      "where w_ii = 0; sweeps leave that law as it is;\nsynchronous updates have Peretto's, "
      "proportional to exp(-sum_i theta_i s_i / T) prod_i 2 cosh(h_i / T) of bipolar\nunits. "
      "Results "
      "do not depend on threads, nor state b on the states beside it.\n\n"
      "Synchronous updates may end in a cycle instead, of length 2 where weights are symmetric: "
      "`cycle_length` tells.\n\n"
      "Returns\n-------\nRecall\n\n"
      "Examples\n--------\n"
      ">>> net.recall(noisy, seed=1).states\n"
      ">>> net.recall(start, trace=\"state\", trace_every=10).state_trace  # pictures of a film",
      "hopfield.Recall", recall, states, Fields<RecallOptions>{},
      Defaulted<Wanted>{
          "trace", {}, "what is recorded on the way: 'energy', 'overlap', 'state', or several"},
      Defaulted<std::optional<std::int64_t>>{
          "trace_every", std::nullopt,
          "updates of single units from one record to the next; None: a sweep"},
      Defaulted<Device>{
          "device", Device::cpu,
          "cuda: on a CUDA device, where this build has it; at T = 0, without traces, "
          "of weights that are whole numbers or N times which are, as the Hebbian "
          "rule's. Results have the bits of the CPU's"},
      threads_argument, progress_argument);
  register_fields<RecallOptions>(cls.attr("recall"));
}

void bind_hopfield_recalls(py::module_& module) {
  py::module_ submodule = module.attr("hopfield");
  using R = RecallResult;
  Record<R>(submodule, "Recall",
            "Where recalls ended. Arrays have the axes (...) in front of the units of the states.")
      .member("states", &R::states,
              "(..., units), in the coding of what recalled, of a cycle the last one; int8 if they "
              "were given so, else float64.")
      .member("energies", &R::energies, "Energy of each of them, (...).")
      .member("sweeps", &R::sweeps,
              "Sweeps (synchronous: steps) that were made, the last one included that showed that "
              "it had converged, (...).")
      .member(
          "converged", &R::converged,
          "Whether the state is a fixed point; of softmax memories but for the tolerance, (...).")
      .member("cycle_length", &R::cycle_length,
              "1: a fixed point; 2 and more: a cycle of synchronous updates; 0: neither was found, "
              "as at T > 0, (...).\nA cycle of L states that begins after m sweeps is found within "
              "3 max(L, m) sweeps, one of 2 states at once.")
      .member("energy_trace", &R::energy_trace,
              "Energies on the way, (..., records), nan after the end; None if not asked for.")
      .member("overlap_trace", &R::overlap_trace,
              "Overlaps on the way, (..., records, patterns), nan after the end; or None.")
      .member("state_trace", &R::state_trace,
              "States on the way, (..., records, units), int8; the last one is repeated; or None.")
      .member("trace_updates", &R::trace_updates,
              "Updates of single units before each record, (records,); or None.")
      .repr([](const R& r) {
        const auto count = static_cast<std::int64_t>(r.converged.size());
        const auto done = std::count(r.converged.data(), r.converged.data() + count, true);
        const auto cycles = std::count_if(r.cycle_length.data(), r.cycle_length.data() + count,
                                          [](std::int64_t length) { return length > 1; });
        return "Recall(" + std::to_string(count) + (count == 1 ? " state, " : " states, ") +
               std::to_string(done) + " converged" +
               (cycles > 0 ? ", " + std::to_string(cycles) + " in cycles)" : ")");
      })
      .finish();
}

}  // namespace attractornet::python
