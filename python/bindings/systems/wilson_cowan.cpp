#include "wilson_cowan.hpp"

#include <pybind11/complex.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../model.hpp"

namespace attractornet::python {

namespace {

using namespace wilson_cowan;

constexpr const char* label = "WilsonCowanNetwork";

/// The argument `scale`: a number, or one that follows from the nodes.
struct Scale {
  enum Kind { number, inverse, inverse_root } kind = inverse;
  double value = 0;

  double of(std::int64_t nodes) const {
    const auto n = static_cast<double>(nodes);
    return kind == number ? value : kind == inverse ? 1 / n : 1 / std::sqrt(n);
  }
};

}  // namespace

template <>
struct Convert<Scale> {
  static std::string type() { return "float | typing.Literal['1/N', '1/sqrt(N)']"; }
  static std::string text(const Scale&) { return "'1/N'"; }
  static Scale from(py::handle value, const Place& place, const std::string& allowed) {
    constexpr std::string_view expected = "a number, '1/N' or '1/sqrt(N)'";
    if (!py::isinstance<py::str>(value)) {
      if (!PyNumber_Check(value.ptr())) wrong_type(place, value, expected);
      return {Scale::number, Convert<double>::from(value, place, allowed)};
    }
    if (utf8(value) == "1/N") return {Scale::inverse};
    if (utf8(value) == "1/sqrt(N)") return {Scale::inverse_root};
    wrong_value(place, value, expected);
  }
};

namespace {

/// A number for all nodes or one for each.
using Input = std::optional<Numbers>;

std::vector<double> input_of(const Input& input, std::int64_t nodes, std::string_view name) {
  const auto size = static_cast<std::size_t>(nodes);
  if (!input) return std::vector<double>(size);
  if (input->ndim() == 0) return std::vector<double>(size, *input->data());
  expect_shape(*input, {label, name}, {nodes},
               "a number or (" + std::to_string(nodes) + ",), one for each node");
  return {input->data(), input->data() + nodes};
}

std::unique_ptr<WilsonCowanNetwork> from_arrays(const Numbers& coupling, const Scale& scale,
                                                const Input& input_e, const Input& input_i,
                                                const Params& params) {
  const Place place{label, "coupling"};
  const std::int64_t nodes = std::max<std::int64_t>(coupling.ndim() > 0 ? coupling.shape(0) : 0, 1);
  expect_shape(coupling, place, {nodes, nodes}, "(nodes, nodes), neither 0");
  std::vector<double> e = input_of(input_e, nodes, "input_e");
  std::vector<double> i = input_of(input_i, nodes, "input_i");
  return released([&] {
    return std::make_unique<WilsonCowanNetwork>(
        std::make_shared<const Network>(
            std::vector<double>(coupling.data(), coupling.data() + nodes * nodes), scale.of(nodes),
            std::move(e), std::move(i)),
        params);
  });
}

/// Eigenvalues of the Jacobian, by NumPy.
std::vector<std::complex<double>> spectrum(const WilsonCowanNetwork& self, const Numbers& state) {
  expect_state(state, self, {"WilsonCowanNetwork.spectrum", "state"});
  const py::array_t<double> jacobian = jacobian_of(self, state.data());
  const auto eigenvalues = py::module_::import("numpy.linalg").attr("eigvals");
  const std::int64_t n = self.network().nodes();
  std::vector<std::complex<double>> result;
  const auto add = [&](const py::object& values) {
    const auto found = py::cast<DenseArray<std::complex<double>>>(values);
    result.insert(result.end(), found.data(), found.data() + found.size());
  };
  if (self.params().w_ie == 0) {
    // Excitation does not reach inhibition: each half of the state has its own.
    const py::slice half(0, n, 1);
    add(eigenvalues(jacobian[py::make_tuple(half, half)]));
    for (std::int64_t i = n; i < 2 * n; ++i) result.emplace_back(jacobian.at(i, i));
  } else {
    add(eigenvalues(jacobian));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.real() > b.real(); });
  return result;
}

constexpr const char* arrays[] = {"coupling", "scale", "input_e", "input_i"};

State state_of_network(const py::object& self) {
  State state = state_of(made<WilsonCowanNetwork>(self, {label, "self"}).values());
  for (const char* name : arrays) state[name] = self.attr(name);
  return state;
}

std::unique_ptr<WilsonCowanNetwork> network_of(const State& state) {
  const auto item = [&](const char* name) { return state_item(label, state, name); };
  const auto read = [&](const char* name) {
    return Convert<Numbers>::from(item(name), {label, name}, "");
  };
  const Scale scale{Scale::number, Convert<double>::from(item("scale"), {label, "scale"}, "")};
  return from_arrays(read("coupling"), scale, read("input_e"), read("input_i"),
                     parameters_of<Params>(values_in(state, values_of(Params{}), label)));
}

}  // namespace

