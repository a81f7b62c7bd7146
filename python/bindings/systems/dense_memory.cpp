#include <attractornet/dynamics/dense_memory_recall.hpp>
#include <cmath>
#include <limits>
#include <memory>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../hopfield_recall.hpp"
#include "../hopfield_states.hpp"
#include "../model.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../values.hpp"

namespace attractornet::python {

namespace {

using namespace hopfield;

constexpr std::string_view label = DenseMemoryParams::label;

std::string method_label(const char* method) { return std::string(label) + "." + method; }

/// A memory of some order, or of order infinity: one of the two is there.
class DenseAssociativeMemory : public System {
 public:
  std::string name() const override { return std::string(label); }
  virtual const PolynomialMemory* polynomial() const { return nullptr; }
  virtual const SoftmaxMemory* softmax() const { return nullptr; }

  void jvp(const double*, const double*, int, double*, double*) const override {
    lacks(no_tangent);
  }
  void vjp(const double*, const double*, double*) const override { lacks(no_tangent); }
  std::unique_ptr<AnyTangentOrbit> tangent_orbit(int) const override { lacks(no_tangent); }

  std::int64_t count() const {
    return polynomial() ? polynomial()->patterns().count() : softmax()->count();
  }
  double order() const {
    return polynomial() ? polynomial()->order() : std::numeric_limits<double>::infinity();
  }

 private:
  static constexpr const char* no_tangent =
      "tangent or adjoint: its units have two values (those of order=math.inf are real)";
};

template <class Memory>
class MemoryOf final : public SystemOf<MemoryOf<Memory>, DenseAssociativeMemory> {
 public:
  explicit MemoryOf(Memory memory) : memory_(std::move(memory)) {}
  auto rule() const { return memory_.rule(); }
  const PolynomialMemory* polynomial() const override {
    return this->template as<PolynomialMemory>();
  }
  const SoftmaxMemory* softmax() const override { return this->template as<SoftmaxMemory>(); }
  std::unique_ptr<System> with(const Values& values) const override {
    Memory memory = memory_;
    for (const auto& [name, value] : values) change(memory, name, value);
    return std::make_unique<MemoryOf>(std::move(memory));
  }

 private:
  template <class Other>
  const Other* as() const {
    if constexpr (std::is_same_v<Memory, Other>) return &memory_;
    return nullptr;
  }
  static void change(PolynomialMemory& memory, std::string_view name, double value) {
    if (name != "order") reject(label, name, value, "order=inf beside it");
    memory = memory.with_order(value);
  }
  static void change(SoftmaxMemory& memory, std::string_view name, double value) {
    if (name != "beta") reject(label, name, value, "inf, as it was made with");
    memory = memory.with_beta(value);
  }

