#include <attractornet/analysis/wilson_cowan_node.hpp>
#include <attractornet/core/memory.hpp>
#include <attractornet/core/status.hpp>
#include <attractornet/dynamics/wilson_cowan_adjoint.hpp>
#include <attractornet/dynamics/wilson_cowan_integrate.hpp>
#include <cmath>
#include <mutex>
#include <variant>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../real_arrays.hpp"
#include "../record.hpp"
#include "../systems/wilson_cowan.hpp"
#include "wilson_cowan_tape.hpp"

template class attractornet::wilson_cowan::Tape<float>;
template class attractornet::wilson_cowan::Tape<double>;

namespace attractornet::python {

namespace {

using namespace wilson_cowan;

constexpr const char* step_length =
    "length of a step. Of explicit Euler at most WilsonCowanNode.euler_limit, which is of a node "
    "alone: where a coupling is strong, less than 2 / -min(spectrum(state).real) of a stable state";
constexpr const char* schemes =
    "explicit Euler (order 1), exponential Euler (order 1, stable in a node where rates are large) "
    "or the classical Runge-Kutta scheme (order 4)";

/// The fields of integrate that are numbers.
struct IntegrateFields {
  double dt = 0.1, noise = 0;
  std::int64_t seed = 0;

  static constexpr std::string_view label = "WilsonCowanNetwork.integrate";
  static constexpr auto fields() {
    using F = IntegrateFields;
    return std::tuple{
        field("dt", &F::dt, above(0), "time", step_length),
        field("noise", &F::noise, finite_from(0), "1/sqrt(time)",
              "sigma of Gaussian noise in both populations: after each step sigma sqrt(dt) times a "
              "normal number is added"),
        field("seed", &F::seed, between(0, 9007199254740991.0), "",
              "seed of the noise; state b of a batch has a stream of its own"),
    };
  }
};

/// The fields of tape and adjoint.
struct TapeFields {
  double dt = 0.1;
  Scheme scheme = Scheme::euler;
  Memory memory = Memory::store;

  static constexpr std::string_view label = "WilsonCowanNetwork.tape";
  static constexpr auto fields() {
    using F = TapeFields;
    return std::tuple{
        field("dt", &F::dt, above(0), "time", step_length),
        field("scheme", &F::scheme, {}, "", schemes),
        field("memory", &F::memory, {}, "",
              "what is kept for the adjoint, in arrays of the batch's size: store, 4 a step (16 of "
              "runge_kutta_4), nothing is computed twice; checkpoint, 2 for each of sqrt(steps) "
              "segments and "
              "4 (16) for each step of one; recompute, 2 a step and 4 (16). The last two run "
              "forward twice. No bit of a gradient depends on it"),
    };
  }
};

// ---------------------------------------------------------------------------------------- batches

/// The shape of the states given: (nodes,) or (samples, nodes).
struct Batch {
  std::vector<py::ssize_t> axes;
  std::int64_t samples, nodes;
};

Batch batch_of(const py::array& array, std::int64_t nodes, const Place& place) {
  const auto ndim = array.ndim();
  if (ndim < 1 || ndim > 2 || array.shape(ndim - 1) != nodes)
    wrong_shape(array, place,
                "(" + std::to_string(nodes) + ",) or (samples, " + std::to_string(nodes) +
                    "), a value for each node");
  return {{array.shape(), array.shape() + ndim - 1}, array.size() / nodes, nodes};
}

/// An array of the batch as rows of whole registers.
template <class T>
AlignedVector<T> rows_of(py::handle value, const Batch& batch, const Place& place) {
  const py::array array = as_array(value, place);
  expect_reals(array, value, place);
  const Batch found = batch_of(array, batch.nodes, place);
  if (found.axes != batch.axes) {
    const std::string samples = batch.axes.empty() ? "" : std::to_string(batch.samples) + ", ";
    wrong_shape(array, place,
                "(" + samples + std::to_string(batch.nodes) + (samples.empty() ? ",)" : ")") +
                    ", that of x0");
  }
  const DenseArray<T> dense = finite_reals<T>(array, value, place);
  const std::int64_t stride = batch_stride<T>(batch.nodes);
  AlignedVector<T> rows(static_cast<std::size_t>(batch.samples * stride));
  for (std::int64_t b = 0; b < batch.samples; ++b)
    std::copy_n(dense.data() + b * batch.nodes, batch.nodes, rows.data() + b * stride);
  return rows;
}

/// The first columns of rows, in an array of that shape.
template <class T>
RealArray array_of(AlignedVector<T> rows, std::vector<py::ssize_t> shape) {
  const std::int64_t columns = shape.back(), stride = batch_stride<T>(columns);
  if (columns == stride) return to_array(std::move(rows), std::move(shape));
  const std::int64_t count = static_cast<std::int64_t>(rows.size()) / stride;
  UnfilledVector<T> dense(static_cast<std::size_t>(count * columns));
  for (std::int64_t b = 0; b < count; ++b)
    std::copy_n(rows.data() + b * stride, columns, dense.data() + b * columns);
  return to_array(std::move(dense), std::move(shape));
}

template <class T>
Model<T> model_of(const WilsonCowanNetwork& self) {
  const Network& net = self.network();
  return {self.params(), net.nodes(),          net.a().data(),
          net.scale(),   net.input_e().data(), net.input_i().data()};
}

/// Of the state at the end: what is not finite stays so.
template <class T>
Status status_of(const AlignedVector<T>& x, const AlignedVector<T>& y) {
  const bool finite = all_finite(x.data(), x.size()) && all_finite(y.data(), y.size());
  return finite ? Status::ok : Status::diverged;
}

/// What x0, y0 and the type of a run say together.
struct Start {
  py::array x;
  std::optional<ArrayLike> y;
  Batch batch;
  Real real;

