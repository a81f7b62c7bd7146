#include <attractornet/learn/judge.hpp>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "classes.hpp"

namespace attractornet::python {

namespace {

using learn::Loss;

struct StateLoss {
  double value = 0;
  RealArray dx;
};

/// f(T, states (samples, nodes)) in the type of the array.
template <class F>
auto with_states(const ArrayLike& given, std::int64_t nodes, const std::string& where, F f) {
  const Place place{where, "x"};
  const py::array array = as_array(given.value, place);
  expect_reals(array, given.value, place);
  expect_shape(array, place, {-1, nodes},
               "(samples, " + std::to_string(nodes) + "), a value for each node of targets");
  return in_type(real_of(array),
                 [&]<class T>(T) { return f(T(), finite_reals<T>(array, given.value, place)); });
}

std::int64_t nodes_of(const Numbers& targets) { return targets.ndim() == 2 ? targets.shape(1) : 1; }

py::array_t<double> probabilities(const ArrayLike& x, const Numbers& targets) {
  const std::string where = "probabilities";
  const Patterns patterns = class_patterns(targets, nodes_of(targets), where);
  return with_states(x, patterns.nodes, where, [&]<class T>(T, const DenseArray<T>& dense) {
    const std::int64_t samples = dense.shape(0), count = patterns.count;
    checked_size(where, "samples x classes", {samples, count});
    const auto of = targets_of<T>(patterns);
    py::array_t<double> result({samples, count});
    double* to = result.mutable_data();
    const T* from = dense.data();
    released([&] {
      for (std::int64_t b = 0; b < samples; ++b)
        of.probabilities(from + b * of.nodes(), to + b * count);
    });
    return result;
  });
}

StateLoss state_loss(const ArrayLike& x, const ArrayLike& labels, const Numbers& targets,
                     Loss loss) {
  const std::string where = "state_loss";
  const Patterns patterns = class_patterns(targets, nodes_of(targets), where);
  return with_states(x, patterns.nodes, where, [&]<class T>(T, const DenseArray<T>& dense) {
    const std::int64_t samples = dense.shape(0), nodes = patterns.nodes;
    if (samples == 0) refuse(where, "x is empty", "a state at least");
    const auto of = targets_of<T>(patterns);
    const auto true_classes = labels_of(labels, samples, patterns.count, where);
    py::array_t<T> dx({samples, nodes});
    T* to = dx.mutable_data();
    const T* from = dense.data();
    const double value = released([&] {
      Monitor monitor;
      return learn::judge_of(of, loss, 1)(from, nodes, true_classes.data(), samples, to, monitor)
          .loss;
    });
    return StateLoss{value, dx};
  });
}

}  // namespace

void bind_learn_losses(py::module_& parent) {
  py::module_ module = learn_module(parent);
  Record<StateLoss>(module, "StateLoss", "A loss and its derivatives.")
      .member("value", &StateLoss::value, "The mean over the states.")
      .member("dx", &StateLoss::dx, "Its derivatives by x, of the shape of x.")
      .finish();
  define(module, "probabilities",
         "Probabilities of classes, of where states ended.\n\n"
         "The nearer a pattern T_k the more: q_k is in inverse proportion to |x - T_k|^2 / "
         "|T_k|.\n\n"
         "Returns\n-------\nndarray\n    (samples, classes)\n\n"
         "References\n----------\nR. Marino et al., arXiv:2406.16453, eq. 10 to 12.",
         "numpy.typing.NDArray[numpy.float64]", probabilities,
         Required<ArrayLike>{"x", "states (samples, nodes)"},
         Required<Numbers>{"targets", "pattern of each class (classes, nodes)"});
  define(module, "state_loss",
         "A loss of where states ended, and its derivatives.\n\n"
         "Returns\n-------\nStateLoss\n\n"
         "References\n----------\nR. Marino et al., arXiv:2406.16453, eq. 9 to 12.",
         "StateLoss", state_loss, Required<ArrayLike>{"x", "states (samples, nodes)"},
         Required<ArrayLike>{"labels", "their classes (samples,)"},
         Required<Numbers>{"targets", "pattern of each class (classes, nodes)"},
         Defaulted<Loss>{"loss", Loss::cross_entropy, loss_meaning});
}

}  // namespace attractornet::python
