// Training on a device: epochs, and where states settle.
#include <array>
#include <attractornet/dynamics/wilson_cowan_cuda.hpp>
#include <attractornet/learn/wilson_cowan_cuda.hpp>
#include <limits>
#include <utility>
#include <vector>

#include "../learn/epoch.hpp"
#include "bindings.hpp"

namespace attractornet::python {

namespace {

using cuda::Examples;
using cuda::Products;
using learn::Loss;

/// What rows of x are, in float32.
DenseArray<float> rows_of(const ArrayLike& x, std::int64_t nodes, const Place& place) {
  const py::array array = as_array(x.value, place);
  expect_reals(array, x.value, place);
  expect_shape(array, place, {-1, nodes}, "(samples, nodes)");
  return finite_reals<float>(array, x.value, place);
}

// NOTE: couplings are the core's, whose classes depend on its instruction set: what they are made
// of is asked for as Python would.

Place coupling_place(const char* part) { return {epoch_label, part}; }

Matrix<float> matrix_in(const py::object& coupling, const char* name) {
  const py::object value = coupling.attr(name);
  if (!py::isinstance<py::array_t<float>>(value))
    refuse(epoch_label, "coupling is float64", "float32, of a model on a device");
  return matrix_of<float>(value, -1, -1, coupling_place(name));
}
std::vector<bool> mask_in(const py::object& coupling, const char* name) {
  const auto values = py::cast<py::array_t<bool>>(coupling.attr(name));
  return std::vector<bool>(values.data(), values.data() + values.size());
}
double bound_in(const py::object& coupling, const char* name, double none) {
  const py::object value = coupling.attr(name);
  return value.is_none() ? none : py::cast<double>(value);
}
py::array_t<float> square_array(const float* from, std::int64_t nodes) {
  return py::array_t<float>({nodes, nodes}, from);
}

/// An epoch there, by any weights.
template <class Weights, class Fill, class Coupling>
Epoch epoch_there(const Weights& weights, const Examples& examples, Loss loss, Products products,
                  const EpochArguments& a, Reporter progress, Fill numbers, Coupling coupling) {
  if (examples.nodes() != weights.nodes())
    refuse(epoch_label, "x has " + std::to_string(examples.nodes()) + " nodes",
           std::to_string(weights.nodes()) + ", those of coupling");
  return run_epoch<float>(weights, a, examples.count(), std::move(progress), numbers, coupling,
                          [&](const Taken& taken, const learn::Targets<float>& targets,
                              learn::Trained<float>& trained, Monitor& monitor) {
                            return cuda::TrainedEpoch{
                                a.setting,          targets,       loss,
                                products,           examples,      taken.labels.data(),
                                taken.order.data(), taken.count(), taken.rates.data(),
                                a.threads}
                                .run(weights, trained, monitor);
                          });
}

Epoch train_epoch(const py::object& coupling, const py::object& x, const ArrayLike& labels,
                  const Numbers& targets, const ArrayLike& order, const Numbers& rates,
                  const py::object& moments, Loss loss, std::int64_t steps, double scale,
                  Products products, const EpochFields& fields, const learn::AdamOptions& adam,
                  const wilson_cowan::Params& params, const std::optional<std::int64_t>& threads,
                  Reporter progress) {
  const std::string where = epoch_label;
  const auto a = epoch_arguments(labels, order, rates, targets, moments, steps, scale, fields, adam,
                                 params, threads);
  if (fields.scheme != wilson_cowan::Scheme::euler)
    refuse(where, "scheme is " + std::string(name_of(fields.scheme)), "euler, of a device");
  const auto& examples = made<Examples>(x, {where, "x"});
  if (!py::hasattr(coupling, "phi")) {
    expect_no_penalty(fields.orthogonality);
    const Matrix<float> b = matrix_in(coupling, "weights");
    return epoch_there(
        learn::ProjectedWeights<float>(matrix_in(coupling, "basis")), examples, loss, products, a,
        std::move(progress), [&](float* to) { b.write(to, b.columns); },
        [&](const float* from) { return coupling.attr("replace")(square_array(from, b.rows)); });
  }
  const Matrix<float> phi = matrix_in(coupling, "phi");
  const auto eigenvalues = py::cast<py::array_t<float>>(coupling.attr("eigenvalues"));
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::int64_t n = phi.rows;
  return epoch_there(
      learn::SpectralWeights<float>(
          n,
          {mask_in(coupling, "train_columns"), mask_in(coupling, "train_eigenvalues"),
           bound_in(coupling, "eigenvalue_min", -infinity),
           bound_in(coupling, "eigenvalue_max", infinity)},
          fields.orthogonality),
      examples, loss, products, a, std::move(progress),
      [&](float* to) {
        phi.write(to, n);
        std::copy_n(eigenvalues.data(), n, to + n * n);
      },
      [&](const float* from) {
        return coupling.attr("replace")(square_array(from, n), py::array_t<float>(n, from + n * n));
      });
}

py::array_t<float> settle(const ArrayLike& coupling, const ArrayLike& x, std::int64_t steps,
                          double dt, double scale, Products products,
                          const wilson_cowan::Params& params, Reporter progress) {
  const std::string where = "settle";
  const Place place{where, "coupling"};
  const py::array given = as_array(coupling.value, place);
  const std::int64_t nodes = given.ndim() == 2 ? given.shape(0) : 1;
  expect_shape(given, place, {nodes, nodes}, "(nodes, nodes)");
  const auto a = rows_of(coupling, nodes, place), start = rows_of(x, nodes, {where, "x"});
  py::array_t<float> result({start.shape(0), nodes});
  std::copy_n(start.data(), start.size(), result.mutable_data());
  float* const states = result.mutable_data();
  PythonMonitor monitor(std::move(progress), where, "samples");
  released([&] {
    const cuda::EulerRun run{params, a.data(), nodes, scale, steps, dt, products};
    run.settle(states, start.shape(0), monitor);
    monitor.end();
  });
  return result;
}

/// Numbers of a tuple, such as addresses.
template <std::size_t N>
std::array<std::intptr_t, N> numbers_of(const py::object& tuple) {
  return py::cast<std::array<std::intptr_t, N>>(tuple);
}
float* address(std::intptr_t number) { return reinterpret_cast<float*>(number); }

cuda::DeviceTape tape_of(const py::object& sizes, const py::object& memory, double dt, double scale,
                         Products products, const wilson_cowan::Params& params) {
  const auto [nodes, stride, samples, steps] = numbers_of<4>(sizes);
  const auto [a, tau_i, drives, x, y, e, i] = numbers_of<7>(memory);
  return {params,          scale,      dt,         nodes,      stride,
          samples,         steps,      products,   address(a), address(tau_i),
          address(drives), address(x), address(y), address(e), address(i)};
}
void forward(const py::object& sizes, const py::object& memory, std::int64_t stream, double dt,
             double scale, Products products, const wilson_cowan::Params& params) {
  const auto tape = tape_of(sizes, memory, dt, scale, products, params);
  released([&] { tape.forward(reinterpret_cast<void*>(stream)); });
}
void reverse(const py::object& sizes, const py::object& memory, const py::object& gradient,
             std::int64_t stream, double dt, double scale, Products products,
             const wilson_cowan::Params& params) {
  const auto tape = tape_of(sizes, memory, dt, scale, products, params);
  const auto [dx, x, y, by_tau, da] = numbers_of<5>(gradient);
  const cuda::DeviceTape::Gradient to{address(dx), address(x), address(y), address(by_tau),
                                      address(da)};
  released([&] { tape.reverse(reinterpret_cast<void*>(stream), to); });
}

std::unique_ptr<Examples> examples_of(const ArrayLike& x) {
  const auto rows = rows_of(x, -1, {"Examples", "x"});
  return std::make_unique<Examples>(rows.data(), rows.shape(0), rows.shape(1));
}

}  // namespace

void bind_cuda_train(py::module_& module) {
  auto cls = define_class<Examples>(module, "Examples", "Examples that lie on the device.");
  define_init(cls, "Copies them there.", examples_of,
              Required<ArrayLike>{"x", "rows (examples, nodes)"});
  const Defaulted<Products> products{"products", Products::float32,
                                     "how products of matrices are made"};
  define_train_epoch(module, "As that of the core, of a float32 coupling, by Euler's steps.",
                     train_epoch, Required<py::object>{"x", "Examples"},
                     Defaulted<Loss>{"loss", Loss::cross_entropy, loss_meaning}, products);
  define(module, "settle", "Where states settle (samples, nodes).",
         "numpy.typing.NDArray[numpy.float32]", settle,
         Required<ArrayLike>{"coupling", "(nodes, nodes)"},
         Required<ArrayLike>{"x", "activities of both populations at the start (samples, nodes)"},
         Required<std::int64_t>{"steps", "steps of Euler"},
         Required<double>{"dt", "length of a step"},
         Required<double>{"scale", "Gamma, what the coupling is multiplied with"}, products,
         Fields<wilson_cowan::Params>{}, progress_argument);

  // What a layer of torch is made of: memory is torch's, and told by its address.
  const Required<py::object> sizes{"sizes", "nodes, stride, samples and steps"};
  const Required<py::object> memory{"memory", "addresses of a, tau_i, drives, x, y, e and i"};
  const Required<std::int64_t> stream{"stream", "of CUDA, its address"};
  const Required<double> dt{"dt", "length of a step"}, scale{"scale", "Gamma"};
  define(module, "forward", "Asks for a run (DeviceTape::forward).", "None", forward, sizes, memory,
         stream, dt, scale, products, Fields<wilson_cowan::Params>{});
  define(module, "reverse", "Asks for the way back (DeviceTape::reverse).", "None", reverse, sizes,
         memory, Required<py::object>{"gradient", "addresses of dx, x, y, by_tau and da"}, stream,
         dt, scale, products, Fields<wilson_cowan::Params>{});
}

}  // namespace attractornet::python