  /// Both populations, as rows of whole registers.
  template <class T>
  std::pair<AlignedVector<T>, AlignedVector<T>> rows(const std::string& where) const {
    auto excited = rows_of<T>(x, batch, {where, "x0"});
    auto inhibited = y ? rows_of<T>(y->value, batch, {where, "y0"}) : excited;
    return {std::move(excited), std::move(inhibited)};
  }
};

Start start_of(const WilsonCowanNetwork& self, const ArrayLike& x0,
               const std::optional<ArrayLike>& y0, const std::optional<Real>& real,
               const std::string& where) {
  const py::array x = as_array(x0.value, {where, "x0"});
  return {x, y0, batch_of(x, self.network().nodes(), {where, "x0"}), real ? *real : real_of(x)};
}

// -------------------------------------------------------------------------------------- integrate

struct Integration {
  RealArray x, y;
  std::optional<RealArray> x_trace, y_trace;
  std::optional<py::array_t<double>> times;
  Status status = Status::ok;
};

struct IntegrateArguments {
  IntegrateFields numbers;
  std::int64_t steps;
  std::optional<Scheme> scheme;
  bool reverse;
  std::optional<Numbers> delay;
  std::optional<std::int64_t> every;
};

/// Delays in steps, transposed; a number for all connections, or one for each.
std::optional<Lags> lags_of(const IntegrateArguments& a, std::int64_t nodes,
                            const std::string& where) {
  if (!a.delay) return std::nullopt;
  const Place place{where, "delay"};
  const bool matrix = a.delay->ndim() > 0;
  if (matrix)
    expect_shape(*a.delay, place, {nodes, nodes},
                 "a number or (nodes, nodes), one for each weight");
  if (a.reverse) refuse(where, "delay and reverse = True", "one of them at most");
  if (a.scheme == Scheme::runge_kutta_4)
    reject(where, "scheme", name_of(*a.scheme),
           "'euler' or 'exponential_euler', where delay is given");
  Lags lags{.steps = std::vector<std::int32_t>(static_cast<std::size_t>(nodes * nodes))};
  constexpr double most = 1e6;
  for (std::int64_t i = 0; i < nodes; ++i)
    for (std::int64_t j = 0; j < nodes; ++j) {
      const double delay = a.delay->data()[matrix ? i * nodes + j : 0];
      const double steps = std::nearbyint(delay / a.numbers.dt);
      if (!(delay >= 0 && steps <= most))
        reject(where, "delay", delay, "values from 0 to 1e6 steps of dt");
      lags.steps[static_cast<std::size_t>(j * nodes + i)] = static_cast<std::int32_t>(steps);
      lags.longest = std::max(lags.longest, static_cast<std::int64_t>(steps));
    }
  return lags;
}

template <class T>
Integration integrate_as(const WilsonCowanNetwork& self, const Start& start,
                         const IntegrateArguments& a, const std::string& where, int threads,
                         PythonMonitor& monitor) {
  const Batch& batch = start.batch;
  const std::optional<Lags> lags = lags_of(a, batch.nodes, where);
  if (lags)
    checked_size(where, "nodes x steps of delay x states at a time",
                 {batch.nodes, lags->slots(), std::min<std::int64_t>(threads, batch.samples)});
  const IntegrateOptions options{
      .steps = a.steps,
      .dt = a.reverse ? -a.numbers.dt : a.numbers.dt,
      .scheme = a.scheme.value_or(a.reverse ? Scheme::runge_kutta_4 : Scheme::euler),
      .noise = a.numbers.noise,
      .seed = a.numbers.seed,
      .every = a.every.value_or(0),
      .lags = lags ? &*lags : nullptr,
  };
  if (options.scheme == Scheme::euler && !a.reverse)
    expect_euler_step(self.params(), options.dt, where);
  auto [x, y] = start.rows<T>(where);
  Integration result;
  std::int64_t records = 0;
  T *trace_x = nullptr, *trace_y = nullptr;
  if (options.every > 0) {
    records = options.steps / options.every + 1;
    checked_size(where, "records x samples x nodes", {records, batch.samples, batch.nodes});
    std::vector<py::ssize_t> shape = batch.axes;
    shape.insert(shape.begin(), records);
    shape.push_back(batch.nodes);
    py::array_t<T> to_x(shape), to_y(shape);
    trace_x = to_x.mutable_data();
    trace_y = to_y.mutable_data();
    result.x_trace = to_x;
    result.y_trace = to_y;
    py::array_t<double> times(records);
    for (std::int64_t r = 0; r < records; ++r)
      times.mutable_at(r) = static_cast<double>(r * options.every) * options.dt;
    result.times = times;
  }
  released([&] {
    const Model<T> model = model_of<T>(self);
    integrate(model, batch.samples, {x.data(), y.data()}, options, threads, monitor,
              [&](std::int64_t record, std::int64_t sample, const T* from_x, const T* from_y) {
                const std::int64_t place = (record * batch.samples + sample) * batch.nodes;
                std::copy_n(from_x, batch.nodes, trace_x + place);
                std::copy_n(from_y, batch.nodes, trace_y + place);
              });
  });
  result.status = status_of(x, y);
  std::vector<py::ssize_t> shape = batch.axes;
  shape.push_back(batch.nodes);
  result.x = array_of(std::move(x), shape);
  result.y = array_of(std::move(y), shape);
  return result;
}

Integration integrate_network(const WilsonCowanNetwork& self, const ArrayLike& x0,
                              const std::optional<ArrayLike>& y0, std::int64_t steps,
                              const IntegrateFields& numbers, std::optional<Scheme> scheme,
                              bool reverse, std::optional<Numbers> delay,
                              std::optional<std::int64_t> every, std::optional<Real> dtype,
                              std::optional<std::int64_t> threads, Reporter progress) {
  const std::string where(IntegrateFields::label);
  if (steps < 0) reject(where, "steps", steps, "a value in [0, inf)");
  if (every && *every < 1) reject(where, "trace_every", *every, "a value in [1, inf)");
  if (reverse && !y0)
    refuse(where, "reverse = True without y0", "y of the state that is gone back from");
  if (reverse && numbers.noise > 0)
    reject(where, "noise", numbers.noise, "0, where reverse = True");
  if (reverse && !dtype) dtype = Real::float64;
  const Start start = start_of(self, x0, y0, dtype, where);
  const IntegrateArguments a{numbers, steps, scheme, reverse, std::move(delay), every};
  const int workers = thread_count(threads, where);
  PythonMonitor monitor(std::move(progress), "integrate", "state-steps");
  return start.real == Real::float32
             ? integrate_as<float>(self, start, a, where, workers, monitor)
             : integrate_as<double>(self, start, a, where, workers, monitor);
}

// ---------------------------------------------------------------------------------------- adjoint

struct NetworkGradient {
  RealArray coupling, x0, y0;
  py::array_t<double> input_e, input_i;
  double scale = 0;
  Params params;
};

/// A model and its tape, in one of both types.
template <class T>
struct Recorded {
  Model<T> model;
  Tape<T> tape;
  std::mutex busy;  ///< a tape is written to as it runs back
  RealArray x, y;
  Status status = Status::ok;