  Memory memory_;
};

std::unique_ptr<DenseAssociativeMemory> from_patterns(const ArrayLike& patterns,
                                                      const DenseMemoryParams& params) {
  const Place place{std::string(label), "patterns"};
  if (std::isinf(params.order)) {
    const auto values = Convert<Numbers>::from(patterns.value, place, "");
    expect_shape(values, place, {-1, -1}, "(patterns, units)");
    const std::int64_t size = values.array.size();
    return released([&] {
      return std::make_unique<MemoryOf<SoftmaxMemory>>(
          SoftmaxMemory({values.data(), values.data() + size}, values.shape(0), values.shape(1),
                        params.beta.value_or(DenseMemoryParams::default_beta)));
    });
  }
  if (params.beta) reject(label, "beta", *params.beta, "order=inf beside it");
  const py::array array = as_array(patterns.value, place);
  if (array.ndim() != 2) wrong_shape(array, place, "(patterns, units)");
  const States values = states_of(array, place, Coding::bipolar, -1);
  return released([&] {
    return std::make_unique<MemoryOf<PolynomialMemory>>(
        PolynomialMemory(values.values, values.count, values.units, params.order));
  });
}

// --------------------------------------------------------------------------- energies and overlaps

States signs_of(const DenseAssociativeMemory& self, const ArrayLike& states, const char* method) {
  return states_of(states.value, {method_label(method), "states"}, Coding::bipolar,
                   self.dimension());
}
Numbers numbers_of(const DenseAssociativeMemory& self, const ArrayLike& states,
                   const char* method) {
  const Place place{method_label(method), "states"};
  auto result = Convert<Numbers>::from(states.value, place, "");
  expect_states(result, self, place);
  return result;
}

/// The axes in front of the units, and others behind them.
std::vector<py::ssize_t> shape_of(const Numbers& states,
                                  std::initializer_list<py::ssize_t> more = {}) {
  std::vector<py::ssize_t> result(states.array.shape(), states.array.shape() + states.ndim() - 1);
  result.insert(result.end(), more);
  return result;
}

py::array_t<double> energy(const DenseAssociativeMemory& self, const ArrayLike& argument) {
  const std::int64_t n = self.dimension();
  if (const auto* memory = self.softmax()) {
    const Numbers states = numbers_of(self, argument, "energy");
    py::array_t<double> result = unfilled_array(shape_of(states));
    double* out = result.mutable_data();
    each_state(result.size(), "energy",
               [&](std::int64_t k) { out[k] = memory->rule().energy(states.data() + k * n); });
    return result;
  }
  const States states = signs_of(self, argument, "energy");
  py::array_t<double> result = unfilled_array(states.shape());
  double* out = result.mutable_data();
  PolynomialFields fields = self.polynomial()->fields();
  each_state(states.count, "energy", [&](std::int64_t k) {
    fields.load(states.values.data() + k * n);
    out[k] = -0.5 * fields.quadratic();
  });
  return result;
}

py::array_t<double> overlaps(const DenseAssociativeMemory& self, const ArrayLike& argument) {
  const std::int64_t n = self.dimension(), count = self.count();
  const std::string where = method_label("overlaps");
  if (const auto* memory = self.softmax()) {
    const Numbers states = numbers_of(self, argument, "overlaps");
    const std::int64_t rows = states.array.size() / n;
    checked_size(where, "states x patterns", {rows, count});
    py::array_t<double> result = unfilled_array(shape_of(states, {count}));
    double* out = result.mutable_data();
    each_state(rows, "overlaps", [&](std::int64_t k) {
      memory->rule().overlaps(states.data() + k * n, out + k * count);
    });
    return result;
  }
  const Patterns& patterns = self.polynomial()->patterns();
  const States states = signs_of(self, argument, "overlaps");
  checked_size(where, "states x patterns", {states.count, count});
  py::array_t<double> result = unfilled_array(states.shape({count}));
  double* out = result.mutable_data();
  AlignedVector<std::int8_t> state(static_cast<std::size_t>(patterns.stride()));
  each_state(states.count, "overlaps", [&](std::int64_t k) {
    std::copy_n(states.values.data() + k * n, n, state.begin());
    double* m = out + k * count;
    patterns.overlaps(state.data(), m);
    for (std::int64_t mu = 0; mu < count; ++mu) m[mu] /= static_cast<double>(n);
  });
  return result;
}

// ------------------------------------------------------------------------------------------ recall

using GivenRecall = GivenFields<RecallOptions>::Value;
using GivenSettle = GivenFields<SettleOptions>::Value;

/// Options of units of two values do not go with real ones, but for the update that is theirs.
void check_of_softmax(const GivenRecall& options) {
  for_each_field<RecallOptions>([&](const auto& field) {
    const auto& given = options.given;
    if (field.name == "max_sweeps" ||
        std::find(given.begin(), given.end(), field.name) == given.end())
      return;
    const auto value = options.*(field.member);
    if constexpr (std::is_enum_v<std::decay_t<decltype(value)>>) {
      if (field.name == "update" && options.update == Update::synchronous) return;
      reject(SettleOptions::label, field.name, name_of(value), "a finite order beside it");
    } else {
      reject(SettleOptions::label, field.name, value, "a finite order beside it");
    }
  });
}

RecallResult recall_reals(const DenseAssociativeMemory& self, const ArrayLike& argument,
                          const GivenRecall& options, SettleOptions settle, int threads,
                          Reporter progress) {
  check_of_softmax(options);
  settle.max_sweeps = options.max_sweeps;
  const Numbers states = numbers_of(self, argument, "recall");
  check_copy(states.array, {method_label("recall"), "states"});
  RecallResult result;
  py::array_t<double> ends = unfilled_array(shape_of(states, {self.dimension()}));
  result.energies = unfilled_array(shape_of(states));
  std::vector<Recalled> endings(static_cast<std::size_t>(result.energies.size()));
  const MemoryRecalls<double> out{ends.mutable_data(), result.energies.mutable_data(),
                                  endings.data()};
  PythonMonitor monitor(std::move(progress), "recall", "states");
  released([&] {
    recall(*self.softmax(), states.data(), static_cast<std::int64_t>(endings.size()), settle,
           threads, monitor, out);
  });
  result.states = std::move(ends);
  result.set(endings, shape_of(states));
  return result;
}

RecallResult recall_signs(const DenseAssociativeMemory& self, const ArrayLike& argument,
                          const RecallOptions& options, const GivenSettle& settle, int threads,
                          Reporter progress) {
  if (!settle.given.empty())
    reject(SettleOptions::label, "tolerance", settle.tolerance, "order=inf beside it");
  const States states = signs_of(self, argument, "recall");
  RecallResult result;
  result.energies = unfilled_array(states.shape());
  std::vector<std::int8_t> ends(states.values.size());
  std::vector<Recalled> endings(static_cast<std::size_t>(states.count));
  const MemoryRecalls<std::int8_t> out{ends.data(), result.energies.mutable_data(), endings.data()};
  {
    PythonMonitor monitor(std::move(progress), "recall", "states");
    released([&] {
      recall(*self.polynomial(), states.values.data(), states.count, options, threads, monitor,
             out);
    });
  }
  result.states =
      states_array(ends.data(), states.shape({states.units}), Coding::bipolar, states.bytes);
  result.set(endings, states.shape());
  return result;
}

RecallResult recall_states(const DenseAssociativeMemory& self, const ArrayLike& states,
                           const GivenRecall& options, const GivenSettle& settle,
                           const std::optional<std::int64_t>& threads, Reporter progress) {
  const int workers = thread_count(threads, SettleOptions::label);
  if (self.softmax())
    return recall_reals(self, states, options, settle, workers, std::move(progress));
  return recall_signs(self, states, options, settle, workers, std::move(progress));
}

// -------------------------------------------------------------------------------------- the class

/// The patterns without a copy: those of two values lie in rows that are longer.
StatesArray patterns_of(const DenseAssociativeMemory& self) {
  const py::ssize_t count = self.count(), n = self.dimension();
  if (const auto* memory = self.softmax()) return view(memory->patterns(), {count, n}, self);
  const Patterns& patterns = self.polynomial()->patterns();
  const std::vector<py::ssize_t> shape{count, n}, strides{patterns.stride(), 1};
  py::array_t<std::int8_t> array(shape, strides, patterns.pattern(0), owner(self));
  array.attr("flags").attr("writeable") = false;
  return array;
}

std::optional<double> beta_of(const DenseAssociativeMemory& self) {
  if (const auto* memory = self.softmax()) return memory->beta();
  return std::nullopt;
}

using Order = py::typing::Union<py::int_, py::float_>;

Order order_of(const DenseAssociativeMemory& self) {
  if (const auto* memory = self.polynomial()) return Order(py::int_(memory->order()));
  return Order(py::float_(self.order()));
}

std::string repr(const DenseAssociativeMemory& self) {
  Values values{{"patterns", static_cast<double>(self.count())},
                {"units", self.dimension()},
                {"order", self.order()}};
  if (const auto beta = beta_of(self)) values.emplace_back("beta", *beta);
  return described(label, values);
}

}  // namespace

void bind_dense_memory(py::module_& module) {
  auto cls = define_class<DenseAssociativeMemory, System>(
      module, "DenseAssociativeMemory",
      "A dense associative memory: units that fall into one of many stored patterns.\n\n"
      "Of an order n = 2, 3, ..., with patterns and states of -1 and 1: the energy is\n"
      "E = -sum_mu (xi_mu . s)^n, and a unit takes the value of lower E. About\n"
      "N^(n-1) / (2 (2n-3)!! ln N) random patterns of N units are remembered without errors; "
      "order 2 is the\nHebbian Hopfield network without its diagonal. Patterns that resemble each "
      "other need a higher order; of\nan even one their negatives are memories too. As a System "
      "its step is the synchronous update; real\nstates are taken as they are.\n\n"
      "Of order math.inf, with real patterns X (P, N) and states: the softmax memory, or modern "
      "Hopfield\nnetwork. A step is x <- X^T softmax(beta X x), which never raises\n"
      "E = -ln(sum_mu exp(beta xi_mu . x)) / beta + x.x / 2 + ln(P) / beta + M^2 / 2, M the length "
      "of the longest\npattern. At large beta the pattern of the largest product with the state "
      "wins, which is the nearest one where\nall are of one length. It has a tangent and an "
      "adjoint.\n\n"
      "References\n----------\n"
      "D. Krotov, J. J. Hopfield, Advances in Neural Information Processing Systems 29 (2016). H. "
      "Ramsauer et al.,\nInternational Conference on Learning Representations (2021).\n\n"
      "Examples\n--------\n"
      ">>> DenseAssociativeMemory(patterns, order=3).recall(noisy).states\n"
      ">>> DenseAssociativeMemory(images, order=math.inf, beta=8.0).recall(damaged).states");
  define_init(cls, "A memory of patterns, which are copied.", from_patterns,
              Required<ArrayLike>{"patterns",
                                  "(patterns, units): of -1 and 1; for order=inf finite numbers"},
              Fields<DenseMemoryParams>{});
  register_fields<DenseMemoryParams>(cls);
  const Required<ArrayLike> states{
      "states",
      "state (units,), or states along axes in front, (..., units): of -1 and 1; for "
      "order=inf finite numbers"};
  define_method(
      cls, "recall",
      "Updates states until they stay as they are.\n\n"
      "Of an order: has converged when a whole sweep flips no unit. At T > 0 a unit becomes 1 with "
      "probability\n1 / (1 + exp(-D / T)), D = E(s_i = -1) - E(s_i = 1), so that exp(-E / T) is "
      "stationary, and max_sweeps sweeps are\nmade.\n\n"
      "Of order math.inf: makes steps until one moves no unit by more than tolerance. Of the other "
      "options it takes\nmax_sweeps and update='synchronous', which is what it does.\n\n"
      "Results do not depend on threads, nor state b on the states beside it.\n\n"
      "Returns\n-------\nRecall",
      "hopfield.Recall", recall_states, states, GivenFields<RecallOptions>{},
      GivenFields<SettleOptions>{}, threads_argument, progress_argument);
  register_fields(cls.attr("recall"),
                  py::tuple(fields_of<RecallOptions>() + fields_of<SettleOptions>()));
  define_method(cls, "energy",
                "E of states.\n\n"
                "Returns\n-------\nndarray\n    of the shape of states without the last axis",
                "numpy.typing.NDArray[numpy.float64]", energy, states);
  define_method(cls, "overlaps",
                "Overlaps of states with the patterns, m_mu = (1/N) xi_mu . s.\n\n"
                "Returns\n-------\nndarray\n    (..., patterns)",
                "numpy.typing.NDArray[numpy.float64]", overlaps, states);
  define_property(cls, "patterns",
                  "Patterns (patterns, units), read-only: int8, of order=inf float64.",
                  patterns_of);
  define_property(cls, "order", "Degree of the energy; math.inf for the softmax memory.", order_of);
  define_property(cls, "beta", "Inverse temperature of order=inf; else None.", beta_of);
  define_files(cls);
  define_repr(cls, repr);
  define_pickle(
      cls,
      [](const py::object& self) {
        State state;
        for (const char* name : {"patterns", "order", "beta"}) state[name] = self.attr(name);
        return state;
      },
      [](const State& state) {
        const std::string type(label);
        const auto item = [&](const char* name) { return state_item(type, state, name); };
        DenseMemoryParams params;
        params.order = Convert<double>::from(item("order"), {type, "order"}, "");
        params.beta = Convert<std::optional<double>>::from(item("beta"), {type, "beta"}, "");
        validate(params);
        return from_patterns({item("patterns")}, params);
      });
}

}  // namespace attractornet::python