void bind_wilson_cowan(py::module_& module) {
  auto cls = define_class<WilsonCowanNetwork, Flow>(
      module, label,
      "A network of Wilson-Cowan nodes, excitatory and inhibitory populations: a flow.\n\n"
      "dx/dt = -alpha_e x + (1 - x) f(s_e), gamma dy/dt = -alpha_i y + (1 - y) g(s_i) with rates "
      "f(s) = amplitude\ntanh(beta s) + offset, s_e = w_ee x - w_ei y + h_e + input_e + scale "
      "coupling @ x and s_i = w_ie x - w_ii y + h_i\n+ input_i. The state is x, then y; by default "
      "a node alone has two stable states (Fig. 3 of the paper).\n\n"
      "References\n----------\n"
      "R. Marino et al., arXiv:2406.16453. H. R. Wilson, J. D. Cowan, Biophys. J. 12 (1972) 1.\n\n"
      "Examples\n--------\n"
      ">>> network = WilsonCowanNetwork(connectome, w_ie=12.0)\n"
      ">>> network.integrate(x0, y0, 1000, dt=0.05, trace_every=10).x_trace\n"
      ">>> lyapunov_spectrum(Discretised(network, 0.1), k=3)");
  define_init(
      cls, "A network of a given coupling, which is copied.",
      [](const Numbers& coupling, const Scale& scale, const Input& input_e, const Input& input_i,
         const Params& params) { return from_arrays(coupling, scale, input_e, input_i, params); },
      Required<Numbers>{"coupling", "A (nodes, nodes); A_ij leads from node j to node i"},
      Defaulted<Scale>{
          "scale",
          {},
          "Gamma, what the coupling is multiplied with: '1/N' as in the paper; "
          "'1/sqrt(N)' as in its code, which SpectralCoupling.plant is made for; 1 for "
          "a ProjectedCoupling, and for weights as they are"},
      Defaulted<Input>{"input_e", std::nullopt,
                       "input of excitatory populations beside h_e, a number or (nodes,); None: 0"},
      Defaulted<Input>{"input_i", std::nullopt,
                       "input of inhibitory populations beside h_i, a number or (nodes,); None: 0"},
      Fields<Params>{});
  register_fields<Params>(cls);
  define_property(cls, "nodes", "Number N of nodes.",
                  [](const WilsonCowanNetwork& self) { return self.network().nodes(); });
  define_property(cls, "coupling", "Coupling A (nodes, nodes), read-only.",
                  [](const WilsonCowanNetwork& self) {
                    const int nodes = self.network().nodes();
                    return view(self.network().a(), {nodes, nodes}, self);
                  });
  define_property(cls, "scale", "Gamma, what the coupling is multiplied with.",
                  [](const WilsonCowanNetwork& self) { return self.network().scale(); });
  define_property(cls, "input_e", "Inputs of excitatory populations (nodes,), read-only.",
                  [](const WilsonCowanNetwork& self) {
                    return view(self.network().input_e(), {self.network().nodes()}, self);
                  });
  define_property(cls, "input_i", "Inputs of inhibitory populations (nodes,), read-only.",
                  [](const WilsonCowanNetwork& self) {
                    return view(self.network().input_i(), {self.network().nodes()}, self);
                  });
  for_each_field<Params>([&](const auto& field) {
    define_property(
        cls, std::string(field.name).c_str(), std::string(field.meaning).c_str(),
        [member = field.member](const WilsonCowanNetwork& self) { return self.params().*member; });
  });
  define_method(
      cls, "spectrum",
      "Eigenvalues of the Jacobian at a state: whether perturbations of it die out.\n\n"
      "Returns\n-------\nndarray\n    (2 nodes,), the largest real part first",
      "numpy.typing.NDArray[numpy.complex128]",
      [](const WilsonCowanNetwork& self, const Numbers& state) {
        const auto found = spectrum(self, state);
        return py::array_t<std::complex<double>>(static_cast<py::ssize_t>(found.size()),
                                                 found.data());
      },
      Required<Numbers>{"state", "(2 nodes,), x of all nodes, then y"});
  define_runs(cls);
  define_files(cls);
  define_repr(cls, [](const WilsonCowanNetwork& self) {
    Values shown{{"nodes", self.network().nodes()}, {"scale", self.network().scale()}};
    for (const auto& each : differing(self.values(), values_of(Params{}))) shown.push_back(each);
    return described(label, shown);
  });
  define_pickle(cls, state_of_network, network_of);
}

}  // namespace attractornet::python