  Recorded(const WilsonCowanNetwork& self, std::int64_t samples, const RunOptions& run,
           Memory memory, int threads)
      : model(model_of<T>(self)), tape(model, samples, run, memory, threads) {}
};

class NetworkTape {
 public:
  NetworkTape(const WilsonCowanNetwork& self, const Start& start, const RunOptions& run,
              Memory memory, int threads, Reporter progress, const std::string& where)
      : batch_(start.batch) {
    if (start.real == Real::float32)
      forward<float>(self, start, run, memory, threads, std::move(progress), where);
    else
      forward<double>(self, start, run, memory, threads, std::move(progress), where);
  }

  RealArray x() const {
    return std::visit([](const auto& r) { return r->x; }, recorded_);
  }
  RealArray y() const {
    return std::visit([](const auto& r) { return r->y; }, recorded_);
  }
  Status status() const {
    return std::visit([](const auto& r) { return r->status; }, recorded_);
  }
  std::int64_t samples() const { return batch_.samples; }

  NetworkGradient adjoint(const std::optional<ArrayLike>& dx, const std::optional<ArrayLike>& dy,
                          Reporter progress, const std::string& where) {
    PythonMonitor monitor(std::move(progress), "adjoint", "state-steps");
    return std::visit([&](auto& r) { return adjoint_as(*r, dx, dy, monitor, where); }, recorded_);
  }

 private:
  template <class T>
  void forward(const WilsonCowanNetwork& self, const Start& start, const RunOptions& run,
               Memory memory, int threads, Reporter progress, const std::string& where) {
    expect_tape_memory<T>(where, "x0 has", batch_.nodes, batch_.samples, run, memory);
    auto [x, y] = start.rows<T>(where);
    PythonMonitor monitor(std::move(progress), "tape", "state-steps");
    auto recorded = released([&] {
      auto made = std::make_shared<Recorded<T>>(self, batch_.samples, run, memory, threads);
      made->tape.forward(x.data(), y.data(), monitor);
      return made;
    });
    recorded->status = status_of(x, y);
    std::vector<py::ssize_t> shape = batch_.axes;
    shape.push_back(batch_.nodes);
    recorded->x = array_of(std::move(x), shape);
    recorded->y = array_of(std::move(y), shape);
    recorded_ = std::move(recorded);
  }

  template <class T>
  NetworkGradient adjoint_as(Recorded<T>& r, const std::optional<ArrayLike>& dx,
                             const std::optional<ArrayLike>& dy, PythonMonitor& monitor,
                             const std::string& where) {
    if (!dx && !dy) wrong_value({where, "dx"}, py::none(), "an array, unless dy is one");
    const AlignedVector<T> x = derivatives<T>(dx, {where, "dx"});
    const AlignedVector<T> y = derivatives<T>(dy, {where, "dy"});
    Gradient<T> gradient = released([&] {
      const std::lock_guard lock(r.busy);
      return r.tape.reverse(x.data(), y.data(), monitor);
    });
    std::vector<py::ssize_t> shape = batch_.axes;
    shape.push_back(batch_.nodes);
    return {.coupling = array_of(std::move(gradient.coupling), {batch_.nodes, batch_.nodes}),
            .x0 = array_of(std::move(gradient.x), shape),
            .y0 = array_of(std::move(gradient.y), shape),
            .input_e = to_array(std::move(gradient.input_e)),
            .input_i = to_array(std::move(gradient.input_i)),
            .scale = gradient.scale,
            .params = gradient.params};
  }

  template <class T>
  AlignedVector<T> derivatives(const std::optional<ArrayLike>& given, const Place& place) const {
    if (given) return rows_of<T>(given->value, batch_, place);
    return AlignedVector<T>(
        static_cast<std::size_t>(batch_.samples * batch_stride<T>(batch_.nodes)));
  }

  Batch batch_;
  std::variant<std::shared_ptr<Recorded<float>>, std::shared_ptr<Recorded<double>>> recorded_;
};

std::unique_ptr<NetworkTape> tape(const WilsonCowanNetwork& self, const ArrayLike& x0,
                                  const std::optional<ArrayLike>& y0, std::int64_t steps,
                                  const TapeFields& fields, const std::optional<Real>& dtype,
                                  const std::optional<std::int64_t>& threads, Reporter progress,
                                  const std::string& where) {
  if (steps < 0) reject(where, "steps", steps, "a value in [0, inf)");
  const Start start = start_of(self, x0, y0, dtype, where);
  if (fields.scheme == Scheme::euler) expect_euler_step(self.params(), fields.dt, where);
  for (const auto& [name, beta] :
       {std::pair{"beta_e", self.params().beta_e}, std::pair{"beta_i", self.params().beta_i}})
    if (beta == 0) reject(where, name, beta, "another value: gradients are divided by it");
  return std::make_unique<NetworkTape>(self, start, RunOptions{steps, fields.dt, fields.scheme},
                                       fields.memory, thread_count(threads, where),
                                       std::move(progress), where);
}

// ---------------------------------------------------------------------------------------- binding

const Required<ArrayLike> x0_argument{
    "x0",
    "x at the start, (nodes,) or (samples, nodes), activities from 0 to 1: 8-bit pixels are "
    "divided "
    "by 255 first. The run is made in its type, float32 or float64 (float64 of other numbers)"};
const Defaulted<std::optional<ArrayLike>, false> y0_argument{
    "y0", std::nullopt, "y at the start, of the shape of x0; None: x0"};
const Defaulted<std::optional<Real>> dtype_argument{"dtype", std::nullopt,
                                                    "the type of the run; None: as x0 says"};

}  // namespace

void define_runs(py::class_<WilsonCowanNetwork, Flow>& cls) {
  const Defaulted<std::int64_t, false> steps{"steps", 25, "steps that are made"};
  define_method(
      cls, "integrate",
      "Follows states in time.\n\n"
      "Results do not depend on threads, nor state b on the states beside it. reverse=True runs "
      "back from a final\nstate, by runge_kutta_4 in float64 unless told otherwise: a state that "
      "has "
      "settled has lost its past in the digits that are\nleft of it.\n\n"
      "Returns\n-------\nwilson_cowan.Integration",
      "wilson_cowan.Integration", integrate_network, x0_argument, y0_argument, steps,
      Fields<IntegrateFields>{},
      Defaulted<std::optional<Scheme>>{
          "scheme", std::nullopt,
          schemes + std::string("; None: euler, and runge_kutta_4 backwards")},
      Defaulted<bool>{"reverse", false, "run backwards in time"},
      Defaulted<std::optional<Numbers>>{
          "delay", std::nullopt,
          "time that excitation takes from node j to node i, a number for all or (nodes, nodes), "
          "rounded to steps; before the start all was as it is there. With noise, steps are those "
          "of Euler and Maruyama"},
      Defaulted<std::optional<std::int64_t>>{"trace_every", std::nullopt,
                                             "steps from one record to the next; None: no record"},
      dtype_argument, threads_argument, progress_argument);
  register_fields<IntegrateFields>(cls.attr("integrate"));
  define_method(
      cls, "tape",
      "Follows states in time and keeps what their gradients need.\n\n"
      "Where w_ie = 0 and input_i is the same for all nodes, y depends on its start alone: of 256 "
      "starts or fewer, such as\n8-bit pixels, it is computed once for each, with the same bits, "
      "and "
      "a step keeps 2 arrays (8) of 4 (16).\n\n"
      "Returns\n-------\nwilson_cowan.Tape\n\n"
      "Examples\n--------\n"
      ">>> tape = network.tape(images)\n"
      ">>> gradient = tape.adjoint(2.0 * (tape.x - targets) / len(images))",
      "wilson_cowan.Tape",
      [](const WilsonCowanNetwork& self, const ArrayLike& x0, const std::optional<ArrayLike>& y0,
         std::int64_t count, const TapeFields& fields, const std::optional<Real>& dtype,
         const std::optional<std::int64_t>& threads, const Reporter& progress) {
        return tape(self, x0, y0, count, fields, dtype, threads, progress,
                    std::string(TapeFields::label));
      },
      x0_argument, y0_argument, steps, Fields<TapeFields>{}, dtype_argument, threads_argument,
      progress_argument);
  register_fields<TapeFields>(cls.attr("tape"));
  define_method(
      cls, "adjoint",
      "Derivatives of a loss of the state after some steps: the discrete adjoint.\n\n"
      "Exact for what was computed, but for rounding. To know the state before the loss, take "
      "`tape`.\n\n"
      "Returns\n-------\nwilson_cowan.Gradient",
      "wilson_cowan.Gradient",
      [](const WilsonCowanNetwork& self, const ArrayLike& x0, const std::optional<ArrayLike>& y0,
         std::int64_t count, const std::optional<ArrayLike>& dx, const std::optional<ArrayLike>& dy,
         const TapeFields& fields, const std::optional<Real>& dtype,
         const std::optional<std::int64_t>& threads, const Reporter& progress) {
        return tape(self, x0, y0, count, fields, dtype, threads, progress,
                    "WilsonCowanNetwork.adjoint")
            ->adjoint(dx, dy, progress, "WilsonCowanNetwork.adjoint");
      },
      x0_argument, y0_argument, steps,
      Defaulted<std::optional<ArrayLike>, false>{
          "dx", std::nullopt,
          "the loss's derivatives by x at the end, of the shape of x0; None: 0"},
      Defaulted<std::optional<ArrayLike>, false>{"dy", std::nullopt, "by y at the end; None: 0"},
      Fields<TapeFields>{}, dtype_argument, threads_argument, progress_argument);
}

void bind_wilson_cowan_runs(py::module_& module) {
  py::module_ submodule =
      module.def_submodule("wilson_cowan", "Wilson-Cowan networks in time, and their gradients.");
  using I = Integration;
  Record<I>(submodule, "Integration", "Where states of a Wilson-Cowan network went.")
      .member("x", &I::x, "x at the end, of the shape of x0.")
      .member("y", &I::y, "y at the end.")
      .member("x_trace", &I::x_trace,
              "x at the start and after every trace_every steps, (records, ..., nodes); or None.")
      .member("y_trace", &I::y_trace, "y then; or None.")
      .member("times", &I::times, "Times of the records, (records,), < 0 backwards; or None.")
      .member("status", &I::status,
              "ok; diverged, where a state left the finite numbers: then it is NaN or inf.")
      .finish();
  using G = NetworkGradient;
  Record<G> gradient(submodule, "Gradient", "Derivatives of a loss by what a run depends on.");
  gradient.member("coupling", &G::coupling, "By A, (nodes, nodes).")
      .member("scale", &G::scale, "By Gamma.")
      .member("x0", &G::x0, "By x at the start, of its shape.")
      .member("y0", &G::y0,
              "By y at the start; with y0 = x0 the loss's derivative by x0 is x0 + y0.")
      .member("input_e", &G::input_e, "By each node's input_e, (nodes,).")
      .member("input_i", &G::input_i, "By each node's input_i, (nodes,).");
  for_each_field<Params>([&](const auto& field) {
    const std::string doc = "By " + std::string(field.name) + ".";
    gradient.property(std::string(field.name).c_str(), doc.c_str(),
                      [member = field.member](const G& g) { return g.params.*member; });
  });
  gradient.finish();
  auto cls =
      define_class<NetworkTape>(submodule, "Tape", "A run of a network that can be gone back.");
  define_property(cls, "x", "x at the end, of the shape of x0.",
                  [](const NetworkTape& self) { return self.x(); });
  define_property(cls, "y", "y at the end.", [](const NetworkTape& self) { return self.y(); });
  define_property(cls, "status", "ok; diverged, where a state left the finite numbers.",
                  [](const NetworkTape& self) { return std::string(name_of(self.status())); });
  define_method(
      cls, "adjoint",
      "Derivatives of a loss of the last state; may be asked for more than once.\n\n"
      "Returns\n-------\nwilson_cowan.Gradient",
      "Gradient",
      [](NetworkTape& self, const std::optional<ArrayLike>& dx, const std::optional<ArrayLike>& dy,
         Reporter progress) { return self.adjoint(dx, dy, std::move(progress), "Tape.adjoint"); },
      Defaulted<std::optional<ArrayLike>, false>{
          "dx", std::nullopt, "the loss's derivatives by x, of the shape of x; None: 0"},
      Defaulted<std::optional<ArrayLike>, false>{"dy", std::nullopt, "by y; None: 0"},
      progress_argument);
  define_repr(cls, [](const NetworkTape& self) {
    return "Tape(samples=" + std::to_string(self.samples()) + ")";
  });
}

}  // namespace attractornet::python
